"""What perinat knows of a stay, as the beginning of a case: proposed to the person who writes, never decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coordination.cda.volets.model import Volet
from coordination.models import BirthMode, Newborn, Person, Stay

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
    acts = {"labour_onset": "11466000"} if stay.birth_mode == BirthMode.CAESAREAN else {}
    events = {"children_born": stay.newborns.count(), "exit_mode": "MED-1176"}
    return {"labour": {"events": events} | ({"acts": acts} if acts else {})}


def _birth_of_child(stay: Stay, newborn: Newborn | None) -> Case:
    events: Case = {"birth_rank": newborn.rank if newborn else 1}
    built: Case = {"labour": {"events": events}, "exit": {"mode": "GEN-302"}}
    if newborn and newborn.weight_g:
        built["newborn"] = {"exam": {"vital_signs": {"measures": {"weight": newborn.weight_g}}}}
    return built


_KNOWN: dict[str, Callable[[Stay, Newborn | None], Case]] = {
    "LDL-SES": _discharge_letter,
    "OBP-SCM": _lying_in,
    "OBP-SEM": _newborn_in_maternity,
    "OBP-SNM": _birth_of_mother,
    "OBP-SNE": _birth_of_child,
}
