"""The connector as a Django app: its system checks, no model."""

from __future__ import annotations

from django.apps import AppConfig


class AnnuaireSanteConfig(AppConfig):
    name = "perinat.connectors.annuaire_sante"
    label = "annuaire_sante"
    verbose_name = "Annuaire Santé"

    def ready(self) -> None:
        from perinat.connectors.annuaire_sante import checks  # registers them

        checks.register_all()
