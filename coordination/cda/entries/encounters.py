"""FR-Rencontre 1.2.250.1.213.1.1.3.58: an encounter that took place (moodCode EVN), or asked for (ARQ)."""

from __future__ import annotations

from dataclasses import replace

from coordination.cda.entries.basics import coded, comment, completed, templates, when
from coordination.cda.entries.professionals import performer
from coordination.cda.spec.coded import Listed, OneOf
from coordination.cda.spec.kinds import Moment
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Narrated, Part, Slot
from perinat.standards import oids
from perinat.standards.codes import Code

ENCOUNTER = (
    "2.16.840.1.113883.10.20.1.21",
    "2.16.840.1.113883.10.20.1.25",
    "1.3.6.1.4.1.19376.1.5.3.1.4.14",
    "1.2.250.1.213.1.1.3.58",
)
DONE = (ENCOUNTER[0], *ENCOUNTER[2:])
ASKED = ENCOUNTER[1:]
PRIORITIES = (  # HL7 ActPriority: those of JDV_HL7_ActPriority that suit a visit, and CS, which ANS uses
    Code("CS", oids.HL7_ACT_PRIORITY, "recontacter pour fixer RDV"),
    Code("R", oids.HL7_ACT_PRIORITY, "A réaliser aux heures ouvrées"),
    Code("UR", oids.HL7_ACT_PRIORITY, "Urgent"),
    Code("EM", oids.HL7_ACT_PRIORITY, "Très urgent"),
    Code("A", oids.HL7_ACT_PRIORITY, "Aussi vite que possible"),
    Code("CR", oids.HL7_ACT_PRIORITY, "A contacter dès que les résultats sont disponibles"),
    Code("T", oids.HL7_ACT_PRIORITY, "Plannification à respecter"),
    Code("PRN", oids.HL7_ACT_PRIORITY, "Si nécessaire"),
)


def planned_encounter() -> Item:
    """encounters [{who, date, priority, type, performer, comment}]: a date or a priority must be given.

    `type`: of JDV_J142_TypeRencontre, AMB when not said; `who`: in words (« sage-femme libérale »).
    """
    node = E(
        "encounter",
        *templates(ENCOUNTER),
        Ident(),
        Slot("code", "type", "Cadre", Listed("JDV_J142_TypeRencontre", xsi=""), default="AMB"),
        Narrated("who", "Avec", required=True, most=300),
        when(),
        Slot("priorityCode", "priority", "Priorité", OneOf(PRIORITIES, xsi="")),
        performer(),
        comment(),
        classCode="ENC",
        moodCode="ARQ",
    )
    return Item("encounters", "Rencontre prévue", E("entry", node), many=True)


def past_encounter(name: str, label: str, listed: str) -> Item:
    """[{kind, from, to, performer, comment}]: `kind` of the volet's list; who carried it out must be said."""
    node = E(
        "encounter",
        *templates(DONE),
        Ident(),
        Slot("code", "kind", "Rencontre", Listed(listed, xsi=""), required=True, leads=True),
        Anchor(),
        completed(),
        E(
            "effectiveTime",
            Slot("low", "from", "Le", Moment(), required=True),
            Slot("high", "to", "Jusqu'au", Moment()),
        ),
        replace(performer(), required=True),
        comment(),
        classCode="ENC",
        moodCode="EVN",
    )
    return Item(name, label, E("entry", node), required=True, many=True)


def referral(name: str, label: str, kind: Code, *more: Part) -> Item:
    """An orientation asked for, as the child's certificates write it: {} is enough to state it."""
    of_kind = coded(Code("GEN-314", oids.TA_ASIP, "Type de rencontre"), tag="name", lenient=True)
    which = E("qualifier", of_kind, coded(kind, tag="value"))
    setting = Listed("JDV_J142_TypeRencontre", xsi="")
    node = E(
        "encounter",
        *templates(ASKED),
        Ident(),
        Slot("code", "type", "Cadre", setting, default="AMB", inside=(which,), silent=True),
        Anchor(),
        Slot("effectiveTime", "date", "Date", Moment(), absent="UNK"),
        E("priorityCode", nullFlavor="UNK"),
        *more,
        classCode="ENC",
        moodCode="ARQ",
    )
    return Item(name, label, E("entry", node))
