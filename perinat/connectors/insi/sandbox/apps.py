"""Django app of the INSi sandbox: it only brings the command `insi_sandbox`."""

from __future__ import annotations

from django.apps import AppConfig


class InsiSandboxConfig(AppConfig):
    name = "perinat.connectors.insi.sandbox"
    label = "insi_sandbox"
    verbose_name = "INSi de bac à sable"
