"""Kinds that name something: an identifier, a document, a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from coordination.cda.markup import attribute
from coordination.cda.spec.lexical import UnreadableValueError
from perinat.standards import xml
from perinat.standards.identifiers import IdentifierError, check_oid


@dataclass(frozen=True, slots=True)
class Number:
    """II whose root is fixed: the extension is the value (a RPPS with its prefix, a FINESS…)."""

    root: str
    pattern: str = r"[!-~]{1,64}"
    what: str = "un identifiant est attendu"
    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}

    def problem(self, value: Any, on: date) -> str | None:
        return None if isinstance(value, str) and re.fullmatch(self.pattern, value, re.ASCII) else self.what

    def normal(self, value: Any) -> Any:
        return value

    def body(self, value: Any) -> tuple[str, str]:
        return f' root="{self.root}" extension="{attribute(value)}"', ""

    def read(self, element: xml.Element) -> Any:
        extension = str(element.get("extension", ""))
        if element.get("root") != self.root or self.problem(extension, date.min):
            raise UnreadableValueError
        return extension

    def say(self, value: Any) -> str:
        return ""  # an identifier says nothing to a reader


@dataclass(frozen=True, slots=True)
class Oid:
    """II made of a root only: the unique id of a document."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^[0-2](\.(0|[1-9]\d*))+$"}

    def problem(self, value: Any, on: date) -> str | None:
        try:
            check_oid(value)
        except (IdentifierError, TypeError, AttributeError):
            return "un OID est attendu"
        return None

    def normal(self, value: Any) -> Any:
        return value

    def body(self, value: Any) -> tuple[str, str]:
        return f' root="{attribute(value)}"', ""

    def read(self, element: xml.Element) -> Any:
        root = element.get("root")
        if self.problem(root, date.min):
            raise UnreadableValueError
        return root

    def say(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Base64:
    """ED: a PDF in base64, in the case as in the document."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "contentEncoding": "base64", "contentMediaType": "application/pdf"}

    def problem(self, value: Any, on: date) -> str | None:
        good = isinstance(value, str) and re.fullmatch(r"JVBERi[A-Za-z0-9+/\s]*={0,2}", value)
        return None if good else "un PDF en base64 est attendu"

    def normal(self, value: Any) -> Any:
        return "".join(value.split())

    def body(self, value: Any) -> tuple[str, str]:
        return ' mediaType="application/pdf" representation="B64"', "".join(value.split())

    def read(self, element: xml.Element) -> Any:
        found = "".join("".join(str(piece) for piece in element.itertext()).split())
        if self.problem(found, date.min):
            raise UnreadableValueError
        return found

    def say(self, value: Any) -> str:
        return "Document PDF joint"
