"""FR-Transfert-du-patient 1.2.250.1.213.1.1.3.28: where the person goes (80413-8)."""

from __future__ import annotations

from coordination.cda.entries.basics import coded, completed, entry, templates
from coordination.cda.spec.coded import Listed
from coordination.cda.spec.kinds import Number, Words
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Slot, Today
from perinat.standards import oids
from perinat.standards.codes import Code

TRANSFER = ("1.3.6.1.4.1.19376.1.5.3.1.1.25.1.4.1", "1.2.250.1.213.1.1.3.28")


def destination(name: str = "destination", label: str = "Destination") -> Item:
    """The place of destination: its name, its sector and its Struct_IdNat."""
    place = E(
        "participantRole",
        Slot("id", "id", "Struct_IdNat", Number(oids.STRUCT_IDNAT), absent="UNK"),
        Slot("code", "sector", "Secteur d'activité", Listed("JDV_J02_XdsHealthcareFacilityTypeCode", xsi=""), absent="UNK"),
        E("playingEntity", Slot("name", "name", "Établissement ou service", Words(most=200), required=True), classCode="ENT"),
        classCode="SDLOC",
    )
    act = E(
        "act",
        *templates(TRANSFER),
        Ident(),
        coded(Code("80413-8", oids.LOINC, "Transfert du patient")),
        Anchor(),
        completed(),
        Today(),
        E("participant", place, typeCode="DST"),
        classCode="ACT",
        moodCode="EVN",
    )
    return Item(name, label, entry(act))
