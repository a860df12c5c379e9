"""What is not known, or not known to the day: a value that may be said unknown, a date of long ago."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from coordination.cda.spec.kinds import Kind, Moment
from coordination.cda.spec.lexical import read_ts
from perinat.standards import xml

UNKNOWN = "unknown"
_PART = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?", re.ASCII)
_TS = re.compile(r"(\d{4})(0[1-9]|1[0-2])?", re.ASCII)
_NO_OFFSET = re.compile(r"(\d{8})\d{1,6}", re.ASCII)  # the hour of nowhere: only the day is known


@dataclass(frozen=True, slots=True)
class OrUnknown:
    """A value of this kind, or « unknown »: nullFlavor UNK, where the model wants the element all the same."""

    kind: Kind
    said: str = "Non précisé"

    @property
    def xsi(self) -> str:
        return self.kind.xsi

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.kind.schema(), {"const": UNKNOWN, "title": self.said}]}

    def problem(self, value: Any, on: date) -> str | None:
        if value == UNKNOWN:
            return None
        found = self.kind.problem(value, on)
        return f"{found}, ou « {UNKNOWN} »" if found else None

    def normal(self, value: Any) -> Any:
        return value if value == UNKNOWN else self.kind.normal(value)

    def body(self, value: Any) -> tuple[str, str]:
        return (' nullFlavor="UNK"', "") if value == UNKNOWN else self.kind.body(value)

    def read(self, element: xml.Element) -> Any:
        return UNKNOWN if element.get("nullFlavor") else self.kind.read(element)

    def say(self, value: Any) -> str:
        return self.said if value == UNKNOWN else self.kind.say(value)


@dataclass(frozen=True, slots=True)
class Approximate:
    """TS known to the year (« 2008 »), to the month (« 2008-08 »), to the day, or an instant with its offset."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "anyOf": [{"pattern": f"^{_PART.pattern}$"}, *Moment().schema()["anyOf"]]}

    def problem(self, value: Any, on: date) -> str | None:
        if isinstance(value, str) and _PART.fullmatch(value):
            return None if value[:4] <= str(on.year) else "cette date est dans l'avenir"
        found = Moment().problem(value, on)
        return f"{found} ; l'année seule, ou AAAA-MM, convient aussi" if found else None

    def normal(self, value: Any) -> Any:
        return value if _PART.fullmatch(value) else Moment().normal(value)

    def body(self, value: Any) -> tuple[str, str]:
        return (f' value="{value.replace("-", "")}"', "") if _PART.fullmatch(value) else Moment().body(value)

    def read(self, element: xml.Element) -> Any:
        found = str(element.get("value", "")).strip()
        if _TS.fullmatch(found):
            return "-".join(part for part in (found[:4], found[4:]) if part)
        hour = _NO_OFFSET.fullmatch(found)
        return read_ts(hour[1] if hour else found)

    def say(self, value: Any) -> str:
        return "/".join(reversed(value.split("-"))) if _PART.fullmatch(value) else Moment().say(value)
