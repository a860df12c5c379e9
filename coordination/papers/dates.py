"""Dates as French letters write them: 05/03/2026, 5.3.26, 5 mars 2026. On folded text (see `words`)."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("JANV", "FEVR", "MARS", "AVR", "MAI", "JUIN", "JUIL", "AOUT", "SEPT", "OCT", "NOV", "DEC")
DATE = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b"
    r"|\d{1,2}(?:ER)? (?:JANV|FEVR|MARS|AVR|MAI|JUIN|JUIL|AOUT|SEPT|OCT|NOV|DEC)[A-Z]*\.? \d{4}\b)"
)


def read_date(words: str) -> date | None:
    """The day these words say, None when it is no day. Two-digit years are of this century."""
    numbers = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})", words)
    if numbers:
        day, month, year = (int(one) for one in numbers.groups())
    else:
        spelt = re.fullmatch(r"(\d{1,2})(?:ER)? ([A-Z]+)\.? (\d{4})", words)
        if spelt is None:
            return None
        month = next((rank for rank, name in enumerate(_MONTHS, start=1) if spelt[2].startswith(name)), 0)
        day, year = int(spelt[1]), int(spelt[3])
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None
