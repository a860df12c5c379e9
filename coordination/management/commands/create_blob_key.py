"""manage.py create_blob_key: the first key of an installation; refuses when there is one already."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from coordination import blobs


class Command(BaseCommand):
    help = "Crée la première clé de chiffrement des papiers (BLOB_KEYS_DIR). À sauvegarder à part."
    requires_system_checks: list[str] = []  # the check of the keys would fail before the first one

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.BLOB_KEYS_DIR)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.glob("*.key")):
            raise CommandError("Une clé existe déjà : elle n'est jamais remplacée.")
        self.stdout.write(f"Clé créée : {blobs.create_first_key(folder)}. Sauvegardez-la hors de ce serveur.")
