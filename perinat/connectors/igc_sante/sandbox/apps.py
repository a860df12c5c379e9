"""Django app of the sandbox authority: it only brings the command `sandbox_pki`."""

from __future__ import annotations

from django.apps import AppConfig


class IgcSanteSandboxConfig(AppConfig):
    name = "perinat.connectors.igc_sante.sandbox"
    label = "igc_sante_sandbox"
    verbose_name = "IGC-Santé de bac à sable"
