"""manage.py read_cda FILE [--json]: what a CDA R2 document says, whoever wrote it.

Any level (1 or 3), any volet. Without --json: a short summary in French. With it: everything, as deterministic JSON
(dates ISO 8601, files by size and SHA-256). Exit 0, or 2 with a French sentence that holds nothing of the document.
"""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from coordination.cda.errors import CdaReadError
from coordination.cda.reader import as_json, read_whole, summary

FAILED = 2


class Command(BaseCommand):
    help = "Lit un document CDA R2 (niveau 1 ou 3, tout volet) et dit ce qu'il contient."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="fichier XML du document")
        parser.add_argument("--json", action="store_true", help="tout le contenu, en JSON")
        parser.add_argument("--max-bytes", help="taille admise en octets (défaut : DEPOSIT_MAX_BYTES)")

    def handle(self, *args: Any, **options: Any) -> None:
        given = options["max_bytes"]
        limit = settings.DEPOSIT_MAX_BYTES if given is None else _positive(given)
        try:
            with options["file"].open("rb") as file:
                data = file.read(limit + 1)
            document = read_whole(data, max_bytes=limit)
        except OSError as error:
            raise CommandError("Ce fichier ne peut pas être ouvert.", returncode=FAILED) from error
        except CdaReadError as error:
            raise CommandError(error.message_fr, returncode=FAILED) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_json(document), ensure_ascii=False, indent=2))
        else:
            self.stdout.write(summary(document), ending="")


def _positive(given: str | int) -> int:
    """A number of bytes, as typed; no argument type of argparse, whose refusals are in English."""
    text = str(given)
    if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) == 0:
        sentence = "La taille de --max-bytes est un nombre entier d'octets, à partir de 1, sans signe ni espace."
        raise CommandError(sentence, returncode=FAILED)
    return int(text)
