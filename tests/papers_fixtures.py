"""Fictitious people and papers for the tests of coordination.papers."""

from __future__ import annotations

from datetime import UTC, date, datetime

from coordination.papers.opening import Limits
from coordination.papers.specimen_texts import Kind
from coordination.papers.specimens import Person, Signatory, Ward, paper
from perinat.standards import oids
from perinat.standards.datamatrix import Claims
from perinat.standards.identifiers import Ins, ins_key

LIMITS = Limits()
WRITTEN_AT = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
WARD = Ward(
    "Maternité fictive des Tilleuls",
    "Service d'obstétrique",
    ("1 allée du Test", "78000 Versailles"),
    "01 99 00 00 00",
    "990000010",
)
DOCTOR = Signatory("Dr", "Anne", "Fictive", "89900000129")
MIDWIFE = Signatory("Sage-femme", "Lucie", "Inventée", "89900000137")


def claims(
    number: str = "2910378646001",
    family_name: str = "SPECIMEN",
    given_names: str = "CAMILLE ROSE",
    sex: str = "F",
    birth_date: date = date(1991, 3, 14),
    *,
    oid: str = oids.INS_NIR_TEST,
) -> Claims:
    return Claims(Ins(number + ins_key(number), oid), given_names, family_name, sex, birth_date, number[5:10])


MOTHER = Person.of(claims(), "IPP0001", "EXEMPLE")
OTHER_MOTHER = Person.of(claims("2880578646002", "MODELE", "INES", birth_date=date(1988, 5, 2)), "IPP0002")
NEWBORN = Person("SPECIMEN", "LOU", "M", date(2026, 3, 2), "IPP0003")


def make(kind: Kind = Kind.LLS, *, person: Person = MOTHER, author: Signatory = DOCTOR, **options: object) -> bytes:
    return paper(kind, person=person, ward=WARD, author=author, written_at=WRITTEN_AT, **options)  # type: ignore[arg-type]
