"""WSGI entry point (gunicorn gthread)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perinat.settings.dev")
application = get_wsgi_application()
