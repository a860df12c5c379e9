"""Subject and PDF names of a document mail (ECO.2.1.3, ECO.2.1.6)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from mssante.sandbox.lint.cda import Cda
from mssante.sandbox.lint.findings import Finding

PREFIX = "XDM/1.0/DDM+"
LABEL_LENGTH = 40
_MENTION = re.compile(r"\[[^\]]{1,40}\] ")
_DATE = re.compile(r"(0[1-9]|[12]\d|3[01])/(0[1-9]|1[0-2])/(\d{4})")
_PDF = re.compile(r"(\d{8})_([^_]+)_([^_]+)_([^_]+?)(_[^_]+)?\.pdf", re.IGNORECASE)


def fold(text: str) -> str:
    """Without accents nor ligatures, one space between words."""
    ligatures = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE").replace("’", "'")
    bare = unicodedata.normalize("NFKD", ligatures).encode("ascii", "ignore").decode()
    return " ".join(bare.split())


def loose(text: str) -> str:
    """For comparing labels: without accents, case nor punctuation."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(text).lower()).split())


def _label_matches(given: str, documents: list[Cda]) -> bool:
    if len(documents) > 1:
        return given == f"{len(documents)} documents"
    label = documents[0].label
    return given.rstrip() in {label[:LABEL_LENGTH].rstrip(), fold(label)[:LABEL_LENGTH].rstrip()}


def check_subject(subject: str, documents: list[Cda]) -> Iterator[Finding]:
    """`XDM/1.0/DDM+<libellé> <NOM> <prénom> <JJ/MM/AAAA>`; the date may be left out."""
    if not subject.startswith(PREFIX) or subject[len(PREFIX) : len(PREFIX) + 1] in ("", " "):
        yield Finding("subject-prefix", "ECO.2.1.3", "L'objet ne commence pas par « XDM/1.0/DDM+ » sans espace.")
        return
    patient = documents[0]
    rest = subject[len(PREFIX) :]
    if mention := _MENTION.match(rest):
        rest = rest[mention.end() :]
    rest, date = _cut_date(rest)
    if date and date != _french_date(patient.birth_date):
        yield Finding("subject-date", "ECO.2.1.3", "La date de l'objet n'est pas la date de naissance du CDA.")
    elif not date and re.search(r"\d{2,4}[-/.]\d{2}[-/.]\d{2,4}$", rest):
        yield Finding("subject-date", "ECO.2.1.3", "La date de l'objet n'est pas de la forme JJ/MM/AAAA.")
        return
    name = fold(patient.birth_name).upper()
    firsts = {fold(given).lower() for given in patient.given_names}
    for first in firsts:
        ending = f" {name} {first}"
        if rest.lower().endswith(ending.lower()):
            yield from _check_label(rest, ending, name, documents)
            return
    yield Finding(
        "subject-name", "ECO.2.1.3", "L'objet ne porte pas le nom de naissance et le prénom du CDA, sans accents."
    )


def _check_label(rest: str, ending: str, name: str, documents: list[Cda]) -> Iterator[Finding]:
    label = rest[: -len(ending)]
    if rest[len(label) + 1 :][: len(name)] != name:
        yield Finding("subject-name", "ECO.2.1.3", "Le nom de naissance de l'objet n'est pas en capitales.")
    if not _label_matches(label, documents):
        yield Finding(
            "subject-label",
            "ECO.2.1.3",
            "Le libellé de l'objet n'est pas celui du document (40 caractères) ou « N documents ».",
        )


def _cut_date(rest: str) -> tuple[str, str]:
    head, _, last = rest.rpartition(" ")
    return (head, last) if _DATE.fullmatch(last) else (rest, "")


def _french_date(value: str) -> str:
    return f"{value[6:8]}/{value[4:6]}/{value[:4]}"


def pdf_name_fits(name: str, document: Cda) -> bool:
    """`<AAAAMMJJ>_<type>_<NOM>_<prénom>[_<n° dossier>].pdf` for this document."""
    found = _PDF.fullmatch(name)
    if found is None:
        return False
    date, label, family, given, _ = found.groups()
    return (
        (date == document.service_start or not document.service_start)
        and loose(label) == loose(fold(document.label)[:LABEL_LENGTH])
        and loose(family) == loose(document.birth_name)
        and fold(family) == fold(family).upper()
        and loose(given) in {loose(known) for known in document.given_names}
    )


def pdf_name_is_shaped(name: str) -> bool:
    return _PDF.fullmatch(name) is not None
