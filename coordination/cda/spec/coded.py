"""Coded kinds: one of a national list, one of a few given codes, or any code of a system.

In a case a code of a list is its official code alone; the label and the system are those of the list
(`perinat.standards.value_sets`, dated). A code of a whole terminology (CIM-10, CCAM, CIS…) brings its
label with it: {"code": …, "label": …}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from coordination.cda.markup import attribute, text
from coordination.cda.spec.lexical import UnreadableValueError, squeeze, words_problem
from perinat.standards import value_sets, xml
from perinat.standards.codes import Code

_CODE = r"[!-~]{1,64}"  # a code of any terminology: printable, without space
_LABEL = 1000  # characters


def _attributes(value: Code) -> str:
    return (
        f' code="{attribute(value.code)}" displayName="{attribute(value.label)}" codeSystem="{attribute(value.system)}"'
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """A code of the named official list (« JDV_ModaliteEntree »)."""

    name: str
    xsi: str = "CD"

    def find(self, code: object) -> Code | None:
        """The code with its label and system, also when it has left the list."""
        concept = value_sets.value_set(self.name).find(code) if isinstance(code, str) else None
        return concept.code if concept else None

    def codes(self) -> tuple[Code, ...]:
        """Those of the list, the ones that left it included."""
        return tuple(concept.code for concept in value_sets.value_set(self.name).concepts.values())

    def schema(self) -> dict[str, Any]:
        listed = value_sets.value_set(self.name)
        return {
            "oneOf": [{"const": concept.code.code, "title": concept.code.label} for concept in listed.concepts.values()]
        }

    def problem(self, value: Any, on: date) -> str | None:
        if not isinstance(value, str):
            return f"un code de {self.name} est attendu"
        found = value_sets.refusal(self.name, value, on)
        return found.rstrip(".") if found else None

    def normal(self, value: Any) -> Any:
        return value

    def body(self, value: Any) -> tuple[str, str]:
        found = self.find(value)
        assert found is not None
        return _attributes(found), ""

    def read(self, element: xml.Element) -> Any:
        code = str(element.get("code", ""))
        listed = value_sets.value_set(self.name)
        if listed.find(code, element.get("codeSystem")) is None:
            raise UnreadableValueError
        first = listed.find(code)
        same = first is not None and first.code.system == element.get("codeSystem")
        return code if same else f"{code}|{element.get('codeSystem')}"

    def say(self, value: Any) -> str:
        found = self.find(value)
        return found.label if found else str(value)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of the few codes that the volet itself names."""

    choices: tuple[Code, ...]
    xsi: str = "CD"

    def _find(self, code: object) -> Code | None:
        return next((choice for choice in self.choices if choice.code == code), None)

    def codes(self) -> tuple[Code, ...]:
        return self.choices

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [{"const": choice.code, "title": choice.label} for choice in self.choices]}

    def problem(self, value: Any, on: date) -> str | None:
        if self._find(value):
            return None
        return f"un de ces codes est attendu : {', '.join(choice.code for choice in self.choices)}"

    def normal(self, value: Any) -> Any:
        return value

    def body(self, value: Any) -> tuple[str, str]:
        found = self._find(value)
        assert found is not None
        return _attributes(found), ""

    def read(self, element: xml.Element) -> Any:
        found = self._find(element.get("code"))
        if found is None or element.get("codeSystem") != found.system:
            raise UnreadableValueError
        return found.code

    def say(self, value: Any) -> str:
        found = self._find(value)
        return found.label if found else str(value)


@dataclass(frozen=True, slots=True)
class Wording(OneOf):
    """One of a few sentences that the volet itself words, for a `Narrated` or the text of an element: the case gives
    its code, and no free words can stand there."""

    xsi: str = ""

    def body(self, value: Any) -> tuple[str, str]:
        return "", text(self.say(value))

    def read(self, element: xml.Element) -> Any:
        found = self.of("".join(str(piece) for piece in element.itertext()))
        if found is None:
            raise UnreadableValueError
        return found

    def of(self, words: str) -> str | None:
        """The code of this sentence; None when it is none of them."""
        return next((choice.code for choice in self.choices if choice.label == squeeze(words)), None)


@dataclass(frozen=True, slots=True)
class Terminology:
    """Any code of one of these systems (OID, usual name); the first is the one taken by default.

    `pattern`: what the code must look like, when only a part of the system is meant (a chapter of CIM-10).
    `often`: official lists whose codes are proposed to who writes by hand.
    """

    systems: tuple[tuple[str, str], ...]
    xsi: str = "CD"
    pattern: str = ""
    often: tuple[str, ...] = ()

    def proposed(self) -> tuple[Code, ...]:
        """The codes of the lists of `often` that may stand here."""
        systems = {oid for oid, _ in self.systems}
        listed = (code for name in self.often for code in Listed(name).codes())
        return tuple(code for code in listed if code.system in systems and self._fits(code.code))

    def _system(self, name: object) -> str | None:
        return next((oid for oid, known in self.systems if known == name), None)

    def _name(self, oid: object) -> str | None:
        return next((known for system, known in self.systems if system == oid), None)

    def schema(self) -> dict[str, Any]:
        properties: dict[str, Any] = {
            "code": {"type": "string", "pattern": f"^(?:{self.pattern or _CODE})$", "title": "Code"},
            "label": {"type": "string", "minLength": 1, "maxLength": _LABEL, "title": "Libellé officiel"},
        }
        if len(self.systems) > 1:
            properties["system"] = {"enum": [name for _, name in self.systems], "title": "Nomenclature"}
        built = {
            "type": "object",
            "properties": properties,
            "required": ["code", "label"],
            "additionalProperties": False,
        }
        often = [{"code": code.code, "label": code.label} for code in self.proposed()]
        return built | {"examples": often} if often else built

    def problem(self, value: Any, on: date) -> str | None:
        names = " ou ".join(name for _, name in self.systems)
        known = {"code", "label", "system"} if len(self.systems) > 1 else {"code", "label"}
        if not isinstance(value, Mapping) or set(value) - known:
            return f'un code {names} est attendu : {{"code": …, "label": …}}'
        code = value.get("code")
        if not isinstance(code, str) or not re.fullmatch(_CODE, code) or words_problem(value.get("label"), _LABEL):
            return f"le code {names} et son libellé sont attendus"
        if "system" in value and self._system(value["system"]) is None:
            return f"la nomenclature attendue est {names}"
        if not self._fits(code):
            return f"ce code {names} n'est pas de ceux attendus ici"
        return None

    def _fits(self, code: str) -> bool:
        return not self.pattern or re.fullmatch(self.pattern, code, re.ASCII) is not None

    def normal(self, value: Any) -> Any:
        kept = {"code": value["code"], "label": squeeze(value["label"])}
        system = value.get("system", self.systems[0][1])
        return kept if system == self.systems[0][1] else kept | {"system": system}

    def body(self, value: Any) -> tuple[str, str]:
        system = self._system(value.get("system", self.systems[0][1]))
        assert system is not None
        return _attributes(Code(value["code"], system, squeeze(value["label"]))), ""

    def read(self, element: xml.Element) -> Any:
        name, code = self._name(element.get("codeSystem")), str(element.get("code", "")).strip()
        if not name or not re.fullmatch(_CODE, code) or not self._fits(code):
            raise UnreadableValueError
        label = squeeze(str(element.get("displayName", ""))) or code
        return self.normal({"code": code, "label": label[:_LABEL], "system": name})

    def say(self, value: Any) -> str:
        return f"{squeeze(value['label'])} [{value['code']}]"
