"""Django app of the sandbox: it only brings the command `dpi_sandbox`."""

from __future__ import annotations

from django.apps import AppConfig


class DpiSandboxConfig(AppConfig):
    name = "perinat.connectors.hl7v2.sandbox"
    label = "dpi_sandbox"
    verbose_name = "Dossier patient informatisé de bac à sable"
