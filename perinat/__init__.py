"""perinat: ville-hôpital coordination of the return home after a birth."""

from perinat.celery import app as celery_app

__all__ = ["celery_app"]
