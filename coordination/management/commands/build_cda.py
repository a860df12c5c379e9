"""manage.py build_cda TYPE CASE.json --out DIR [--pdf FILE]: a document from a JSON case.

TYPE is a volet (« LDL-SES »: a structured document), or the code of a type (« 15508-5 »: the PDF/A-1 of --pdf in a
CDA of level 1, whose case has no body). `manage.py build_cda TYPE --schema` prints the JSON Schema of a case. An
invalid case tells every problem at once, in French, with its path; exit code 2, nothing written. Format:
docs/interop/cda.md, « Case files ».
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from coordination.cda import builder, case
from coordination.cda.errors import CdaContentError
from coordination.cda.volets import VOLETS
from coordination.papers import pdfa
from perinat.standards import cda_rules, codes
from perinat.standards.codes import DocumentType

MAX_BYTES = 20 * 1024 * 1024
MODELS: Mapping[str, case.Model] = {**VOLETS, **codes.DOCUMENT_TYPES}


class Command(BaseCommand):
    help = "Construit un document CDA R2 à partir d'un cas JSON : niveau 3 pour un volet, niveau 1 pour un PDF."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("type", help=f"volet, ou code du type de document : {', '.join(sorted(MODELS))}")
        parser.add_argument("case", nargs="?", type=Path, help="fichier du cas")
        parser.add_argument("--out", type=Path, help="dossier où écrire le document")
        parser.add_argument("--pdf", type=Path, help="copie PDF à joindre quand le volet le prévoit")
        parser.add_argument("--schema", action="store_true", help="afficher le schéma JSON d'un cas, et rien d'autre")

    def handle(self, *args: Any, **options: Any) -> None:
        model = MODELS.get(options["type"])
        if model is None:
            known = ", ".join(sorted(MODELS))
            raise CommandError(f"Ce type de document n'est pas connu. Types connus : {known}.", returncode=2)
        if options["schema"]:
            self.stdout.write(json.dumps(case.schema(model), ensure_ascii=False, indent=2))
            return
        if options["case"] is None or options["out"] is None:
            raise CommandError("Indiquez le fichier du cas et le dossier de sortie (--out).", returncode=2)
        given = _json(options["case"])
        pdf = _pdf(options["pdf"])
        if isinstance(model, DocumentType):
            _require_pdf_a(pdf)
        data = self._build(model, given, pdf)
        target = options["out"] / f"{options['type']}_{given['document']['unique_id']}.xml"
        _write(target, data)
        self.stdout.write(f"Document écrit : {target.name} ({len(data)} octets).")

    def _build(self, model: case.Model, given: Any, pdf: bytes) -> bytes:
        problems = case.check(model, given)
        if problems:
            self._refuse([str(problem) for problem in problems])
        document = given["document"]
        try:
            data = builder.build(
                case.content(model, given, pdf=pdf),
                unique_id=document["unique_id"],
                now=datetime.fromisoformat(document["created_at"]),
            )
        except CdaContentError as error:
            self._refuse([*(f"il manque {datum}" for datum in error.missing), *error.wrong])
        pack = Path(settings.ANS_PACK) if settings.ANS_PACK else None
        findings = cda_rules.before_leaving(data, pack=pack)
        if findings:
            self._refuse([told(finding) for finding in findings])
        return data

    def _refuse(self, problems: list[str]) -> None:
        for problem in problems:
            self.stderr.write(f"- {problem}")
        raise CommandError(f"Le cas n'est pas valide : {len(problems)} problème(s). Rien n'a été écrit.", returncode=2)


def told(finding: cda_rules.Finding) -> str:
    """A broken rule without any value of the document: its place, then what is wrong."""
    return " : ".join(part for part in ("règle nationale", finding.where, finding.message_fr) if part)


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CommandError("Le fichier du cas est trop gros.", returncode=2)
        return json.loads(path.read_bytes(), parse_constant=_no_number)
    except OSError:
        raise CommandError("Le fichier du cas ne peut pas être ouvert.", returncode=2) from None
    except json.JSONDecodeError as error:
        place = f"ligne {error.lineno}, colonne {error.colno}"
        raise CommandError(f"Le fichier du cas n'est pas du JSON : {place}.", returncode=2) from None
    except ValueError:  # not UTF-8, NaN, an integer of thousands of digits
        raise CommandError("Le fichier du cas n'est pas du JSON : octets ou nombre illisibles.", returncode=2) from None
    except RecursionError:
        raise CommandError("Le fichier du cas a trop de niveaux imbriqués.", returncode=2) from None


def _no_number(name: str) -> Any:
    """NaN and Infinity are no JSON (RFC 8259 §6), though Python reads them."""
    raise ValueError(name)


def _pdf(path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        data = path.read_bytes()
    except OSError:
        raise CommandError("Le PDF ne peut pas être ouvert.", returncode=2) from None
    if not data.startswith(b"%PDF-"):
        raise CommandError("Le fichier indiqué par --pdf n'est pas un PDF.", returncode=2)
    return data


def _write(target: Path, data: bytes) -> None:
    """The whole document, or nothing: a full disk leaves no beginning of a file."""
    temporary = target.with_suffix(".tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            temporary.replace(target)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
    except OSError:
        sentence = "Le document ne peut pas être écrit dans le dossier indiqué par --out. Rien n'a été écrit."
        raise CommandError(sentence, returncode=2) from None


def _require_pdf_a(data: bytes) -> None:
    """The body of a document of level 1 (Structuration minimale)."""
    if not data:
        raise CommandError("Indiquez par --pdf le fichier du document.", returncode=2)
    found = pdfa.check(data)
    if found:
        raise CommandError(f"Le PDF n'est pas au format PDF/A-1 : {found[0].message_fr}", returncode=2)
