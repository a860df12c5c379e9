"""Amounts whose unit the case chooses: a dose, a rate, a maximal dose, a frequency; and words in several lines.

Units are UCUM (« mg », « h », « {tbl} »). A unit that stands in UNITS is said in French; any other one as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from coordination.cda.markup import attribute, text
from coordination.cda.spec.lexical import UnreadableValueError, is_number, read_real, words_problem
from perinat.standards import oids, xml

UNITS = {  # UCUM → one, several
    "{tbl}": ("comprimé", "comprimés"),
    "{capsule}": ("gélule", "gélules"),
    "{sachet}": ("sachet", "sachets"),
    "{suppository}": ("suppositoire", "suppositoires"),
    "{ampoule}": ("ampoule", "ampoules"),
    "{patch}": ("patch", "patchs"),
    "{spoon}": ("cuillère", "cuillères"),
    "[drp]": ("goutte", "gouttes"),
    "{puff}": ("bouffée", "bouffées"),
    "{application}": ("application", "applications"),
    "{injection}": ("injection", "injections"),
    "[iU]": ("UI", "UI"),
    "ug": ("µg", "µg"),
    "mL": ("ml", "ml"),
    "min": ("minute", "minutes"),
    "h": ("heure", "heures"),
    "d": ("jour", "jours"),
    "wk": ("semaine", "semaines"),
    "mo": ("mois", "mois"),
    "a": ("an", "ans"),
}
TIMES = ("min", "h", "d", "wk", "mo", "a")
_FEMININE = {"min", "h", "wk"}
_UNIT = r"[\x21\x23-\x25\x27-\x3b\x3d\x3f-\x7e]{1,40}"  # UCUM: printable, without space, quote, < nor &
_HL7 = f"{{{oids.NS_HL7}}}"
_SCALE = 4  # decimals kept
_MOST = 1e9


def settle(value: float) -> float | int:
    rounded = round(value, _SCALE)
    return int(rounded) if rounded == int(rounded) else rounded


def plain(value: float) -> str:
    return f"{settle(value):.{_SCALE}f}".rstrip("0").rstrip(".")


def say_unit(unit: str, value: float) -> str:
    """« mg/d » is « mg / jour »."""
    over, _, under = unit.partition("/")
    one, several = UNITS.get(over, (_bare(over),) * 2)
    said = "" if unit == "1" else several if value >= 2 else one
    return f"{said} / {say_unit(under, 1)}" if under else said


def _bare(unit: str) -> str:
    """An annotation alone, « {bouchon} », is said without its braces; a unit, « mm[Hg] », as it stands."""
    annotation = re.fullmatch(r"\{([^{}]+)\}", unit)
    return annotation[1] if annotation else unit


def say_amount(value: float, unit: str) -> str:
    return f"{plain(value).replace('.', ',')} {say_unit(unit, value)}".strip()


def _amount_problem(value: Any, names: tuple[str, ...], others: tuple[str, ...] = ()) -> str | None:
    if not isinstance(value, Mapping) or set(value) - {*names, *others, "unit"}:
        return 'une quantité {"value": …, "unit": …} est attendue'
    for name in names:
        if name in value and not is_number(value[name]):
            return "un nombre est attendu"
        if name in value and not 10**-_SCALE <= value[name] <= _MOST:
            return "le nombre doit être plus grand que zéro, et raisonnable"
    if names[0] not in value:
        return "il manque le nombre"
    unit = value.get("unit")
    if not isinstance(unit, str) or not re.fullmatch(_UNIT, unit):
        return "une unité est attendue (mg, mL, {tbl}…)"
    return None


def _schema(names: Mapping[str, str], units: tuple[str, ...] = tuple(UNITS)) -> dict[str, Any]:
    numbers = {
        name: {"type": "number", "minimum": 10**-_SCALE, "maximum": _MOST, "title": title}
        for name, title in names.items()
    }
    unit = {"type": "string", "pattern": f"^{_UNIT}$", "title": "Unité (UCUM)", "examples": list(units)}
    return {
        "type": "object",
        "properties": {**numbers, "unit": unit},
        "required": ["value", "unit"],
        "additionalProperties": False,
    }


def _pq(tag: str, value: float, unit: str) -> str:
    return f'<{tag} value="{plain(value)}" unit="{attribute(unit)}"/>'


def _read_pq(element: xml.Element | None) -> dict[str, Any]:
    if element is None:
        raise UnreadableValueError
    found = read_real(str(element.get("value", "")))
    amount = {"value": found, "unit": str(element.get("unit", "1"))}
    if _amount_problem(amount, ("value",)):
        raise UnreadableValueError
    return amount | {"value": settle(found)}


@dataclass(frozen=True, slots=True)
class Span:
    """IVL_PQ: {"value": 1, "unit": "{tbl}"}, or from « value » to « up_to »."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        return _schema({"value": "Quantité", "up_to": "Jusqu'à"})

    def problem(self, value: Any, on: date) -> str | None:
        found = _amount_problem(value, ("value", "up_to"))
        if found is None and value.get("up_to", value["value"]) < value["value"]:
            return "le maximum est plus petit que le minimum"
        return found

    def normal(self, value: Any) -> Any:
        low, high = settle(value["value"]), settle(value.get("up_to", value["value"]))
        return {"value": low} | ({"up_to": high} if high != low else {}) | {"unit": value["unit"]}

    def body(self, value: Any) -> tuple[str, str]:
        high = value.get("up_to", value["value"])
        return "", _pq("low", value["value"], value["unit"]) + _pq("high", high, value["unit"])

    def read(self, element: xml.Element) -> Any:
        low = element.find(f"{_HL7}low")
        if low is None:
            return _read_pq(element)
        found, end = _read_pq(low), element.find(f"{_HL7}high")
        if end is None or end.get("nullFlavor"):
            return found
        high = _read_pq(end)
        if high["unit"] != found["unit"] or high["value"] < found["value"]:
            raise UnreadableValueError
        return self.normal({"value": found["value"], "up_to": high["value"], "unit": found["unit"]})

    def say(self, value: Any) -> str:
        if "up_to" not in value:
            return say_amount(value["value"], value["unit"])
        return f"{plain(value['value']).replace('.', ',')} à {say_amount(value['up_to'], value['unit'])}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """RTO_PQ_PQ: {"value": 3, "unit": "g", "per": {"value": 1, "unit": "d"}}."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        built = _schema({"value": "Quantité"})
        built["properties"]["per"] = _schema({"value": "Durée"}, TIMES) | {"title": "Par"}
        built["required"] = ["value", "unit", "per"]
        return built

    def problem(self, value: Any, on: date) -> str | None:
        found = _amount_problem(value, ("value",), ("per",))
        return found or _amount_problem(value.get("per"), ("value",))

    def normal(self, value: Any) -> Any:
        per = {"value": settle(value["per"]["value"]), "unit": value["per"]["unit"]}
        return {"value": settle(value["value"]), "unit": value["unit"], "per": per}

    def body(self, value: Any) -> tuple[str, str]:
        per = value["per"]
        return "", _pq("numerator", value["value"], value["unit"]) + _pq("denominator", per["value"], per["unit"])

    def read(self, element: xml.Element) -> Any:
        return _read_pq(element.find(f"{_HL7}numerator")) | {"per": _read_pq(element.find(f"{_HL7}denominator"))}

    def say(self, value: Any) -> str:
        per = value["per"]
        every = say_unit(per["unit"], 1) if per["value"] == 1 else say_amount(per["value"], per["unit"])
        return f"{say_amount(value['value'], value['unit'])} / {every}"


