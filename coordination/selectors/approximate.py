"""A date of long ago, as people type it: « 2008 », « 08/2008 », « 12/08/2008 », « 12/08/2008 14:30 ».

In a case it is « 2008 », « 2008-08 », « 2008-08-12 », or an instant with its offset.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.utils import timezone

HINT = "par exemple 2008, 08/2008 ou 12/08/2008"
_PARTS = re.compile(r"(?:(?:(\d{1,2})[/.])?(\d{1,2})[/.])?(\d{4})(?: (?:à )?(\d{1,2})[:h](\d\d))?", re.ASCII)
_CASE = re.compile(r"\d{4}(-\d\d){0,2}", re.ASCII)


def read(words: str) -> str:
    """As a case says it; what is no date is kept as it was typed, and the check says so."""
    match = _PARTS.fullmatch(" ".join(words.split()))
    if match is None:
        return words
    of_month, month, year, hour, minute = match.groups()
    if hour is None:
        return "-".join(part.zfill(2) for part in (year, month, of_month) if part)
    try:
        local = datetime(int(year), int(month or 0), int(of_month or 0), int(hour), int(minute))  # noqa: DTZ001
    except ValueError:
        return words
    return timezone.make_aware(local).isoformat()


def shown(value: str) -> str:
    """In the order people read it; what is no date of a case is shown as it was typed."""
    if _CASE.fullmatch(value):
        return "/".join(reversed(value.split("-")))
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{timezone.localtime(found):%d/%m/%Y %H:%M}" if found.tzinfo else value
