"""FR-Dispositif-medical 1.2.250.1.213.1.1.3.20: a device carried or used; no device at all."""

from __future__ import annotations

from coordination.cda.entries.basics import coded, comment, templates
from coordination.cda.spec.coded import Terminology
from coordination.cda.spec.kinds import Moment
from coordination.cda.spec.nodes import Anchor, E, Ident, Part, Slot
from coordination.cda.spec.references import Number
from perinat.standards import oids
from perinat.standards.codes import Code

DEVICE = ("2.16.840.1.113883.10.20.1.34", "1.2.250.1.213.1.1.3.20")
NONE = Code("no-known-devices", oids.ABSENT_UNKNOWN, "Pas de dispositif médical connu")


def _supply(time: E, code: Part, *more: Part, number: tuple[Part, ...] = ()) -> E:
    playing = E("playingDevice", code, classCode="DEV", determinerCode="INSTANCE")
    participant = E("participant", E("participantRole", *number, playing, classCode="MANU"), typeCode="DEV")
    return E(
        "supply", *templates(DEVICE), Ident(), Anchor(), time, participant, *more, classCode="SPLY", moodCode="EVN"
    )


def device() -> E:
    """{category (EMDN), cladimed, lpp, udi, start, end, comment}; category: {"code", "label"}."""
    translations = (
        Slot("translation", "cladimed", "CLADIMED", Terminology(((oids.CLADIMED, "CLADIMED"),), xsi=""), silent=True),
        Slot("translation", "lpp", "LPP", Terminology(((oids.LPP, "LPP"),), xsi=""), silent=True),
    )
    category = Slot(
        "code",
        "category",
        "Catégorie",
        Terminology(((oids.EMDN, "EMDN"),), xsi=""),
        required=True,
        inside=(Anchor("originalText"), *translations),
        leads=True,
    )
    time = E(
        "effectiveTime",
        Slot("low", "start", "Utilisé depuis", Moment(), absent="UNK"),
        Slot("high", "end", "Jusqu'au", Moment()),
        xsi_type="IVL_TS",
    )
    udi = Slot("id", "udi", "Identifiant unique (IUD)", Number(oids.GS1, r"[!-~]{1,200}", "un IUD est attendu"))
    return _supply(time, category, comment(), number=(udi,))


def no_device() -> E:
    """The device entry that says there is none (JDV_AbsentOrUnknownDevices)."""
    code = coded(NONE, Anchor("originalText"))
    return _supply(E("effectiveTime", E("low", nullFlavor="NA"), xsi_type="IVL_TS"), code)
