"""Reading the header of a CDA as the DMP does, to compare it with the metadata (dmp.md §5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from dmp_gateway.sandbox import grammar
from perinat.standards import oids
from perinat.standards.xml import Element

Id = tuple[str, str]  # root, extension
Coded = tuple[str, str]  # code, codeSystem


@dataclass(frozen=True, slots=True)
class CdaHeader:
    """What is compared. Instants are UTC as in XDS (`AAAAMMJJHHMMSS`); empty when absent."""

    identifier: Id
    set_identifier: Id
    version: str
    code: Coded
    title: str
    created: str
    confidentiality: Coded
    language: str
    templates: tuple[Id, ...]
    patient_ids: tuple[Id, ...]
    birth_date: str
    sex: str
    author_ids: tuple[Id, ...]
    author_structures: tuple[Id, ...]
    legal_id: Id
    service_start: str
    service_stop: str
    practice: Coded
    facility: Coded
    media_type: str
    replaced: tuple[Id, ...]


def read(root: Element) -> CdaHeader:
    """Read `root`, an element ClinicalDocument; nothing is required here."""
    service = _main_service(root)
    patient = "recordTarget/patientRole"
    return CdaHeader(
        identifier=_id(root, "id"),
        set_identifier=_id(root, "setId"),
        version=_attribute(root, "versionNumber", "value"),
        code=_coded(root, "code"),
        title=" ".join((root.findtext(_p("title")) or "").split()),
        created=_instant(root, "effectiveTime"),
        confidentiality=_coded(root, "confidentialityCode"),
        language=_attribute(root, "languageCode", "code"),
        templates=_ids(root, "templateId"),
        patient_ids=_ids(root, f"{patient}/id"),
        birth_date=_attribute(root, f"{patient}/patient/birthTime", "value")[:8],
        sex=_attribute(root, f"{patient}/patient/administrativeGenderCode", "code"),
        author_ids=_ids(root, "author/assignedAuthor/id"),
        author_structures=_ids(root, "author/assignedAuthor/representedOrganization/id"),
        legal_id=_id(root, "legalAuthenticator/assignedEntity/id"),
        service_start=_instant(service, "effectiveTime/low"),
        service_stop=_instant(service, "effectiveTime/high"),
        practice=_coded(service, "performer/assignedEntity/representedOrganization/standardIndustryClassCode"),
        facility=_coded(root, "componentOf/encompassingEncounter/location/healthCareFacility/code"),
        media_type=_attribute(root, "component/nonXMLBody/text", "mediaType"),
        replaced=_replaced(root),
    )


@lru_cache(maxsize=128)
def _p(path: str) -> str:
    return "/".join(f"{{{oids.NS_HL7}}}{name}" for name in path.split("/"))


def _main_service(root: Element) -> Element | None:
    """The serviceEvent whose performer names the practice setting (Structuration minimale)."""
    industry = _p("performer/assignedEntity/representedOrganization/standardIndustryClassCode")
    for service in root.iterfind(_p("documentationOf/serviceEvent")):
        if service.find(industry) is not None:
            return service
    return root.find(_p("documentationOf/serviceEvent"))


def _replaced(root: Element) -> tuple[Id, ...]:
    found: list[Id] = []
    for related in root.iterfind(_p("relatedDocument")):
        if related.get("typeCode") == "RPLC":
            found += _ids(related, "parentDocument/id")
    return tuple(found)


def _attribute(root: Element | None, path: str, name: str) -> str:
    element = root.find(_p(path)) if root is not None else None
    return element.get(name, "") if element is not None else ""


def _id(root: Element, path: str) -> Id:
    return _attribute(root, path, "root"), _attribute(root, path, "extension")


def _ids(root: Element, path: str) -> tuple[Id, ...]:
    return tuple((item.get("root", ""), item.get("extension", "")) for item in root.iterfind(_p(path)))


def _coded(root: Element | None, path: str) -> Coded:
    return _attribute(root, path, "code"), _attribute(root, path, "codeSystem")


def _instant(root: Element | None, path: str) -> str:
    return grammar.hl7_instant_utc(_attribute(root, path, "value"))
