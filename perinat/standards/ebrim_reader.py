"""ebRIM 3.0 read back: lots received in XDM archives, answers of the DMP registry (ITI-18, ITI-41).

Tolerant: what is absent is empty or None, what is unknown stays in `slots` and `classifications`;
nothing is invented. Strictness (one person, hash, size) is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypedDict

from perinat.standards import ebrim_schemes as scheme
from perinat.standards import ebrim_types as types
from perinat.standards.codes import Code
from perinat.standards.ebrim_parsed import (
    ParsedAssociation,
    ParsedAuthor,
    ParsedEntry,
    ParsedSet,
    ParsedSubmission,
    Slots,
)
from perinat.standards.ebrim_types import EbrimError
from perinat.standards.xml import Element

_RIM = f"{{{scheme.NS_RIM}}}"


class _Fields(TypedDict):
    """The fields of ParsedObject."""

    id: str
    lid: str
    status: str
    version: str
    title: str
    comments: str
    authors: tuple[ParsedAuthor, ...]
    slots: Slots
    classifications: Mapping[str, tuple[Code, ...]]
    identifiers: Mapping[str, str]


def read_submission(root: Element) -> ParsedSubmission:
    """Read the first RegistryObjectList at or under `root` (a request, a SOAP body or METADATA.XML).

    Raises EbrimError when there is none, for instance in ebRIM 2.1 metadata.
    """
    registry = next(root.iter(f"{_RIM}RegistryObjectList"), None)
    if registry is None:
        raise EbrimError("Les métadonnées ne sont pas au format ebRIM 3.0 attendu.")
    apart: dict[str, list[Element]] = {}  # classifications that stand beside the object they classify
    for element in registry.findall(f"{_RIM}Classification"):
        apart.setdefault(element.get("classifiedObject", ""), []).append(element)
    packages = registry.findall(f"{_RIM}RegistryPackage")
    return ParsedSubmission(
        sets=tuple(_set(element, apart) for element in packages if not _is_folder(element, apart)),
        entries=tuple(_entry(element, apart) for element in registry.findall(f"{_RIM}ExtrinsicObject")),
        associations=tuple(_association(element) for element in registry.findall(f"{_RIM}Association")),
        references=tuple(element.get("id", "") for element in registry.findall(f"{_RIM}ObjectRef")),
    )


def _classifications(element: Element, apart: Mapping[str, list[Element]]) -> Iterator[Element]:
    yield from element.findall(f"{_RIM}Classification")
    yield from apart.get(element.get("id", ""), ())


def _is_folder(element: Element, apart: Mapping[str, list[Element]]) -> bool:
    return any(found.get("classificationNode") == scheme.FOLDER_NODE for found in _classifications(element, apart))


def _set(element: Element, apart: Mapping[str, list[Element]]) -> ParsedSet:
    return ParsedSet(**_fields(element, apart, scheme.SET_AUTHOR))


def _entry(element: Element, apart: Mapping[str, list[Element]]) -> ParsedEntry:
    return ParsedEntry(
        **_fields(element, apart, scheme.ENTRY_AUTHOR),
        mime_type=element.get("mimeType", ""),
        object_type=element.get("objectType", ""),
    )


def _fields(element: Element, apart: Mapping[str, list[Element]], author_scheme: str) -> _Fields:
    authors: list[ParsedAuthor] = []
    classified: dict[str, tuple[Code, ...]] = {}
    for found in _classifications(element, apart):
        name = found.get("classificationScheme", "")
        if name == author_scheme:
            authors.append(_author(found))
        elif name:
            classified[name] = (*classified.get(name, ()), _code(found))
    version = element.find(f"{_RIM}VersionInfo")
    return _Fields(
        id=element.get("id", ""),
        lid=element.get("lid", ""),
        status=element.get("status", ""),
        version=version.get("versionName", "") if version is not None else "",
        title=_text(element, "Name"),
        comments=_text(element, "Description"),
        authors=tuple(authors),
        slots=_slots(element),
        classifications=classified,
        identifiers={
            found.get("identificationScheme", ""): found.get("value", "")
            for found in element.findall(f"{_RIM}ExternalIdentifier")
        },
    )


def _slots(element: Element) -> dict[str, tuple[str, ...]]:
    return {
        slot.get("name", ""): tuple((value.text or "").strip() for value in slot.iter(f"{_RIM}Value"))
        for slot in element.findall(f"{_RIM}Slot")
    }


def _text(element: Element, name: str) -> str:
    found = element.find(f"{_RIM}{name}/{_RIM}LocalizedString")
    return found.get("value", "") if found is not None else ""


def _code(element: Element) -> Code:
    system = next(iter(_slots(element).get("codingScheme", ())), "")
    return Code(element.get("nodeRepresentation", ""), system, _text(element, "Name"))


def _author(element: Element) -> ParsedAuthor:
    slots = _slots(element)
    person = next(iter(slots.get("authorPerson", ())), "")
    return ParsedAuthor(
        person=types.parse_xcn(person) if person else None,
        institutions=tuple(types.parse_xon(text) for text in slots.get("authorInstitution", ()) if text),
        roles=tuple(text for text in slots.get("authorRole", ()) if text),
        specialties=tuple(types.parse_specialty(text) for text in slots.get("authorSpecialty", ()) if text),
    )


def _association(element: Element) -> ParsedAssociation:
    return ParsedAssociation(
        type=element.get("associationType", ""),
        source=element.get("sourceObject", ""),
        target=element.get("targetObject", ""),
        slots=_slots(element),
    )
