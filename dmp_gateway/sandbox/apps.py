"""Django app of the DMP sandbox: it only brings the command `dmp_sandbox`."""

from __future__ import annotations

from django.apps import AppConfig


class DmpSandboxConfig(AppConfig):
    name = "dmp_gateway.sandbox"
    label = "dmp_sandbox"
    verbose_name = "DMP de bac à sable"
