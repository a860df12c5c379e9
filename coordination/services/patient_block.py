"""Who a paper is about, as it stands on the first page of every PDF that perinat makes."""

from __future__ import annotations

from coordination.models import Person
from coordination.papers.synthesis import PatientBlock
from perinat.standards import datamatrix


def of(person: Person) -> PatientBlock:
    """The traits of the person, her INS and its datamatrix when the identity is qualified."""
    return PatientBlock(
        family_name=person.birth_family_name,
        given_names=person.birth_given_names,
        birth_date=person.birth_date,
        sex=person.sex,
        used_name=person.used_family_name,
        matricule=person.ins.matricule if person.ins else "",
        oid=person.ins.oid if person.ins else "",
        ins_code=_ins_code(person),
    )


def _ins_code(person: Person) -> str:
    """The datamatrix of a qualified identity stands on the first page (EXI DIF 02); none otherwise."""
    ins = person.ins
    if ins is None or person.sex not in ("F", "M"):
        return ""
    claims = datamatrix.Claims(
        ins, person.birth_given_names, person.birth_family_name, person.sex, person.birth_date, person.birth_place_cog
    )
    return datamatrix.write(claims)
