"""The gateway as a Django app: no model, only its system checks."""

from django.apps import AppConfig


class DmpGatewayConfig(AppConfig):
    name = "dmp_gateway"
    verbose_name = "Passerelle DMP"

    def ready(self) -> None:
        from dmp_gateway import checks  # registers them

        checks.register_all()
