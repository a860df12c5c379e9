"""What perinat knows of a stay, as the beginning of a case: proposed to the person who writes, never decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coordination.cda.volets.model import Volet
from coordination.models import Newborn, Person, Stay

Case = dict[str, Any]


def of(volet: Volet, stay: Stay, person: Person) -> Case:
    """The body of a case with what is known; empty when nothing is."""
    newborn = stay.newborns.filter(person=person).first()
    known = _KNOWN.get(volet.name)
    return known(stay, newborn) if known else {}


def _exit(mode: str, stay: Stay) -> Case:
    return {"mode": mode, "date": stay.leaves_at.isoformat()} if stay.leaves_at else {"mode": mode}


def _discharge_letter(stay: Stay, newborn: Newborn | None) -> Case:
    leaving = _exit("160849004", stay)
    return {"synthesis": {"entry_mode": {"date": stay.admitted_at.isoformat()}, "exit_mode": leaving}}


def _lying_in(stay: Stay, newborn: Newborn | None) -> Case:
    return {"events": {"exit": _exit("160849004", stay)}}


def _newborn_in_maternity(stay: Stay, newborn: Newborn | None) -> Case:
    return {"events": {"exit": _exit("GEN-302", stay)}}


def _birth_of_mother(stay: Stay, newborn: Newborn | None) -> Case:
    return {"labour": {"events": {"exit": {"mode": "MED-1176"}}}}


def _birth_of_child(stay: Stay, newborn: Newborn | None) -> Case:
    built: Case = {"events": {"exit": {"mode": "GEN-302"}}}
    if newborn is None:
        return built
    built["labour"] = {"events": {"birth_rank": {"rank": newborn.rank, "born_at": newborn.born_at.isoformat()}}}
    if newborn.weight_g:
        measures = {"measured_at": newborn.born_at.isoformat(), "weight": newborn.weight_g}
        built["newborn"] = {"exam": {"vital_signs": {"measures": measures}}}
    return built


def _antepartum(stay: Stay, newborn: Newborn | None) -> Case:
    """How many children she was expecting: those who were born, and nothing when none is recorded yet."""
    born = stay.newborns.count()
    return {"pregnancies": {"foetuses": born}} if born else {}


def _first_certificate(stay: Stay, newborn: Newborn | None) -> Case:
    built: Case = {"labour": {"events": {"foetuses": max(1, stay.newborns.count())}}}
    built["pregnancies"] = {"mother_birth_date": stay.mother.birth_date.isoformat()}
    if newborn is not None and newborn.weight_g:
        measures = {"measured_at": newborn.born_at.isoformat(), "weight": newborn.weight_g}
        built["newborn"] = {"exam": {"vital_signs": {"measures": measures}}}
    return built


_KNOWN: dict[str, Callable[[Stay, Newborn | None], Case]] = {
    "LDL-SES": _discharge_letter,
    "CSE-CS8": _first_certificate,
    "OBP-SAP": _antepartum,
    "OBP-SCM": _lying_in,
    "OBP-SEM": _newborn_in_maternity,
    "OBP-SNM": _birth_of_mother,
    "OBP-SNE": _birth_of_child,
}
