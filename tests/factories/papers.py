"""Papers of a discharge pack as PDF files, for the people of a stay of `tests.coordination.world`."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from coordination.models import Person, Stay
from coordination.papers import specimens
from coordination.papers.specimen_texts import Kind
from perinat.standards import datamatrix

WARD = specimens.Ward("Maternité d'essai", "Maternité", ("1 place du Bac-à-Sable", "78990 Valombre"), "", "997800115")
AUTHOR = specimens.Signatory("Dr", "Hélène", "CORMIER", "89900001010")
WRITTEN_AT = datetime(2026, 3, 16, 8, 0)


@cache
def _paper(kind: Kind, person: specimens.Person) -> bytes:
    return specimens.paper(kind, person=person, ward=WARD, author=AUTHOR, written_at=WRITTEN_AT)


def on_paper(row: Person) -> specimens.Person:
    """The person as a paper names her; with the INS code when the identity is qualified."""
    if row.ins is None:
        return specimens.Person(row.birth_family_name, row.birth_given_names, row.sex, row.birth_date, "LOCAL")
    claims = datamatrix.Claims(
        row.ins, row.birth_given_names, row.birth_family_name, row.sex, row.birth_date, row.birth_place_cog
    )
    return specimens.Person.of(claims, "LOCAL")


def paper(kind: Kind, row: Person) -> bytes:
    """One paper of this person; made once per kind and person (it takes about a second)."""
    return _paper(kind, on_paper(row))


def pack(stay: Stay) -> list[tuple[str, bytes]]:
    """(file name, bytes): letter, delivery report, prescription, and one exam for each child."""
    mother = [(Kind.LLS, "lettre.pdf"), (Kind.CRA, "accouchement.pdf"), (Kind.MEDICINES, "ordonnance.pdf")]
    files = [(name, paper(kind, stay.mother)) for kind, name in mother]
    newborns = stay.newborns.select_related("person")
    return files + [(f"examen-{n.rank}.pdf", paper(Kind.CHILD_EXAM, n.person)) for n in newborns]
