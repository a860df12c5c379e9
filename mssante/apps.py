"""Django app of the MSSanté gateway: one model (IMAP cursors) and the system checks."""

from __future__ import annotations

from django.apps import AppConfig


class MssanteConfig(AppConfig):
    name = "mssante"
    label = "mssante"
    verbose_name = "Messagerie sécurisée de santé"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import mssante.checks  # noqa: F401  # registers the checks
