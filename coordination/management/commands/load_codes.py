"""manage.py load_codes DIR: refresh the official code lists from the files that ANS publishes.

DIR holds SVS files (.xml, RetrieveValueSetResponse) and FHIR ones (.json: ValueSet, CodeSystem, ConceptMap).
All or nothing: one file that cannot be taken, and nothing is written (exit 2). The lists go to CODES_DIR;
the processes that run read them after their restart.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coordination.management.code_files import Reading, read_folder
from perinat.standards import own_codes, value_set_files, value_sets
from perinat.standards.value_set_refresh import AssociationRefresh, Refresh

NOTHING = "Rien n'a été enregistré."


class Command(BaseCommand):
    help = "Met à jour les listes de codes officielles à partir d'un dossier de fichiers de l'ANS."
    requires_system_checks: list[str] = []  # the lists need no certificate, no channel, no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path, help="dossier des fichiers .xml (SVS) et .json (FHIR)")
        parser.add_argument("--dry-run", action="store_true", help="dire ce qui changerait, sans rien enregistrer")
        parser.add_argument(
            "--unknown",
            choices=["refuse", "skip", "add"],
            default="refuse",
            help="listes que perinat n'utilise pas : refuser (par défaut), ignorer, ajouter",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["dir"]
        if not folder.is_dir():
            raise CommandError(f"« {folder} » n'est pas un dossier. {NOTHING}", returncode=2)
        target = Path(settings.CODES_DIR)
        value_sets.configure(target)
        reading = read_folder(folder, options["unknown"])
        self._tell(reading)
        if reading.problems:
            raise CommandError(f"{len(reading.problems)} fichier(s) refusé(s). {NOTHING}", returncode=2)
        if not reading.changes:
            raise CommandError(f"Ce dossier ne contient aucune liste de perinat. {NOTHING}", returncode=2)
        if options["dry_run"]:
            self.stdout.write(f"Essai : {len(reading.changes)} liste(s) seraient enregistrées. {NOTHING}")
            return
        self._write(target, reading)

    def _write(self, target: Path, reading: Reading) -> None:
        try:
            value_set_files.write(target, reading.to_write)
        except OSError as error:
            raise CommandError(
                f"CODES_DIR n'est pas accessible en écriture : {error.strerror}.", returncode=2
            ) from error
        value_sets.configure(target)
        self.stdout.write(f"{len(reading.changes)} liste(s) enregistrée(s). Redémarrez perinat pour les utiliser.")
        for sentence in own_codes.disagreements(timezone.localdate()):
            self.stdout.write(f"À revoir dans perinat : {sentence}")

    def _tell(self, reading: Reading) -> None:
        for change in reading.changes:
            self.stdout.write(_list_line(change) if isinstance(change, Refresh) else _association_line(change))
        if reading.systems:
            self.stdout.write(f"Nomenclatures lues pour leurs OID : {', '.join(reading.systems)}.")
        if reading.skipped:
            self.stdout.write(f"{len(reading.skipped)} fichier(s) ignoré(s).")
        for reason in reading.set_aside:
            self.stdout.write(f"Laissé de côté : {reason}")
        for problem in reading.problems:
            self.stderr.write(problem)


def _list_line(change: Refresh) -> str:
    parts = [
        _part(change.added, "ajouté", "ajoutés"),
        _part(change.returned, "revenu", "revenus"),
        _part(change.left, "sorti", "sortis"),
        _part(change.relabelled, "renommé", "renommés"),
        f"{change.unchanged} sans changement",
    ]
    return f"{_title(change)} : {', '.join(part for part in parts if part)}."


def _association_line(change: AssociationRefresh) -> str:
    parts = [_part(change.changed, "modifié", "modifiés"), f"{change.unchanged} sans changement"]
    return f"{_title(change)} : {', '.join(part for part in parts if part)}."


def _title(change: Refresh | AssociationRefresh) -> str:
    head = change.stored.head
    return f"{head.name} ({head.published:%d/%m/%Y})" if head.published else head.name


def _part(codes: tuple[str, ...], one: str, many: str) -> str:
    if not codes:
        return ""
    shown = ", ".join(codes[:10]) + (", …" if len(codes) > 10 else "")
    return f"{len(codes)} {one if len(codes) == 1 else many} ({shown})"