@dataclass(frozen=True, slots=True)
class Frequency:
    """PIVL_TS by its period: {"value": 8, "unit": "h"} is every eight hours."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        built = _schema({"value": "Toutes les"}, TIMES)
        built["properties"]["unit"] = {"enum": list(TIMES), "title": "Unité de temps"}
        return built

    def problem(self, value: Any, on: date) -> str | None:
        found = _amount_problem(value, ("value",))
        if found is None and value["unit"] not in TIMES:
            return f"une unité de temps est attendue : {', '.join(TIMES)}"
        return found

    def normal(self, value: Any) -> Any:
        return {"value": settle(value["value"]), "unit": value["unit"]}

    def body(self, value: Any) -> tuple[str, str]:
        return "", _pq("period", value["value"], value["unit"])

    def read(self, element: xml.Element) -> Any:
        found = _read_pq(element.find(f"{_HL7}period"))
        if found["unit"] not in TIMES:
            raise UnreadableValueError
        return found

    def say(self, value: Any) -> str:
        every, unit = value["value"], value["unit"]
        if unit == "h" and 0 < every <= 24 and 24 % every == 0:
            return f"{int(24 / every)} fois par jour" + (f" (toutes les {plain(every)} heures)" if every < 24 else "")
        if every == 1:
            return f"1 fois par {UNITS[unit][0]}"
        return f"tou{'te' if unit in _FEMININE else ''}s les {say_amount(every, unit)}"


@dataclass(frozen=True, slots=True)
class Lines:
    """ST of several lines: a line break opens a paragraph, in the value as in the narrative."""

    xsi: str = "ST"
    most: int = 20_000

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.most}

    def problem(self, value: Any, on: date) -> str | None:
        return words_problem(value, self.most)

    def normal(self, value: Any) -> Any:
        lines = (" ".join(line.split()) for line in value.splitlines())
        return "\n".join(line for line in lines if line)

    def body(self, value: Any) -> tuple[str, str]:
        return "", "\n".join(text(line) for line in self.normal(value).split("\n"))

    def read(self, element: xml.Element) -> Any:
        found = self.normal("".join(str(piece) for piece in element.itertext()))
        if not found:
            raise UnreadableValueError
        return found

    def say(self, value: Any) -> str:
        return str(self.normal(value))
