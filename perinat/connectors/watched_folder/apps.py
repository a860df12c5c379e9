"""The connector as a Django app: its command and its system checks, no model."""

from __future__ import annotations

from django.apps import AppConfig


class WatchedFolderConfig(AppConfig):
    name = "perinat.connectors.watched_folder"
    label = "watched_folder"
    verbose_name = "Dossier surveillé"

    def ready(self) -> None:
        from perinat.connectors.watched_folder import checks  # registers them

        checks.register_all()
