"""A document told in a few lines of French, for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from coordination.cda.reading.document import WholeDocument
from coordination.cda.reading.facts import Fact
from coordination.cda.reading.people import Party

_LEVELS = {1: "niveau 1 (non structuré)", 3: "niveau 3 (structuré)", 0: "sans corps"}
_KINDS = {
    "observation": ("observation", "observations"),
    "procedure": ("acte", "actes"),
    "substanceAdministration": ("traitement ou vaccin", "traitements ou vaccins"),
    "encounter": ("rencontre", "rencontres"),
    "act": ("fait", "faits"),
    "organizer": ("groupe", "groupes"),
    "supply": ("fourniture", "fournitures"),
    "observationMedia": ("fichier", "fichiers"),
    "regionOfInterest": ("zone d'image", "zones d'image"),
}


def summary(document: WholeDocument) -> str:
    """Lines ended by a newline; what is absent is not told."""
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: WholeDocument) -> Iterator[str]:
    header, context = document.header, document.context
    yield header.title or (header.type.label if header.type else "") or "Document sans titre"
    if header.type:
        yield f"  Type : {header.type.code} {header.type.label}".rstrip()
    yield f"  {_LEVELS[header.level].capitalize()}{_model(document)}"
    if header.created_at:
        yield f"  Daté du {header.created_at:%d/%m/%Y à %H:%M}"
    elif context.effective_time:
        yield f"  Daté du {context.effective_time.iso or context.effective_time.raw or 'jour inconnu'}"
    yield f"  Identifiant : {header.unique_id or 'absent'}, version {header.version or 'non dite'}"
    if header.replaces:
        yield f"  Remplace : {header.replaces}"
    yield from _patient(document)
    for party in (*context.authors, *context.legal_authenticators):
        yield f"  {'Auteur' if party.role == 'author' else 'Responsable'} : {_party(party)}"
    if context.custodian and context.custodian.name:
        yield f"  Conservé par : {context.custodian.name}"
    for section in document.walk():
        indent = "  " * section.level
        title = section.title or (section.code.words if section.code else "") or "sans titre"
        code = f" [{section.code.code}]" if section.code and section.code.code else ""
        yield f"{indent}- {title}{code}{_counts(section.facts)}"
    for item in document.attachments:
        state = f"{len(item.data)} octets" if item.readable else "illisible"
        yield f"  Fichier joint {item.number} : {item.media_type or 'type non dit'}, {state}"


def _model(document: WholeDocument) -> str:
    model = document.header.model
    return f", volet {model.root} {model.extension}".rstrip() if model else ""


def _patient(document: WholeDocument) -> Iterator[str]:
    patient = document.header.patient
    given = patient.birth_given_names or patient.used_given_name
    born = f", né(e) le {patient.birth_date:%d/%m/%Y}" if patient.birth_date else ""
    yield f"  Patient : {patient.birth_family_name or 'sans nom'} {given}".rstrip() + born
    yield (
        f"  INS : {patient.ins.matricule} ({patient.ins.oid})"
        if patient.ins
        else "  INS : absente, ou sa clé est fausse"
    )
    for guardian in document.context.patient.guardians if document.context.patient else ():
        yield f"  Représentant : {_party(guardian)}"


def _party(party: Party) -> str:
    speciality = f", {party.code.words}" if party.code and party.code.words else ""
    place = party.organization.name if party.organization else ""
    where = f", {place}" if place and place != party.words else ""
    return (party.words or "sans nom") + speciality + where


def _counts(facts: tuple[Fact, ...]) -> str:
    if not facts:
        return ""
    counts = Counter(_KINDS[fact.kind] for fact in facts)
    return " : " + ", ".join(f"{number} {kind[number > 1]}" for kind, number in sorted(counts.items()))
