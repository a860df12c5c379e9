"""Django app of the Annuaire Santé sandbox: it only brings the command `annuaire_sandbox`."""

from __future__ import annotations

from django.apps import AppConfig


class AnnuaireSandboxConfig(AppConfig):
    name = "perinat.connectors.annuaire_sante.sandbox"
    label = "annuaire_sandbox"
    verbose_name = "Annuaire Santé de bac à sable"
