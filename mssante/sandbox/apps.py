"""Django application of the sandbox operator (installed in dev and test settings only)."""

from __future__ import annotations

from django.apps import AppConfig


class MssanteSandboxConfig(AppConfig):
    name = "mssante.sandbox"
    label = "mssante_sandbox"
    verbose_name = "Opérateur MSSanté fictif"
