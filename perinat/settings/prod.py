"""Production: TLS in front, secrets from the environment, no sandbox installed."""

from perinat.settings.base import *  # noqa: F403
from perinat.settings.base import CACHES, REDIS_URL, env

SANDBOX = False
SECRET_KEY = env.str("SECRET_KEY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
PROXIES_IN_FRONT = env.int("PROXIES_IN_FRONT", default=1)  # their X-Forwarded-For says whose failures are counted
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^etat$"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
IDENTITY_ACCEPTS_PRODUCTION = env.bool("IDENTITY_ACCEPTS_PRODUCTION", default=True)
CACHES = {**CACHES, "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
