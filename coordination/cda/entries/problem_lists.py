"""FR-Liste-des-problemes 1.2.250.1.213.1.1.3.39: the act that gathers the problems of one person."""

from __future__ import annotations

from coordination.cda.entries.basics import completed, entry, templates
from coordination.cda.spec.nodes import E, Ident, Item, Part, Slot
from coordination.cda.spec.unknown import Approximate

LIST = (
    "2.16.840.1.113883.10.20.1.27",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5.2",
    "1.2.250.1.213.1.1.3.39",
)
MEDICAL_HISTORY_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.3.8", "1.2.250.1.213.1.1.2.134")
ACTIVE_SECTION = ("2.16.840.1.113883.10.20.1.11", "1.3.6.1.4.1.19376.1.5.3.1.3.6", "1.2.250.1.213.1.1.2.132")


def listed_problem(node: E) -> E:
    """A FR-Probleme as a member of the list."""
    return E("entryRelationship", node, typeCode="SUBJ", inversionInd="false")


def problem_list(
    *problems: Item, subject: tuple[Part, ...] = (), active: bool = False, watched: tuple[str, str] | None = None
) -> E:
    """An entry for a section, without a name of its own: its problems stand under the section.

    `active`: still watched, hence without an end; else closed, and its times are not those of the problems.
    `subject`: FR-Sujet, when the problems are not the patient's. `watched`: prefix of the names, and label, of the
    times between which they were watched, when the case may give them (`…_since`, `…_until`).
    """
    low: E | Slot = E("low", nullFlavor="UNK")
    high: E | Slot = E("high", nullFlavor="UNK")
    if watched is not None:
        name, label = watched
        low = Slot("low", f"{name}_since", f"{label} : suivi depuis", Approximate(), absent="UNK")
        high = Slot("high", f"{name}_until", f"{label} : suivi jusqu'au", Approximate(), absent="UNK")
    times = E("effectiveTime", low) if active else E("effectiveTime", low, high)
    act = E(
        "act",
        *templates(LIST),
        Ident(),
        E("code", nullFlavor="NA"),
        E("statusCode", code="active") if active else completed(),
        times,
        *subject,
        *problems,
        classCode="ACT",
        moodCode="EVN",
    )
    return entry(act)
