"""The words of a value as the card shows them: numbers with their unit, dates and terms always said alike."""

from __future__ import annotations

import re

from coordination.papers.brief import keys
from coordination.papers.brief.fields import Field
from coordination.papers.brief.labels import Label
from coordination.papers.brief.values import LONGEST, cut
from coordination.papers.dates import DATE
from coordination.papers.words import Line

EDGES = " :;,.–—-\t"
_LEADING_DATE = re.compile(rf"^\W*(?:LE )?{DATE}(?:,? ?(?:A )?\d{{1,2}} ?(?:H|:) ?\d{{0,2}})?\W*")
_UNITS = {Field.BIRTH_WEIGHT: "g", Field.EXIT_WEIGHT: "g", Field.BLOOD_LOSS: "mL"}
_PERCENT = re.compile(r"\d{1,2}(?:[.,]\d{1,2})?(?= ?%)")
_SEPARATION = re.compile(r"^[\s:;,.]*(?:[–—-]\s*(?=\w))?|[\s:;,.]*$")


def shown(label: Label, answer: Line, key: str) -> str:
    """Numbers alone when they are what was read; else the words of the document."""
    if label.field in _UNITS and key:
        return f"{_thousands(key)}\u00a0{_UNITS[label.field]}"
    if label.field == Field.LAST_WEIGHT:
        weight, _, day = key.partition("@")
        return f"{grams_words(weight)} à {day}"
    if label.field == Field.BLOOD_GROUP:
        return _group(answer, key)
    if label.field == Field.LOSS and keys.grams(answer.folded):  # beside the weight at the exit, the percentage alone
        return " à ".join(_PERCENT.findall(answer.folded)) + "\u00a0%"
    if label.field == Field.BORN_AT:
        return moment_words(key)
    if label.field == Field.TERM:
        return term_words(key)
    date = _LEADING_DATE.match(answer.folded) if label.field == Field.MODE else None
    return cut(answer.text[date.end() if date else 0 :].strip(EDGES), LONGEST)


def _group(answer: Line, key: str) -> str:
    """Its minus is no edge: « A - » stays whole. A sign alone is told as that of the rhesus."""
    said = _SEPARATION.sub("", answer.text)
    said = said if key.endswith("-") else said.rstrip(EDGES)
    return cut(said if re.search(r"\w", said) else f"Rh {said}", LONGEST)


def moment_words(key: str) -> str:
    """« 02/03/2026 à 14 h 32 »."""
    day, _, hour = key.partition("T")
    year, month, rank = day.split("-")
    return f"{rank}/{month}/{year}" + (f" à {int(hour[:2])}\u00a0h\u00a0{hour[3:]}" if hour else "")


def term_words(key: str) -> str:
    weeks, _, days = key.partition("+")
    return f"{weeks}\u00a0SA" + (f" + {days}\u00a0j" if days else "")


def grams_words(grams: str) -> str:
    """« 3 420 g »."""
    return f"{_thousands(grams)}\u00a0g"


def _thousands(number: str) -> str:
    return f"{int(number):,}".replace(",", "\u202f")
