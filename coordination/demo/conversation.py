"""Words to the mothers in the demonstration: what each box of Mon espace santé does, and three messages."""

from __future__ import annotations

import uuid
from typing import Any

from coordination.demo.families import FAMILIES, ins_of
from coordination.models import Stay, User
from coordination.papers.patient_letters import Audience
from coordination.services.patient_letters import Asked, send
from perinat.standards.patient_box import address_of

ANSWERS, READS, JOINS_FILES, CLOSED, NEVER_CREATED = (1, 2, 4, 3, 8)  # numbers of families; the others answer too
BEHAVIOURS = {READS: "reader", JOINS_FILES: "answers_with_files", CLOSED: "closed"}
WRITTEN_TO = (ANSWERS, READS, JOINS_FILES)


def boxes() -> list[dict[str, Any]]:
    """The boxes of the mothers whose identity is qualified, for the operator's sandbox; one was never created."""
    return [
        {
            "address": address_of(ins_of(family)),
            "kind": "PAT",
            "owner": f"{family.given.title()} {family.family}",
            "behaviour": BEHAVIOURS.get(family.number, "answers"),
            "delay_s": 1,
        }
        for family in FAMILIES
        if family.qualified and family.number != NEVER_CREATED
    ]


def write(secretaries: dict[str, str]) -> int:
    """Which papers to prepare, said to three mothers by their ward; returns how many will answer."""
    for family in (one for one in FAMILIES if one.number in WRITTEN_TO and one.qualified):
        stay = Stay.objects.select_related("mother").get(number=f"2026-{family.number:04d}")
        by = User.objects.get(username=secretaries[family.site])
        send(Asked(uuid.uuid4(), stay, stay.mother, Audience.MOTHER, "papers"), by=by)
    return sum(number != READS for number in WRITTEN_TO)
