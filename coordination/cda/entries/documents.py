"""Documents that go with another one: attached to it (FR-Document-attache) or named by it (FR-References-externes)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from coordination.cda.entries.basics import SIMPLE_OBSERVATION, coded, coded_value, completed, entry, templates
from coordination.cda.markup import attribute
from coordination.cda.spec.lexical import UnreadableValueError
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Narrated, Part, Section, Slot
from coordination.cda.spec.references import Base64
from perinat.standards import oids, xml
from perinat.standards.codes import Code

ATTACHED = ("1.2.250.1.213.1.1.3.18",)
ATTACHED_TYPE = (*SIMPLE_OBSERVATION, "1.2.250.1.213.1.1.3.48.18")
PDF_COPY = "pdf_copy"  # name of the section in the case
EXTERNAL_REFERENCE = ("1.3.6.1.4.1.19376.1.5.3.1.4.4", "1.2.250.1.213.1.1.3.35")
_IDENTIFIER = r"[0-2](?:\.(?:0|[1-9]\d*))+(?:\^[A-Za-z0-9_.:/-]{1,64})?"


@dataclass(frozen=True, slots=True)
class DocumentId:
    """II of a document, as one word: an OID, or « OID^extension » (uniqueId of XDS, ITI TF-3 4.2.3.2.26)."""

    xsi: str = ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_IDENTIFIER}$", "maxLength": 128}

    def problem(self, value: Any, on: date) -> str | None:
        good = isinstance(value, str) and len(value) <= 128 and re.fullmatch(_IDENTIFIER, value)
        return None if good else "un identifiant de document est attendu : OID, ou OID^extension"

    def normal(self, value: Any) -> Any:
        return value

    def body(self, value: Any) -> tuple[str, str]:
        root, _, extension = value.partition("^")
        return f' root="{attribute(root)}"' + (f' extension="{attribute(extension)}"' if extension else ""), ""

    def read(self, element: xml.Element) -> Any:
        found = "^".join(str(element.get(name)) for name in ("root", "extension") if element.get(name))
        if self.problem(found, date.min):
            raise UnreadableValueError
        return found

    def say(self, value: Any) -> str:
        return str(value)


def external_reference(name: str, label: str, text: Part, *, required: bool = True, silent: bool = False) -> E:
    """FR-References-externes: the act naming one document. `text`: its <text> (Anchor, or words)."""
    document = E(
        "externalDocument",
        Slot("id", name, label, DocumentId(), required=required, silent=silent),
        classCode="DOC",
        moodCode="EVN",
    )
    return E(
        "act",
        *templates(EXTERNAL_REFERENCE),
        Ident(),
        E("code", nullFlavor="NA"),
        text,
        E("reference", document, typeCode="REFR"),
        classCode="ACT",
        moodCode="EVN",
    )


def _attached(kind_value: E) -> E:
    kind = E(
        "observation",
        *templates(ATTACHED_TYPE),
        Ident(),
        coded(Code("69764-9", oids.LOINC, "Type de document")),
        Anchor(),
        completed(),
        E("effectiveTime", nullFlavor="NA"),
        kind_value,
        classCode="OBS",
        moodCode="EVN",
    )
    name = "" if kind_value.attributes.get("code") else "content"  # a document without a title: the file alone
    file = Slot("value", name, "Fichier", Base64(), required=True, silent=True)
    media = E("observationMedia", file, shown=True, classCode="OBS", moodCode="EVN")
    return E(
        "organizer",
        *templates(ATTACHED),
        Ident(),
        coded(Code("55107-7", oids.LOINC, "Document attaché")),
        completed(),
        E("component", kind, typeCode="COMP"),
        E("component", media),
        classCode="CLUSTER",
        moodCode="EVN",
    )


def attached_documents(title: str = "Documents liés") -> Section:
    """FR-Documents-ajoutes 1.2.250.1.213.1.1.2.37: documents [{title, content: PDF in base64}]."""
    titled = E("value", Narrated("title", "Titre", tag="originalText", required=True, most=200), xsi_type="CD")
    return Section(
        "attached_documents",
        title,
        Code("55107-7", oids.LOINC, "Documents ajoutés"),
        ("1.2.250.1.213.1.1.2.37",),
        (Item("documents", "Document joint", entry(_attached(titled)), required=True, many=True),),
    )


def referenced_documents(title: str = "Documents référencés") -> Section:
    """FR-Documents-references 1.2.250.1.213.1.1.2.55: documents [{title, id}]."""
    act = external_reference("id", "Identifiant", Narrated("title", "Titre", required=True, most=200), silent=True)
    return Section(
        "referenced_documents",
        title,
        Code("55107-7", oids.LOINC, "Documents référencés"),
        ("1.2.250.1.213.1.1.2.55",),
        (Item("documents", "Document référencé", entry(act), required=True, many=True),),
    )


def pdf_copy() -> Section:
    """FR-Document-PDF-copie 1.2.250.1.213.1.1.2.243: document, the copy of the whole document (PDF in base64)."""
    copy = Code("55108-5", oids.LOINC, "Copie du document")
    return Section(
        PDF_COPY,
        "Copie du document",
        copy,
        ("1.2.250.1.213.1.1.2.243",),
        (Item("document", "Copie du document", entry(_attached(coded_value(copy))), required=True),),
    )
