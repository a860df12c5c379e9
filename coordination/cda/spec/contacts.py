"""Kinds of the places and people met inside an entry: a telephone number (TEL), a postal address (AD)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from coordination.cda.markup import address
from coordination.cda.spec.lexical import UnreadableValueError, squeeze, words_problem
from perinat.standards import oids, xml

_HL7 = f"{{{oids.NS_HL7}}}"
_PHONE = r"\+?[0-9 .()-]{3,25}"
_LINE = ("houseNumber", "streetNameType", "streetName", "streetAddressLine")


@dataclass(frozen=True, slots=True)
class Phone:
    """TEL « tel: », for work; only digits and a leading + are kept."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_PHONE}$"}

    def problem(self, value: Any, on: date) -> str | None:
        good = isinstance(value, str) and re.fullmatch(_PHONE, value) and len(re.sub(r"\D", "", value)) > 2
        return None if good else "un numéro de téléphone est attendu"

    def normal(self, value: Any) -> Any:
        return re.sub(r"[^\d+]", "", value)

    def body(self, value: Any) -> tuple[str, str]:
        return f' value="tel:{self.normal(value)}" use="WP"', ""

    def read(self, element: xml.Element) -> Any:
        found = str(element.get("value", "")).strip()
        if not found.startswith("tel:") or self.problem(found[4:], date.min):
            raise UnreadableValueError
        return self.normal(found[4:])

    def say(self, value: Any) -> str:
        found = self.normal(value)
        french = re.fullmatch(r"(\+33|)(0?\d)(\d\d)(\d\d)(\d\d)(\d\d)", found)
        return " ".join(french.groups()).strip() if french else found


@dataclass(frozen=True, slots=True)
class Postal:
    """AD in components, as in the header: {"line": …, "postal_code": …, "city": …}, each one optional."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        labels = (("line", "Numéro et voie"), ("postal_code", "Code postal"), ("city", "Ville"))
        return {
            "type": "object",
            "properties": {name: {"type": "string", "minLength": 1, "title": label} for name, label in labels},
            "additionalProperties": False,
            "minProperties": 1,
        }

    def problem(self, value: Any, on: date) -> str | None:
        if not isinstance(value, Mapping) or not value or set(value) - {"line", "postal_code", "city"}:
            return 'une adresse {"line": …, "postal_code": …, "city": …} est attendue'
        whole = not any(words_problem(part, 200) for part in value.values())
        return None if whole else "chaque partie de l'adresse est un texte de 200 caractères au plus"

    def normal(self, value: Any) -> Any:
        kept = {name: squeeze(value[name]) for name in ("line", "postal_code", "city") if name in value}
        if "line" in kept:  # the comma after the house number is not written: « 12, rue X » reads « 12 rue X »
            kept["line"] = re.sub(r"^(\d+(?: ?(?:bis|ter|quater|[A-Fa-f])\b)?), ?", r"\1 ", kept["line"])
        return kept

    def body(self, value: Any) -> tuple[str, str]:
        kept = self.normal(value)
        written = address(kept.get("line", ""), kept.get("postal_code", ""), kept.get("city", ""))
        return "", written.removeprefix("<addr>").removesuffix("</addr>")

    def read(self, element: xml.Element) -> Any:
        line = " ".join(_words(element, tag) for tag in _LINE).strip()
        parts = {"line": line, "postal_code": _words(element, "postalCode"), "city": _words(element, "city")}
        found = {name: squeeze(words) for name, words in parts.items() if words.strip()}
        if not found:
            raise UnreadableValueError
        return found

    def say(self, value: Any) -> str:
        kept = self.normal(value)
        town = " ".join(kept[name] for name in ("postal_code", "city") if name in kept)
        return ", ".join(part for part in (kept.get("line", ""), town) if part)


def _words(element: xml.Element, tag: str) -> str:
    return " ".join(str(node.text or "") for node in element.iterchildren(f"{_HL7}{tag}"))
