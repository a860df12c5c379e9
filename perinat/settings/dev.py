"""Development and demonstration: sandboxes installed, pages over plain HTTP on loopback."""

import os

from perinat.settings.base import *  # noqa: F403
from perinat.settings.base import BASE_DIR, INSTALLED_APPS, VAR_DIR, env

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="development-only-" + "0" * 40)
SANDBOX = True
INSTALLED_APPS = [
    *INSTALLED_APPS,
    "perinat.connectors.igc_sante.sandbox",
    "dmp_gateway.sandbox",
    "mssante.sandbox",
    "perinat.connectors.pro_sante_connect.sandbox",
    "perinat.connectors.annuaire_sante.sandbox",
    "perinat.connectors.insi.sandbox",
    "perinat.connectors.hl7v2.sandbox",
]
# The secret that `psc_sandbox` knows.
PSC_CLIENT_SECRET = env.str("PSC_CLIENT_SECRET", default="bac-a-sable-pro-sante-connect-0001")
# The key that `annuaire_sandbox` knows.
ANNUAIRE_API_KEY = env.str("ANNUAIRE_API_KEY", default="cle-annuaire-bac-a-sable-0001")
# The national rules stand beside the checkout of a developer; production names its own folder.
ANS_PACK = env.str("ANS_PACK", default="") or next(
    (os.fspath(p) for p in [BASE_DIR.parent / "shared" / "ans" / "pack"] if p.is_dir()), ""
)
# The applicative boxes of the demonstration (coordination.demo.world), unless others are given.
MSSANTE_MAILBOXES = env.dict(
    "MSSANTE_MAILBOXES",
    default={
        "perinat.valombre@maternite.mssante.example": "1997800016",
        "perinat.tilleuls@maternite.mssante.example": "1997800024",
        "perinat.bregy@maternite.mssante.example": "1997800032",
        "perinat.grandspres@sages-femmes.mssante.example": "1997800040",
        "perinat.saule@sages-femmes.mssante.example": "1997800057",
    },
)
DMP_SANDBOX_ADMIN_URL = env.str("DMP_SANDBOX_ADMIN_URL", default="http://127.0.0.1:8442")
MSSANTE_SANDBOX_ADMIN_URL = env.str("MSSANTE_SANDBOX_ADMIN_URL", default="http://127.0.0.1:8588")
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = env.str("EMAIL_FILE_PATH", default=str(VAR_DIR / "mail"))
