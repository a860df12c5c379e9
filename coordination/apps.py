"""Django application of the core."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from perinat.standards import value_sets


class CoordinationConfig(AppConfig):
    name = "coordination"
    verbose_name = "Coordination ville-hôpital"

    def ready(self) -> None:
        from coordination import auth, checks  # noqa: F401  (sign-ins are dated; system checks)

        value_sets.configure(Path(settings.CODES_DIR))
