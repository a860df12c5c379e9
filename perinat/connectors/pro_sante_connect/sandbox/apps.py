"""Django app of the PSC sandbox: it only brings the command `psc_sandbox`."""

from __future__ import annotations

from django.apps import AppConfig


class PscSandboxConfig(AppConfig):
    name = "perinat.connectors.pro_sante_connect.sandbox"
    label = "psc_sandbox"
    verbose_name = "Pro Santé Connect de bac à sable"
