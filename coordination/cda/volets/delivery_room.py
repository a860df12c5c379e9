"""What the two delivery room volets share, the mother's (OBP-SNM) and the newborn's (OBP-SNE)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from coordination.cda.entries.basics import entry, observation, value
from coordination.cda.spec.checking import Problem
from coordination.cda.spec.durations import Weeks
from coordination.cda.spec.kinds import Kind
from coordination.cda.spec.nodes import Item
from perinat.standards import oids
from perinat.standards.codes import Code

LABOUR_CODE = Code("57074-7", oids.LOINC, "Travail et accouchement")
LABOUR_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.1.21.2.3", "1.2.250.1.213.1.1.2.123")
DELIVERY = Code("236973005", oids.SNOMED_CT, "Accouchement")
TRANSFER = "107724000"  # JDV_ModeSortie_OBP_SNM and JDV_ModeSortie_OBP_SNE


def observed(name: str, label: str, code: Code, kind: Kind, *, required: bool = True) -> Item:
    """FR-Simple-Observation of one bare value."""
    return Item(name, label, entry(observation(code, value(kind, label=label))), required=required)


def gestational_age(label: str) -> Item:
    """11884-4, in weeks of amenorrhoea: 39, or 39.57 for 39 weeks and 4 days."""
    code = Code("11884-4", oids.LOINC, "Age gestationnel du fœtus (estimation clinique)")
    return observed("gestational_age", label, code, Weeks())


def destination_of_a_transfer(*path: str) -> Callable[[Mapping[str, Any]], Iterator[Problem]]:
    """The rule that a destination is that of a transfer; `path`: the section of the exit."""

    def rule(body: Mapping[str, Any]) -> Iterator[Problem]:
        section: Mapping[str, Any] = body
        for name in path:
            section = section[name]
        if "destination" in section and section["exit"]["mode"] != TRANSFER:
            yield Problem(".".join(("body", *path, "destination")), "une destination n'accompagne qu'un transfert")

    return rule
