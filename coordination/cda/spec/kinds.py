"""What a slot may hold: its form in a JSON case, in the XML, and in a sentence.

Sources: HL7 v3 data types as CDA R2 uses them (BL, INT, PQ, TS, IVL_TS, ST, CD, CE, II, ED); units
in UCUM. Coded kinds are in `coded`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from coordination.cda.markup import attribute, text
from coordination.cda.spec.lexical import (
    UnreadableValueError,
    day_of,
    is_number,
    moment_of,
    read_integer,
    read_real,
    read_ts,
    say_moment,
    squeeze,
    words_problem,
    write_ts,
)
from perinat.standards import oids, xml


class Kind(Protocol):
    """`xsi`: the xsi:type written, empty when the element's type is fixed by the schema."""

    @property
    def xsi(self) -> str: ...
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the value."""
        ...

    def problem(self, value: Any, on: date) -> str | None:
        """French words saying why this JSON value cannot be on that day (the document's), or None."""
        ...

    def normal(self, value: Any) -> Any:
        """The value as reading gives it back; called only when there is no problem."""
        ...

    def body(self, value: Any) -> tuple[str, str]:
        """(attributes as text with a leading space, inner XML)."""
        ...

    def read(self, element: xml.Element) -> Any:
        """Raises UnreadableValueError."""
        ...

    def say(self, value: Any) -> str:
        """What the narrative shows."""
        ...


@dataclass(frozen=True, slots=True)
class Words:
    """Short text as element content (ST, or the name of something)."""

    xsi: str = ""
    most: int = 2000

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.most}

    def problem(self, value: Any, on: date) -> str | None:
        return words_problem(value, self.most)

    def normal(self, value: Any) -> Any:
        return squeeze(value)

    def body(self, value: Any) -> tuple[str, str]:
        return "", text(value)

    def read(self, element: xml.Element) -> Any:
        found = squeeze("".join(str(piece) for piece in element.itertext()))
        if not found:
            raise UnreadableValueError
        return found

    def say(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """BL. `yes` and `no`: what the narrative says."""

    xsi: str = "BL"
    yes: str = "Oui"
    no: str = "Non"

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def problem(self, value: Any, on: date) -> str | None:
        return None if isinstance(value, bool) else "true ou false est attendu"

    def normal(self, value: Any) -> Any:
        return value

    def body(self, value: Any) -> tuple[str, str]:
        return f' value="{"true" if value else "false"}"', ""

    def read(self, element: xml.Element) -> Any:
        found = {"true": True, "1": True, "false": False, "0": False}.get(str(element.get("value", "")).strip())
        if found is None:
            raise UnreadableValueError
        return found

    def say(self, value: Any) -> str:
        return self.yes if value else self.no


@dataclass(frozen=True, slots=True)
class Count:
    """INT."""

    xsi: str = "INT"
    least: int = 0
    most: int = 99

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def problem(self, value: Any, on: date) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return "un nombre entier est attendu"
        return None if self.least <= value <= self.most else f"le nombre doit être entre {self.least} et {self.most}"

    def normal(self, value: Any) -> Any:
        return value

    def body(self, value: Any) -> tuple[str, str]:
        return f' value="{value}"', ""

    def read(self, element: xml.Element) -> Any:
        found = read_integer(str(element.get("value", "")))
        if not self.least <= found <= self.most:
            raise UnreadableValueError
        return found

    def say(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Quantity:
    """PQ in one fixed UCUM unit. `unit_fr`: the unit as people write it; `scale`: decimals kept."""

    unit: str
    unit_fr: str
    least: float = 0
    most: float = 1e9
    scale: int = 3
    xsi: str = "PQ"

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.least, "maximum": self.most, "description": f"en {self.unit_fr}"}

    def problem(self, value: Any, on: date) -> str | None:
        if not is_number(value):
            return f"un nombre est attendu ({self.unit_fr})"
        if not self.least <= value <= self.most:
            return f"le nombre doit être entre {_number(self.least)} et {_number(self.most)} {self.unit_fr}"
        return None

    def normal(self, value: Any) -> Any:
        rounded = round(value, self.scale)
        return int(rounded) if rounded == int(rounded) else rounded

    def body(self, value: Any) -> tuple[str, str]:
        return f' value="{_plain(self.normal(value))}" unit="{attribute(self.unit)}"', ""

    def read(self, element: xml.Element) -> Any:
        if element.get("unit", "1") != self.unit:
            raise UnreadableValueError
        found = self.normal(read_real(str(element.get("value", ""))))
        if not self.least <= found <= self.most:
            raise UnreadableValueError
        return found

    def say(self, value: Any) -> str:
        return f"{_number(self.normal(value))} {self.unit_fr}".strip()


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    return _plain(float(value)).replace(".", ",")


@dataclass(frozen=True, slots=True)
class Moment:
    """TS: a day (« 2026-11-20 ») or an instant with its offset (« 2026-11-20T09:30:00+01:00 »)."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}

    def problem(self, value: Any, on: date) -> str | None:
        return None if moment_of(value) else "une date AAAA-MM-JJ est attendue, ou une date et heure avec son fuseau"

    def normal(self, value: Any) -> Any:
        return read_ts(write_ts(value))

    def body(self, value: Any) -> tuple[str, str]:
        return f' value="{write_ts(value)}"', ""

    def read(self, element: xml.Element) -> Any:
        return read_ts(str(element.get("value", "")).strip())

    def say(self, value: Any) -> str:
        return say_moment(value)


@dataclass(frozen=True, slots=True)
class Period:
    """IVL_TS: {"from": …, "to": …}, either bound possibly absent, not both."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        bound = Moment().schema()
        return {
            "type": "object",
            "properties": {"from": bound | {"title": "Début"}, "to": bound | {"title": "Fin"}},
            "additionalProperties": False,
            "minProperties": 1,
        }

    def problem(self, value: Any, on: date) -> str | None:
        if not isinstance(value, Mapping) or not value or set(value) - {"from", "to"}:
            return 'une période {"from": …, "to": …} est attendue'
        bounds = [moment_of(value[name]) for name in ("from", "to") if name in value]
        if None in bounds:
            return Moment().problem("", on)
        if len(bounds) == 2 and day_of(bounds[1]) < day_of(bounds[0]):
            return "la fin précède le début"
        return None

    def normal(self, value: Any) -> Any:
        return {name: Moment().normal(value[name]) for name in ("from", "to") if name in value}

    def body(self, value: Any) -> tuple[str, str]:
        low = f'<low value="{write_ts(value["from"])}"/>' if "from" in value else '<low nullFlavor="UNK"/>'
        high = f'<high value="{write_ts(value["to"])}"/>' if "to" in value else ""
        return "", low + high

    def read(self, element: xml.Element) -> Any:
        found = {}
        for name, tag in (("from", "low"), ("to", "high")):
            node = element.find(f"{{{oids.NS_HL7}}}{tag}")
            if node is not None and node.get("value"):
                found[name] = read_ts(str(node.get("value")).strip())
        if not found or (len(found) == 2 and day_of(moment_of(found["to"])) < day_of(moment_of(found["from"]))):
            raise UnreadableValueError
        return found

    def say(self, value: Any) -> str:
        words = [f"du {say_moment(value['from'])}"] if "from" in value else []
        return " ".join([*words, f"au {say_moment(value['to'])}"] if "to" in value else words)
