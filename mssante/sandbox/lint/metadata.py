"""METADATA.XML of a submission set: ebRIM 3.0 with the IHE and French XDS identifiers (mssante.md §2.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from mssante.sandbox.lint.archive import METADATA
from mssante.sandbox.lint.findings import Finding
from perinat.standards import xml

CLAUSE = "IHE ITI TF-3 §4.2.3"
_LCM = "{urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0}"
_RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
SET_NODE = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
SET_PATIENT = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SET_SOURCE = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SET_UNIQUE = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"
DOC_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
DOC_UNIQUE = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
DOC_TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
DOC_CLASSES = {
    "author": "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d",
    "classCode": "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
    "typeCode": DOC_TYPE,
    "formatCode": "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
    "confidentialityCode": "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f",
    "healthcareFacilityTypeCode": "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
    "practiceSettingCode": "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead",
}
DOC_SLOTS = ("creationTime", "languageCode", "serviceStartTime", "sourcePatientId", "hash", "size", "URI")


@dataclass(frozen=True, slots=True)
class Entry:
    """One DocumentEntry. `patient`: CX; `path`: URI; `data`: bytes of that file, None when absent."""

    unique_id: str
    type_code: str
    mime_type: str
    patient: str
    path: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Lot:
    """One submission set. `action`: C, D or empty (extra-metadata of the Volet Échange)."""

    patient: str
    action: str
    entries: tuple[Entry, ...]


def slot(node: xml.Element, name: str) -> str:
    found = node.find(f"{_RIM}Slot[@name='{name}']/{_RIM}ValueList/{_RIM}Value")
    return (found.text or "").strip() if found is not None else ""


def identifier(node: xml.Element, scheme: str) -> str:
    found = node.find(f"{_RIM}ExternalIdentifier[@identificationScheme='{scheme}']")
    return (found.get("value") or "").strip() if found is not None else ""


def classification(node: xml.Element, scheme: str) -> xml.Element | None:
    return node.find(f"{_RIM}Classification[@classificationScheme='{scheme}']")


def read(files: dict[str, bytes], findings: list[Finding]) -> Lot | None:
    """Check the METADATA.XML of one subset against its files; None when it cannot be read."""
    try:
        root = xml.parse(files[METADATA])
    except xml.XmlError as error:
        findings.append(Finding("metadata-xml", CLAUSE, error.message_fr))
        return None
    if root.tag != f"{_LCM}SubmitObjectsRequest":
        findings.append(Finding("metadata-root", CLAUSE, "METADATA.XML n'est pas un SubmitObjectsRequest ebRIM 3.0."))
        return None
    packages = list(root.iter(f"{_RIM}RegistryPackage"))
    entries = list(root.iter(f"{_RIM}ExtrinsicObject"))
    if len(packages) != 1 or not entries:
        message = "METADATA.XML ne décrit pas un lot unique avec au moins un document."
        findings.append(Finding("metadata-set", CLAUSE, message))
        return None
    findings += _set(root, packages[0], entries)
    lot = Lot(
        patient=identifier(packages[0], SET_PATIENT),
        action=_action(root),
        entries=tuple(_entry(node, files, findings) for node in entries),
    )
    findings += _coverage(files, lot)
    return lot


def _set(root: xml.Element, package: xml.Element, entries: list[xml.Element]) -> Iterator[Finding]:
    for name, scheme in (("patientId", SET_PATIENT), ("sourceId", SET_SOURCE), ("uniqueId", SET_UNIQUE)):
        if not identifier(package, scheme):
            yield Finding("metadata-set-attribute", CLAUSE, f"Le lot n'a pas de {name}.")
    marked = [node.get("classifiedObject") for node in root.iter(f"{_RIM}Classification")
              if node.get("classificationNode") == SET_NODE]  # fmt: skip
    if package.get("id") not in marked:
        yield Finding("metadata-set-node", CLAUSE, "Le RegistryPackage n'est pas classé comme lot de soumission.")
    members = {
        node.get("targetObject")
        for node in root.iter(f"{_RIM}Association")
        if (node.get("associationType") or "").endswith("AssociationType:HasMember")
        and node.get("sourceObject") == package.get("id")
    }
    if any(node.get("id") not in members for node in entries):
        yield Finding("metadata-member", CLAUSE, "Un document n'est pas rattaché au lot (HasMember).")


def _entry(node: xml.Element, files: dict[str, bytes], findings: list[Finding]) -> Entry:
    for name in DOC_SLOTS:
        if not slot(node, name):
            findings.append(Finding(f"metadata-{name}", CLAUSE, f"Un document n'a pas de {name}."))
    for name, scheme in DOC_CLASSES.items():
        if classification(node, scheme) is None:
            findings.append(Finding("metadata-attribute", CLAUSE, f"Un document n'a pas de {name}."))
    for name, scheme in (("patientId", DOC_PATIENT), ("uniqueId", DOC_UNIQUE)):
        if not identifier(node, scheme):
            findings.append(Finding("metadata-attribute", CLAUSE, f"Un document n'a pas de {name}."))
    path = slot(node, "URI")
    data = files.get(path)
    kind = classification(node, DOC_TYPE)
    if path and data is None:
        message = "L'URI d'un document ne désigne aucun fichier du lot."
        findings.append(Finding("metadata-uri-target", CLAUSE, message))
    elif data is not None:
        findings += _integrity(node, data)
    return Entry(
        unique_id=identifier(node, DOC_UNIQUE),
        type_code=(kind.get("nodeRepresentation") or "") if kind is not None else "",
        mime_type=node.get("mimeType") or "",
        patient=identifier(node, DOC_PATIENT),
        path=path,
        data=data,
    )


def _integrity(node: xml.Element, data: bytes) -> Iterator[Finding]:
    stated_hash, stated_size = slot(node, "hash"), slot(node, "size")
    if stated_hash and stated_hash.lower() != hashlib.sha1(data, usedforsecurity=False).hexdigest():
        yield Finding("metadata-hash-value", CLAUSE, "L'empreinte d'un document n'est pas celle de son fichier.")
    if stated_size and stated_size != str(len(data)):
        yield Finding("metadata-size-value", CLAUSE, "La taille d'un document n'est pas celle de son fichier.")


def _action(root: xml.Element) -> str:
    """The slot name was not obtained: any Slot named `action`, or ending so, is taken."""
    for node in root.iter(f"{_RIM}Slot"):
        if (node.get("name") or "").lower().endswith("action"):
            return "".join(str(text) for text in node.itertext()).strip()
    return ""


def _coverage(files: dict[str, bytes], lot: Lot) -> Iterator[Finding]:
    described = {entry.path for entry in lot.entries}
    for path, data in files.items():
        if path != METADATA and path not in described and b"<ClinicalDocument" in data:
            yield Finding("metadata-coverage", CLAUSE, "Un CDA de l'archive n'est pas décrit dans METADATA.XML.")
