"""FR-Demande-d-examen-ou-de-suivi 1.2.250.1.213.1.1.3.27: an exam asked for, not yet done."""

from __future__ import annotations

from coordination.cda.entries.basics import coded, entry, templates
from coordination.cda.spec.kinds import Flag, Moment
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Slot
from perinat.standards.codes import Code

REQUEST = ("1.3.6.1.4.1.19376.1.5.3.1.1.20.3.1", "2.16.840.1.113883.10.20.1.25", "1.2.250.1.213.1.1.3.27")


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
