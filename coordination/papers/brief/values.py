"""One value found in one document, and where it stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from coordination.papers.brief.fields import RULES, Field

LONGEST = 240


def cut(words: str, most: int = 2 * LONGEST) -> str:
    """Between two words, and it says so."""
    whole = words[:most].rsplit(" ", 1)[0].rstrip(" ;,")
    return words if len(words) <= most else f"{whole}… (suite dans le document)"


@dataclass(frozen=True, slots=True)
class Found:
    """`value`: as shown; `key`: what it says for a comparison, empty when it is not compared.

    Where: `page` of the PDF (from 1, 0 without one), `section` (its LOINC code) and its `heading`.
    """

    field: Field
    value: str
    key: str = ""
    page: int = 0
    section: str = ""
    heading: str = ""


def as_json(found: Iterable[Found]) -> dict[str, Any]:
    return {"rules": RULES, "found": [asdict(one) for one in found]}


def from_json(data: Mapping[str, Any]) -> tuple[Found, ...] | None:
    """None when another version of the readers wrote it: it is to be read again."""
    if data.get("rules") != RULES:
        return None
    return tuple(Found(**{**row, "field": Field(row["field"])}) for row in data["found"])
