"""FR-Transfert-du-patient 1.2.250.1.213.1.1.3.28: where the person goes (80413-8)."""

from __future__ import annotations

from coordination.cda.entries.basics import coded, completed, entry, templates
from coordination.cda.spec.coded import Listed
from coordination.cda.spec.contacts import Phone, Postal
from coordination.cda.spec.kinds import Moment, Words
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Slot
from coordination.cda.spec.references import Number
from perinat.standards import oids
from perinat.standards.codes import Code

TRANSFER = ("1.3.6.1.4.1.19376.1.5.3.1.1.25.1.4.1", "1.2.250.1.213.1.1.3.28")
SECTORS = "JDV_J02_XdsHealthcareFacilityTypeCode"


def destination(name: str = "destination", label: str = "Destination", *, units: str = "", services: str = "") -> Item:
    """A transfer done (moodCode EVN): the place of destination, its sector, its Struct_IdNat, when.

    `units`: the list of the receiving units, where the volet has one; `services`: that of the kinds of service,
    which then stand beside the act's own code. The rules want low and high of the
    time, and the code of the place, be they unknown.
    """
    unit = (Slot("code", "unit", "Unité", Listed(units)),) if units else ()
    service = (Slot("translation", "service", "Type de service", Listed(services)),) if services else ()
    establishment = Slot("name", "name", "Établissement ou service", Words(most=200), required=True, leads=True)
    place = E(
        "participantRole",
        E("id", nullFlavor="UNK"),  # of whoever carried out the transfer; the destination's stands above
        Slot("code", "sector", "Secteur d'activité", Listed(SECTORS), absent="UNK"),
        Slot("addr", "address", "Adresse", Postal(), absent="UNK"),
        Slot("telecom", "phone", "Téléphone", Phone(), absent="UNK"),
        E("playingEntity", *unit, establishment, classCode="ENT"),
        classCode="SDLOC",
    )
    structure = Slot("templateId", "id", "Struct_IdNat (1 + FINESS)", Number(oids.STRUCT_IDNAT))
    times = E(
        "effectiveTime",
        Slot("low", "left_at", "Départ", Moment(), absent="UNK"),
        Slot("high", "arrived_at", "Arrivée", Moment(), absent="UNK"),
    )
    act = E(
        "act",
        *templates(TRANSFER),
        Ident(),
        coded(Code("80413-8", oids.LOINC, "Transfert du patient"), *service),
        Anchor(),
        completed(),
        times,
        E("participant", structure, place, typeCode="DST"),
        classCode="ACT",
        moodCode="EVN",
    )
    return Item(name, label, entry(act))
