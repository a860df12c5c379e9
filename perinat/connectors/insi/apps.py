"""The connector as a Django app: its system checks, no model."""

from __future__ import annotations

from django.apps import AppConfig


class InsiConfig(AppConfig):
    name = "perinat.connectors.insi"
    label = "insi"
    verbose_name = "INSi"

    def ready(self) -> None:
        from perinat.connectors.insi import checks  # registers them

        checks.register_all()
