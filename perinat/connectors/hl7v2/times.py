"""HL7 instants (DTM): YYYYMMDD[HHMM[SS[.S]]][±ZZZZ]; without a zone, the hour of Paris."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from perinat.connectors.hl7v2.errors import TYPE, Hl7RefusedError

PARIS = ZoneInfo("Europe/Paris")
_DTM = re.compile(r"(\d{8})(?:(\d{2})(\d{2})(?:(\d{2})(?:\.\d{1,4})?)?)?([+-]\d{4})?", re.ASCII)


def day(text: str, place: str) -> date:
    """Raises Hl7RefusedError."""
    return _read(text, place)[0].date()


def instant(text: str, place: str) -> datetime | None:
    """Aware; None when the text is empty or says the day only. Raises Hl7RefusedError."""
    if not text:
        return None
    moment, has_hour = _read(text, place)
    return moment if has_hour else None


def _read(text: str, place: str) -> tuple[datetime, bool]:
    found = _DTM.fullmatch(text)
    try:
        if found is None:
            raise ValueError("not a DTM")
        days, hour, minute, second, zone = found.groups()
        moment = datetime.strptime(days + (hour or "00") + (minute or "00") + (second or "00"), "%Y%m%d%H%M%S")
        return moment.replace(tzinfo=_zone(zone)), hour is not None
    except ValueError as error:
        raise Hl7RefusedError("Une date du message n'est pas valable.", TYPE, place) from error


def _zone(text: str | None) -> timezone | ZoneInfo:
    if text is None:
        return PARIS
    shift = timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    return timezone(-shift if text[0] == "-" else shift)
