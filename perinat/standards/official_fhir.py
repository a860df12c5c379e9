"""Official lists in FHIR R4 JSON, as ANS publishes them: ValueSet (expansion, else compose), CodeSystem, ConceptMap.

Systems are URLs there and OIDs in a CDA. The OID comes, in this order, from the concept itself (designation
« OID »), from the URL (urn:oid:…), from a CodeSystem file of the same folder, from the table below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from perinat.standards import oids
from perinat.standards.codes import Code
from perinat.standards.official_lists import MAX_BYTES, OfficialFileError, checked, day, list_name
from perinat.standards.value_set_files import Head, StoredAssociation, StoredConcept, StoredList

_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_NOS = re.compile(r"https://mos\.esante\.gouv\.fr/NOS/(TRE_[A-Z]\d+)-[^/]+/FHIR/[^/]+")
_TRE = {
    "TRE_A00": oids.TRE_A00_ACTEUR_NON_PS,
    "TRE_A01": oids.TRE_A01_CADRE_EXERCICE,
    "TRE_A03": oids.TRE_A03_CLASSE_DOCUMENT,
    "TRE_A05": oids.TRE_A05_TYPE_DOCUMENT_COMPL,
    "TRE_A06": oids.TRE_A06_FORMAT_CODE_COMPL,
    "TRE_A07": oids.TRE_A07_STATUS_VISIBILITE,
    "TRE_A11": oids.TRE_A11_FORMAT_CODE_IHE,
    "TRE_G15": oids.TRE_G15_PROFESSION,
    "TRE_R02": oids.TRE_R02_SECTEUR_ACTIVITE,
}
_HL7 = "http://terminology.hl7.org/CodeSystem/v3-"
_URLS = {
    "http://loinc.org": oids.LOINC,
    "http://snomed.info/sct": oids.SNOMED_CT,
    f"{_HL7}Confidentiality": oids.HL7_CONFIDENTIALITY,
    f"{_HL7}AdministrativeGender": oids.HL7_ADMINISTRATIVE_GENDER,
    f"{_HL7}ActCode": oids.HL7_ACT_CODE,
    f"{_HL7}RoleCode": oids.HL7_ROLE_CODE,
}
Resource = Mapping[str, Any]


@dataclass(slots=True)
class CodeSystems:
    """The CodeSystem files of one folder: OID by URL, and the concepts of each."""

    oids: dict[str, str] = field(default_factory=dict)
    concepts: dict[str, list[StoredConcept]] = field(default_factory=dict)

    def add(self, resource: Resource) -> None:
        oid = _identifier(resource)
        if url := str(resource.get("url", "")):
            self.oids[url] = oid
            self.concepts[url] = [_of_system(concept, oid) for concept in _all(resource.get("concept", []), "concept")]

    def oid(self, url: str) -> str:
        if url.startswith("urn:oid:"):
            return url.removeprefix("urn:oid:")
        nos = _NOS.fullmatch(url)
        known = self.oids.get(url) or _URLS.get(url) or (_TRE.get(nos[1]) if nos else None)
        if known is None:
            raise OfficialFileError(
                f"l'OID du système « {url[:120]} » n'est pas connu : ajoutez le fichier de ce CodeSystem au dossier."
            )
        return known


def parse(data: bytes) -> Resource:
    """The FHIR resource of one file. Raises OfficialFileError: unreadable, or of another type."""
    if len(data) > MAX_BYTES:
        raise OfficialFileError("le fichier dépasse la taille admise.")
    try:
        resource = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise OfficialFileError("le fichier JSON est illisible.") from error
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if kind not in ("ValueSet", "CodeSystem", "ConceptMap"):
        raise OfficialFileError("ce fichier JSON n'est ni un ValueSet, ni un CodeSystem, ni un ConceptMap de FHIR.")
    return dict(resource)


def read(resource: Resource, source: str, systems: CodeSystems) -> StoredList | StoredAssociation:
    """The list or the association that a resource of `parse` gives. Raises OfficialFileError."""
    try:
        head = _head(resource, source)
        if resource["resourceType"] == "ConceptMap":
            return StoredAssociation(head, _pairs(resource, systems))
        if resource["resourceType"] == "CodeSystem":
            return StoredList(head, checked(systems.concepts[str(resource["url"])]))
        return StoredList(head, checked(list(_of_value_set(resource, systems))))
    except (LookupError, TypeError, AttributeError) as error:
        raise OfficialFileError("le fichier JSON n'a pas la forme attendue d'une ressource FHIR.") from error


def _head(resource: Resource, source: str) -> Head:
    name, published = list_name(str(resource.get("name", ""))), day(str(resource.get("date", "")))
    if published is None:
        raise OfficialFileError("la date de la liste manque.")
    return Head(name, _identifier(resource), str(resource.get("version", "")), published, source)


def _identifier(resource: Resource) -> str:
    """`identifier` is a list, or one object in a ConceptMap."""
    given = resource.get("identifier", [])
    for item in given if isinstance(given, list) else [given]:
        value = str(item.get("value", "")).removeprefix("urn:oid:")
        if _OID.fullmatch(value):
            return value
    raise OfficialFileError("l'OID de la liste manque (identifier, urn:oid:…).")


def _all(nodes: list[Resource], inside: str) -> Iterator[Resource]:
    """Concepts and those nested under them (`inside`), in the order of the file."""
    for node in nodes:
        yield node
        yield from _all(node.get(inside, []), inside)


def _of_system(node: Resource, oid: str) -> StoredConcept:
    ends = [str(p.get("valueDateTime", "")) for p in node.get("property", []) if p.get("code") == "dateFin"]
    return StoredConcept(_code(node, oid), day(ends[0]) if ends else None)


def _code(node: Resource, oid: str) -> Code:
    return Code(str(node["code"]), oid, str(node.get("display", "")))


def _of_value_set(resource: Resource, systems: CodeSystems) -> Iterator[StoredConcept]:
    if "expansion" in resource:
        for node in _all(resource["expansion"].get("contains", []), "contains"):
            if "code" in node and not node.get("abstract") and not node.get("inactive"):
                yield StoredConcept(_code(node, _own_oid(node) or systems.oid(str(node["system"]))))
        return
    compose = resource["compose"]
    if compose.get("exclude"):
        raise OfficialFileError("la liste est définie par des exclusions : prenez sa forme développée (expansion).")
    for include in compose["include"]:
        yield from _included(include, systems)


def _included(include: Resource, systems: CodeSystems) -> Iterator[StoredConcept]:
    if include.get("filter") or include.get("valueSet"):
        raise OfficialFileError("la liste est définie par un filtre : prenez sa forme développée (expansion).")
    url = str(include["system"])
    if "concept" in include:
        for node in include["concept"]:
            yield StoredConcept(_code(node, _own_oid(node) or systems.oid(url)))
    elif url in systems.concepts:
        yield from systems.concepts[url]
    else:
        raise OfficialFileError(
            f"la liste reprend tout « {url[:120]} » : ajoutez le fichier de ce CodeSystem au dossier."
        )


def _own_oid(node: Resource) -> str | None:
    """NOS files write the OID of the system as a designation of each concept."""
    for designation in node.get("designation", []):
        if designation.get("use", {}).get("code") == "OID":
            value = str(designation["value"]).removeprefix("urn:oid:")
            return value if _OID.fullmatch(value) else None
    return None


def _pairs(resource: Resource, systems: CodeSystems) -> dict[tuple[str, str], tuple[str, str]]:
    """Groups of systems without a known OID are left out: perinat asks for none of their codes."""
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for group in resource["group"]:
        try:
            given, gives = systems.oid(str(group["source"])), systems.oid(str(group["target"]))
        except OfficialFileError:
            continue
        for element in group["element"]:
            targets = element.get("target", [])
            if len(targets) != 1 or (str(element["code"]), given) in pairs:
                raise OfficialFileError(f"le code {str(element['code'])[:40]} n'a pas une correspondance et une seule.")
            pairs[str(element["code"]), given] = (str(targets[0]["code"]), gives)
    if not pairs:
        raise OfficialFileError("l'association ne contient aucun code.")
    return pairs
