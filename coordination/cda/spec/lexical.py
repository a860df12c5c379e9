"""Words, numbers and instants as JSON and XML write them, and why a value cannot be one."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import Any

from coordination.cda.markup import ILLEGAL, PARIS, day, instant

_TS = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?(?:\.\d+)?([+-]\d{4}))?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_REAL = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?", re.ASCII)


class UnreadableValueError(ValueError):
    """The element does not hold a value of this kind."""


def squeeze(value: str) -> str:
    return " ".join(value.split())


def read_integer(words: str) -> int:
    """An INT as XML writes it (« 12 », never « 1_2 » nor other digits). Raises UnreadableValueError."""
    if not _INTEGER.fullmatch(words.strip()):
        raise UnreadableValueError
    return int(words)


def read_real(words: str) -> float:
    """A REAL as XML writes it, finite. Raises UnreadableValueError."""
    if not _REAL.fullmatch(words.strip()):
        raise UnreadableValueError
    return float(words)


def is_number(value: object) -> bool:
    """A finite number of JSON; an integer of any length is one, so compare it with bounds before any arithmetic."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def words_problem(value: Any, most: int) -> str | None:
    """What is wrong with words that a person wrote."""
    if not isinstance(value, str) or not squeeze(value):
        return "un texte est attendu"
    if ILLEGAL.search(value):
        return "le texte contient un caractère de commande invisible, à effacer"
    return f"le texte dépasse {most} caractères" if len(value) > most else None


def moment_of(value: Any) -> date | None:
    """A date, an aware datetime, or None."""
    if not isinstance(value, str):
        return None
    try:
        found = date.fromisoformat(value) if _DAY.fullmatch(value) else datetime.fromisoformat(value)
    except ValueError:
        return None
    aware = not isinstance(found, datetime) or found.tzinfo is not None
    return found if aware and 1911 < found.year < 2200 else None  # before 1912 Paris has no offset in minutes


def day_of(value: date | None) -> date:
    assert value is not None
    return value.date() if isinstance(value, datetime) else value


def write_ts(value: str) -> str:
    """ISO 8601 of a case → HL7 TS."""
    found = moment_of(value)
    assert found is not None
    return instant(found) if isinstance(found, datetime) else day(found)


def read_ts(value: str) -> str:
    """HL7 TS (a day, or at least a minute with an offset) → ISO 8601. Raises UnreadableValueError.

    An instant is given at the hour of Paris, whatever the offset of who wrote it: the same instant, and the hour
    that a person here reads. What a case may not hold (a year out of reason) cannot be read.
    """
    match = _TS.fullmatch(value)
    if match is None:
        raise UnreadableValueError
    year, month, of_month, hour, minute, second, offset = match.groups()
    try:
        if hour is None:
            found = date(int(year), int(month), int(of_month)).isoformat()
        else:
            written = f"{year}{month}{of_month}{hour}{minute}{second or '00'}{offset}"
            found = datetime.strptime(written, "%Y%m%d%H%M%S%z").astimezone(PARIS).isoformat()
    except (ValueError, OverflowError):
        raise UnreadableValueError from None
    if moment_of(found) is None:
        raise UnreadableValueError
    return found


def say_moment(value: str) -> str:
    found = moment_of(value)
    assert found is not None
    return found.strftime("%d/%m/%Y à %Hh%M" if isinstance(found, datetime) else "%d/%m/%Y")
