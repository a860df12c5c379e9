"""FR-Rencontre 1.2.250.1.213.1.1.3.58: an encounter asked for (moodCode ARQ)."""

from __future__ import annotations

from coordination.cda.entries.basics import comment, templates, when
from coordination.cda.entries.professionals import performer
from coordination.cda.spec.coded import Listed, OneOf
from coordination.cda.spec.nodes import E, Ident, Item, Narrated, Slot
from perinat.standards import oids
from perinat.standards.codes import Code

ENCOUNTER = (
    "2.16.840.1.113883.10.20.1.21",
    "2.16.840.1.113883.10.20.1.25",
    "1.3.6.1.4.1.19376.1.5.3.1.4.14",
    "1.2.250.1.213.1.1.3.58",
)
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
