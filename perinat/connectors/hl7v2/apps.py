"""The connector as a Django app: its command and its system checks, no model."""

from __future__ import annotations

from django.apps import AppConfig


class Hl7v2Config(AppConfig):
    name = "perinat.connectors.hl7v2"
    label = "hl7v2"
    verbose_name = "HL7 v2"

    def ready(self) -> None:
        from perinat.connectors.hl7v2 import checks  # registers them

        checks.register_all()
