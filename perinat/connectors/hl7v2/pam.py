"""ADT messages of IHE PAM (ITI-30, ITI-31, French extension 2.11) → one fact about one person."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

from perinat.connectors.hl7v2 import people, times
from perinat.connectors.hl7v2.er7 import Message, Segment, require
from perinat.connectors.hl7v2.errors import EVENT, TYPE, Hl7RefusedError
from perinat.standards.pushed import Fact, PushedMovement

FACTS = {
    "A01": Fact.PRESENT,
    "A03": Fact.LEFT,
    "A04": Fact.PRESENT,
    "A08": Fact.PRESENT,
    "A11": Fact.NOT_ADMITTED,
    "A13": Fact.NOT_LEFT,
    "A28": Fact.IDENTITY,
    "A31": Fact.IDENTITY,
    "A40": Fact.RENUMBERED,
    "A47": Fact.RENUMBERED,
}
BIRTH_WEIGHT = "8339-4"  # LOINC
OF_A_STAY = (Fact.PRESENT, Fact.LEFT, Fact.NOT_ADMITTED, Fact.NOT_LEFT)


def read(message: Message) -> PushedMovement:
    """Raises Hl7RefusedError: event unknown, segment, field or value missing or wrong."""
    event = message.header.get(9, 2)
    if event not in FACTS:
        raise Hl7RefusedError("Cet événement n'est pas pris en charge.", EVENT, "MSH^1^9")
    fact, pid, evn = FACTS[event], message.need("PID"), message.first("EVN")
    visit = message.first("PV1")
    if fact in OF_A_STAY:
        visit = message.need("PV1")
        require(visit.get(19), "Le numéro de séjour (PV1-19)", "PV1^1^19")
    happened = times.instant(evn.get(6), "EVN^1^6") if evn else None
    mother = people.ipp_of(pid, 21)
    return PushedMovement(
        fact=fact,
        person=people.person(pid, needs_ipp=True),
        stay_number=visit.get(19)[:40] if visit and fact in OF_A_STAY else "",
        admitted_at=_instant(visit, 44) or (happened if event in ("A01", "A04") else None),
        discharged_at=_discharged(visit, happened, fact),
        expected_discharge_at=_expected(message),
        room=visit.get(3, 2)[:20] if visit else "",
        unit=visit.get(3, 1) if visit else "",
        mother_ipp=mother,
        born_at=times.instant(pid.get(7), "PID^1^7"),
        birth_rank=_rank(pid),
        weight_g=_weight(message),
        former_ipp=_former(message) if fact is Fact.RENUMBERED else "",
        inpatient=visit is None or visit.get(2) in ("I", ""),
    )


def _instant(visit: Segment | None, number: int) -> datetime | None:
    return times.instant(visit.get(number), f"PV1^1^{number}") if visit else None


def _discharged(visit: Segment | None, happened: datetime | None, fact: Fact) -> datetime | None:
    if fact is Fact.NOT_LEFT:
        return None
    left = _instant(visit, 45) or (happened if fact is Fact.LEFT else None)
    if fact is Fact.LEFT and left is None:
        require("", "L'heure de sortie (PV1-45)", "PV1^1^45")
    return left


def _expected(message: Message) -> datetime | None:
    more = message.first("PV2")
    return times.instant(more.get(9), "PV2^1^9") if more else None


def _former(message: Message) -> str:
    return require(people.ipp_of(message.need("MRG"), 1), "L'ancien IPP (MRG-1)", "MRG^1^1")


def _rank(pid: Segment) -> int:
    text = pid.get(25)
    if text and not re.fullmatch(r"[1-9]", text, re.ASCII):
        raise Hl7RefusedError("Le rang de naissance n'est pas valable.", TYPE, "PID^1^25")
    return int(text) if text else 0


def _weight(message: Message) -> int | None:
    """Grams; a weight that cannot be one is left out: it is no reason to refuse a birth."""
    for one in message.segments:
        if one.name == "OBX" and one.get(3) == BIRTH_WEIGHT:
            try:
                value = Decimal(one.get(5).replace(",", "."))
            except InvalidOperation:
                return None
            grams = value * 1000 if one.get(6).lower() == "kg" else value
            return int(grams) if 200 <= grams <= 9000 else None
    return None
