"""Django application of the core."""

from django.apps import AppConfig


class CoordinationConfig(AppConfig):
    name = "coordination"
    verbose_name = "Coordination ville-hôpital"

    def ready(self) -> None:
        from coordination import checks  # noqa: F401  (registers the system checks)
