"""The papers expected at discharge, as data, and what a stay has of them.

    mother      lettre de liaison (LLS), compte rendu d'accouchement (CRA), at least one ordonnance,
                compte rendu opératoire after a caesarean
    newborn     compte rendu d'examen de l'enfant, one for each

Sources: CSP R.1112-1-2 (lettre de liaison, day of discharge), HAS « Sortie de maternité » 2014.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import BirthMode, Deposit, Document, Stay
from coordination.selectors.display import Chip
from perinat.standards import codes

PRESCRIPTIONS = frozenset(  # a sick leave prescribes no care
    code for code, kind in codes.DOCUMENT_TYPES.items() if kind.document_class == codes.CLASS_PRESCRIPTION
) - {codes.ARRET_DE_TRAVAIL.code}
LETTER = codes.LETTRE_DE_LIAISON_SORTIE.code


@dataclass(frozen=True, slots=True)
class Expected:
    """One expected paper. `type_codes`: any of them will do; `minimum`: how many."""

    short: str
    label: str
    type_codes: frozenset[str]
    minimum: int = 1
    about_newborn: bool = False
    after_caesarean_only: bool = False


EXPECTED = (
    Expected("LLS", "Lettre de liaison à la sortie", frozenset({LETTER})),
    Expected("CRA", "Compte rendu d'accouchement", frozenset({codes.CR_ACCOUCHEMENT.code})),
    Expected("Ordonnances", "Ordonnances", PRESCRIPTIONS),
    Expected(
        "CRO", "Compte rendu opératoire", frozenset({codes.CR_OPERATOIRE.code}), after_caesarean_only=True
    ),
    Expected(
        "Examen", "Compte rendu d'examen de l'enfant", frozenset({codes.CR_EXAMEN_ENFANT.code}), about_newborn=True
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PackItem:
    """One expected paper of one person: how many are there, and how far they are."""

    expected: Expected
    person: str
    found: int
    chip: Chip

    @property
    def is_missing(self) -> bool:
        return self.found < self.expected.minimum


@dataclass(frozen=True, slots=True)
class Pack:
    items: tuple[PackItem, ...]

    @property
    def missing(self) -> tuple[PackItem, ...]:
        return tuple(item for item in self.items if item.is_missing)

    @property
    def is_complete(self) -> bool:
        return not self.missing

    @property
    def summary(self) -> str:
        """« 3 papiers sur 4 »."""
        there = len(self.items) - len(self.missing)
        return f"{there} papier{'s' if there > 1 else ''} sur {len(self.items)}"


def pack_of(stay: Stay, documents: Iterable[Document], deposits: Iterable[Deposit]) -> Pack:
    """The pack of a stay from its documents and the papers still in the tray (rows already loaded)."""
    live = [d for d in documents if d.status in (DocumentStatus.TO_VALIDATE, DocumentStatus.VALIDATED)]
    waiting = [d for d in deposits if d.status == DepositStatus.READY]
    items = []
    for expected in EXPECTED:
        if expected.after_caesarean_only and stay.birth_mode != BirthMode.CAESAREAN:
            continue
        for person_id, name in _people(stay, expected):
            items.append(_item(expected, person_id, name, live, waiting))
    return Pack(tuple(items))


def _people(stay: Stay, expected: Expected) -> list[tuple[object, str]]:
    if not expected.about_newborn:
        return [(stay.mother_id, "")]
    return [(n.person_id, n.person.first_given_name.capitalize()) for n in stay.newborns.all()]


def _item(
    expected: Expected, person_id: object, name: str, documents: list[Document], deposits: list[Deposit]
) -> PackItem:
    mine = [d for d in documents if d.person_id == person_id and d.type_code in expected.type_codes]
    ready = [d for d in deposits if d.person_id == person_id and d.type_code in expected.type_codes]
    found = len(mine) + len(ready)
    label = f"{expected.short} {name}".strip()
    if expected.type_codes is PRESCRIPTIONS and found:
        label = f"{label} {found}/{max(found, expected.minimum)}"
    if found < expected.minimum:
        chip = Chip(f"{label} manque" if expected.minimum == 1 and not found else label, "todo", "question")
    elif any(d.status == DocumentStatus.TO_VALIDATE for d in mine):
        chip = Chip(f"{label} à valider", "wait", "pen")
    elif len(mine) < expected.minimum:
        chip = Chip(f"{label} prêt", "going", "upload")
    else:
        chip = Chip(label, "done", "check")
    return PackItem(expected, name, found, chip)
