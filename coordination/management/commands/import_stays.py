"""manage.py import_stays FILE.csv --site FINESS --user NAME: the stays of a ward from a spreadsheet.

UTF-8 (with or without BOM), separator « ; » or « , », one line per newborn: a second line with the same
`sejour` adds a twin. Dates JJ/MM/AAAA, instants JJ/MM/AAAA HH:MM in Paris time. Columns, * required:

    sejour*  ipp*  nom*  prenoms*  naissance*  entree*            the stay and the mother
    nom_utilise  lieu_naissance  matricule_ins  ins_qualifiee (oui/non)  telephone  chambre
    accouchement  mode (VOIE_BASSE, INSTRUMENTALE, CESARIENNE)  sortie_prevue  sortie
    commune  code_commune  rpps_signataire  rpps_sage_femme  rpps_medecin  information_mere
    enfant_ipp  enfant_nom  enfant_prenoms  enfant_sexe (F, M, U)  enfant_naissance  enfant_poids

Every faulty line is told with its number. By default a file with one fault changes nothing; with
--partial the good stays are kept.
"""

from __future__ import annotations

import csv
import io
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from coordination.management.stay_lines import Problem, entries_of
from coordination.models import Organisation, User
from coordination.services import stays

MAX_BYTES = 10 * 1024 * 1024


class Command(BaseCommand):
    help = "Enregistre les séjours d'un fichier CSV (colonnes : voir la documentation de la commande)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--site", required=True, help="FINESS de la maternité")
        parser.add_argument("--user", required=True, help="identifiant du compte au nom duquel on enregistre")
        parser.add_argument("--partial", action="store_true", help="garder les bonnes lignes")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Organisation.objects.filter(finess=options["site"]).first()
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if site is None or user is None or user.organisation_id != site.pk or not user.is_hospital:
            raise CommandError("Ce site n'existe pas, ou ce compte n'y travaille pas. Rien n'a été enregistré.")
        groups, problems = entries_of(_rows(options["file"]))
        if problems and not options["partial"]:
            self._tell(problems)
            raise CommandError("Le fichier n'est pas enregistré : corrigez ces lignes, puis recommencez.")
        with transaction.atomic():
            done, refused = _record(groups, site, user)
            problems += refused
            if problems and not options["partial"]:
                transaction.set_rollback(True)
        self._tell(problems)
        if problems and not options["partial"]:
            raise CommandError("Le fichier n'est pas enregistré : corrigez ces lignes, puis recommencez.")
        self.stdout.write(f"{done} séjour(s) enregistré(s), {len(problems)} problème(s).")

    def _tell(self, problems: list[Problem]) -> None:
        for problem in sorted(problems, key=lambda p: p.line):
            self.stderr.write(f"Ligne {problem.line} : {problem.sentence}")


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """(line number in the file, values by column) of every line that is not empty."""
    try:
        data = path.read_bytes()
        if len(data) > MAX_BYTES:
            raise CommandError("Le fichier pèse plus de 10 Mo. Séparez-le en plusieurs.")
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"Le fichier n'est pas lisible : {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError("Le fichier n'est pas en UTF-8. Enregistrez-le en « CSV UTF-8 ».") from error
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    rows = []
    for values in reader:
        plain = {(key or "").strip().lower(): (value or "").strip() for key, value in values.items() if key}
        if any(plain.values()):
            rows.append((reader.line_num, plain))
    return rows


def _record(groups: list[tuple[int, stays.StayEntry]], site: Organisation, user: User) -> tuple[int, list[Problem]]:
    done, problems = 0, []
    for line, entry in groups:
        try:
            with transaction.atomic():
                stays.record(entry, maternity=site, by=user)
            done += 1
        except stays.StayRefusedError as refusal:
            problems += [Problem(line, sentence) for sentence in refusal.problems]
    return done, problems
