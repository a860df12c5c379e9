"""The connector as a Django app: its pages and its system checks, no model."""

from __future__ import annotations

from django.apps import AppConfig


class ProSanteConnectConfig(AppConfig):
    name = "perinat.connectors.pro_sante_connect"
    verbose_name = "Pro Santé Connect"

    def ready(self) -> None:
        from perinat.connectors.pro_sante_connect import checks  # registers them

        checks.register_all()
