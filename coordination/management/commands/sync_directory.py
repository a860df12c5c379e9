"""manage.py sync_directory [--full] [--departement 78]: read the national directory into the mirror, to its end."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from coordination.services import directory_sync
from perinat.standards.health_directory import DirectoryError


class Command(BaseCommand):
    help = "Met à jour le miroir local de l'Annuaire Santé (reprend une lecture interrompue)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--full", action="store_true", help="tout relire, et marquer ce qui n'est plus publié")
        parser.add_argument("--departement", action="append", help="par défaut : ANNUAIRE_DEPARTEMENTS")

    def handle(self, *args: Any, **options: Any) -> None:
        for departement in options["departement"] or settings.ANNUAIRE_DEPARTEMENTS:
            try:
                done = directory_sync.sync(departement, full=options["full"])
            except DirectoryError as error:
                raise CommandError(f"{departement} : {error.message_fr} ({error.code})") from error
            if not done:
                raise CommandError(f"{departement} : une autre lecture est en cours.")
            self.stdout.write(f"{departement} : à jour.")
