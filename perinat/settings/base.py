"""Settings shared by all environments. Everything that varies comes from the environment.

Names are documented in `.env.example` (a test compares). Facts of the outside world (deadlines,
thresholds) are not here: see `coordination/deadlines.py`.
"""

from pathlib import Path

from kombu import Exchange, Queue

from perinat.settings.outside import *  # noqa: F403
from perinat.settings.outside import BASE_DIR, CHANNELS, COLLECTION_QUEUE, VAR_DIR, env

SECRET_KEY = env.str("SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "pgtrigger",
    "rest_framework",
    "django_htmx",
    "axes",
    "coordination",
    "dmp_gateway",
    "mssante",
    "perinat.connectors.pro_sante_connect",
    "perinat.connectors.annuaire_sante",
    "perinat.connectors.hl7v2",
    "perinat.connectors.watched_folder",
    "perinat.connectors.insi",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "coordination.views.plain_text.WithoutNul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "perinat.connectors.pro_sante_connect.middleware.EndProSanteConnectSession",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "perinat.urls"
WSGI_APPLICATION = "perinat.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "coordination.views.context.shell",
            ],
            "builtins": ["coordination.templatetags.perinat"],
        },
    }
]

# --- Data -------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="postgresql://perinat@/perinat")
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# PostgreSQL keeps the plan of a statement asked five times on a connection: half of its work on each sending.
# Not behind a pooler that changes connection between transactions.
if env.bool("DATABASE_PREPARED", default=True):
    DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Files are encrypted (AES-256-GCM); each file of the key folder is one key, named by its id.
BLOB_DIR = Path(env.str("BLOB_DIR", default=str(VAR_DIR / "blobs")))
BLOB_KEYS_DIR = Path(env.str("BLOB_KEYS_DIR", default=str(VAR_DIR / "keys")))
DEPOSIT_MAX_BYTES = env.int("DEPOSIT_MAX_BYTES", default=20 * 1024 * 1024)
DEPOSIT_MAX_PAGES = env.int("DEPOSIT_MAX_PAGES", default=60)
DEPOSIT_MAX_FILES = env.int("DEPOSIT_MAX_FILES", default=50)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FILES = DEPOSIT_MAX_FILES

# --- People and sessions ----------------------------------------------------------------------
AUTH_USER_MODEL = "coordination.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "perinat.connectors.pro_sante_connect.backend.ProSanteConnectBackend",
    "coordination.backends.AccountBackend",
]
BACKENDS_WITHOUT_PASSWORD = ["perinat.connectors.pro_sante_connect.backend.ProSanteConnectBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", default=15 * 60)  # shared ward PC: locks after 15 idle minutes
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # the idle limit is that of the row in the database
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "perinat.sessions"  # a lock or sign-out holds in every process at once
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # a message may bear a name: no cookie
AXES_FAILURE_LIMIT = 5  # of one account from one address
SIGN_IN_FAILURES_PER_ADDRESS = 30  # of all accounts from one address: a whole hospital may share it
PROXIES_IN_FRONT = env.int("PROXIES_IN_FRONT", default=0)
AXES_CLIENT_IP_CALLABLE = "coordination.sign_in.address_of"
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = "coordination.sign_in.lockout_parameters"
AXES_LOCKOUT_TEMPLATE = "coordination/locked_out.html"
AXES_VERBOSE = False

# --- Language and time ------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"

# --- Queue: Redis is the doorbell, the database is the truth --------------------------------------
OUTBOX_LEASE_SECONDS = env.int("OUTBOX_LEASE_SECONDS", default=900)  # longer than the longest sending
OUTBOX_BREAKER_FAILURES = env.int("OUTBOX_BREAKER_FAILURES", default=5)  # in a row, before a channel is left alone
OUTBOX_RELEASE_PER_MINUTE = env.float("OUTBOX_RELEASE_PER_MINUTE", default=120.0)  # when a channel comes back
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
TOKENS_URL = env.str("TOKENS_URL", default="") or REDIS_URL  # a server that writes nothing on disk (ECO.1.2.5)
# One queue per channel, with its own workers, and one for the mailboxes that are read: what is silent holds nothing
# else (ADR 0017).
CELERY_TASK_DEFAULT_QUEUE = "perinat"
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name) for name in (CELERY_TASK_DEFAULT_QUEUE, *CHANNELS, COLLECTION_QUEUE)
]
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # never in the middle of a sending: leases protect
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TASK_PUBLISH_RETRY = False  # a deaf doorbell must not slow a page: the beat sweeps
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": max(600, OUTBOX_LEASE_SECONDS + 60),  # a message is not given again while its task may run
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "max_retries": 1,  # a deaf doorbell is told at once
    "interval_start": 0,
    "interval_step": 0.2,
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Of who is signed in, encrypted, for the workers (ADR 0021): between processes, and never waited for. A socket is
    # named otherwise by Celery and by redis-py.
    "tokens": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": TOKENS_URL.replace("redis+socket://", "unix://", 1).replace("?virtual_host=", "?db=", 1),
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
    },
}

MESSAGE_ID_DOMAIN = env.str("MESSAGE_ID_DOMAIN", default="perinat.example")
UNDO_SECONDS = env.int("UNDO_SECONDS", default=10)

PSC_DISCOVERY_URL = env.str("PSC_DISCOVERY_URL", default="")
PSC_CLIENT_ID = env.str("PSC_CLIENT_ID", default="perinat")
PSC_CLIENT_SECRET = env.str("PSC_CLIENT_SECRET", default="")
PSC_CLIENT_CERTIFICATE = env.str("PSC_CLIENT_CERTIFICATE", default="")
PSC_CLIENT_KEY = env.str("PSC_CLIENT_KEY", default="")
PSC_PROMPT = env.str("PSC_PROMPT", default="login")
PSC_USER_RESOLVER = "coordination.auth.user_of"

EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_FILE_PATH = env.str("EMAIL_FILE_PATH", default=str(VAR_DIR / "mail"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ne-pas-repondre@perinat.example")

# --- Pages --------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "coordination.api.errors.handler",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "perinat",
    "VERSION": "1",
    "DESCRIPTION": "Lecture seule, par la session ouverte dans perinat. Jamais le contenu d'un document.",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# --- Logs: event names and ids, never a name, an INS or a content ---------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "perinat.logs.QuietFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}
