"""What is still to be done: FR-Demande-d-examen-ou-de-suivi 1.2.250.1.213.1.1.3.27, FR-Acte planned (INT)."""

from __future__ import annotations

from coordination.cda.entries.basics import coded, comment, entry, templates, when
from coordination.cda.spec.coded import Listed, Terminology
from coordination.cda.spec.kinds import Flag, Moment, Words
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Slot
from perinat.standards import oids
from perinat.standards.codes import Code

REQUEST = ("1.3.6.1.4.1.19376.1.5.3.1.1.20.3.1", "2.16.840.1.113883.10.20.1.25", "1.2.250.1.213.1.1.3.27")

PLANNED = ("2.16.840.1.113883.10.20.1.25", "1.3.6.1.4.1.19376.1.5.3.1.4.19", "1.2.250.1.213.1.1.3.62")


def exam_request(name: str, label: str, code: Code) -> Item:
    """{requested: bool, before: latest day wished for}."""
    request = E(
        "observation",
        *templates(REQUEST),
        Ident(),
        coded(code, Anchor("originalText")),
        Anchor(),
        E("statusCode", code="active"),
        Slot("effectiveTime", "before", "Avant le", Moment(), absent="UNK"),
        Slot("value", "requested", "Demandé", Flag(), required=True),
        E("targetSiteCode", nullFlavor="UNK"),
        classCode="OBS",
        moodCode="INT",
    )
    return Item(name, label, entry(request))


def follow_up_request() -> Item:
    """requests [{what, date, comment}]: an exam or a follow-up in words (ORG-064)."""
    request = E(
        "observation",
        *templates(REQUEST),
        Ident(),
        coded(Code("ORG-064", oids.TA_ASIP, "Demande d'examen ou de suivi")),
        Anchor(),
        E("statusCode", code="active"),
        when(),
        Slot("value", "what", "Demande", Words(xsi="ST"), required=True, leads=True),
        comment(),
        classCode="OBS",
        moodCode="INT",
    )
    return Item("requests", "Examen ou suivi demandé", entry(request), many=True)


def planned_act() -> Item:
    """acts [{act, date, priority, comment}]; act: {"code", "label"} of CCAM, or of another system it names."""
    systems = ((oids.CCAM, "CCAM"), (oids.TA_ASIP, "TA_ASIP"), (oids.SNOMED_CT, "SNOMED CT"), (oids.LOINC, "LOINC"))
    act = E(
        "procedure",
        *templates(PLANNED),
        Ident(),
        Slot("code", "act", "Acte", Terminology(systems, xsi=""), required=True, leads=True),
        Anchor(),
        E("statusCode", code="active"),
        when(),
        Slot("priorityCode", "priority", "Priorité", Listed("JDV_HL7_ActPriority", xsi="")),
        comment(),
        classCode="PROC",
        moodCode="INT",
    )
    return Item("acts", "Acte prévu", entry(act), many=True)
