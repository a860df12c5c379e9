"""Answers of ebRS 3.0: RegistryResponse, AdhocQueryResponse, and a stored ExtrinsicObject given back."""

from __future__ import annotations

import copy
import uuid
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from dmp_gateway.sandbox.refusals import Complaint
from dmp_gateway.sandbox.registry_objects import APPROVED, RIM, RegistryObject, rim
from perinat.standards import oids, xml
from perinat.standards.xml import Element

RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
SUCCESS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
FAILURE = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"
SEVERITY = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:"


def success() -> str:
    return f'<rs:RegistryResponse xmlns:rs="{RS}" status="{SUCCESS}"/>'


def failure(complaints: list[Complaint]) -> str:
    return f'<rs:RegistryResponse xmlns:rs="{RS}" status="{FAILURE}">{_errors(complaints)}</rs:RegistryResponse>'


def response(status: str, complaints: list[Complaint]) -> str:
    """A RegistryResponse of any status, where the prefix rs is declared."""
    return f'<rs:RegistryResponse status="{status}">{_errors(complaints) if complaints else ""}</rs:RegistryResponse>'


def query_failure(complaints: list[Complaint]) -> str:
    return (
        f'<query:AdhocQueryResponse xmlns:query="{QUERY}" xmlns:rs="{RS}" xmlns:rim="{RIM}" status="{FAILURE}">'
        f"{_errors(complaints)}<rim:RegistryObjectList/></query:AdhocQueryResponse>"
    )


def query_success(objects: list[str]) -> str:
    return (
        f'<query:AdhocQueryResponse xmlns:query="{QUERY}" xmlns:rim="{RIM}" status="{SUCCESS}" '
        f'startIndex="0" totalResultCount="{len(objects)}"><rim:RegistryObjectList>{"".join(objects)}'
        "</rim:RegistryObjectList></query:AdhocQueryResponse>"
    )


def object_reference(entry_uuid: str) -> str:
    return f"<rim:ObjectRef id={quoteattr(entry_uuid)}/>"


def _errors(complaints: list[Complaint]) -> str:
    lines = "".join(
        f"<rs:RegistryError errorCode={quoteattr(c.code)} codeContext={quoteattr(f'{c.context} [{c.clause}]')} "
        f'severity="{SEVERITY}{escape(c.severity)}" location={quoteattr(c.location)}/>'
        for c in complaints
    )
    return f'<rs:RegistryErrorList highestSeverity="{SEVERITY}Error">{lines}</rs:RegistryErrorList>'


def registered(entry: RegistryObject, *, entry_uuid: str, hash_sha1: str, size: int) -> bytes:
    """The ExtrinsicObject as the registry keeps it: real id, lid, version, hash, size, repository."""
    element = copy.deepcopy(entry.element)
    element.tail = None
    element.set("id", entry_uuid)
    element.set("lid", entry_uuid)
    for child in element.iter(rim("Classification")):
        child.set("classifiedObject", entry_uuid)
    for child in element.iter(rim("ExternalIdentifier")):
        child.set("registryObject", entry_uuid)
    given = {"hash": hash_sha1, "size": str(size), "repositoryUniqueId": oids.DMP_REPOSITORY}
    for slot in element.findall(rim("Slot")):
        if slot.get("name") in given:
            element.remove(slot)
    for name, value in given.items():
        slot = etree.Element(rim("Slot"), name=name)
        etree.SubElement(etree.SubElement(slot, rim("ValueList")), rim("Value")).text = value
        element.insert(0, slot)
    _put_version(element, 1)
    return etree.tostring(element)


def _put_version(element: Element, number: int) -> None:
    """VersionInfo where the schema wants it: after Slot, Name and Description."""
    names = [*element.findall(rim("Name")), *element.findall(rim("Description")), *element.findall(rim("Slot"))]
    place = max(element.index(child) for child in names) + 1
    element.insert(place, etree.Element(rim("VersionInfo"), versionName=str(number)))


def described_again(entry: RegistryObject, *, entry_uuid: str, logical_id: str, number: int) -> bytes:
    """The ExtrinsicObject of a new description (ITI-57): new id, same lid, next version."""
    element = copy.deepcopy(entry.element)
    element.tail = None
    element.set("id", entry_uuid)
    element.set("lid", logical_id)
    for child in element.iter(rim("Classification")):
        child.set("classifiedObject", entry_uuid)
    for child in element.iter(rim("ExternalIdentifier")):
        child.set("registryObject", entry_uuid)
    for version in element.findall(rim("VersionInfo")):
        element.remove(version)
    _put_version(element, number)
    return etree.tostring(element)


def package(entry: RegistryObject) -> bytes:
    """The RegistryPackage of a lot, as it came; its id is given when it is read."""
    element = copy.deepcopy(entry.element)
    element.tail = None
    return etree.tostring(element)


def package_leaf(stored: bytes, entry_uuid: str) -> str:
    """A stored RegistryPackage under its entryUUID, for returnType LeafClass."""
    element = xml.parse(stored)
    element.set("id", entry_uuid)
    element.set("lid", entry_uuid)
    element.set("status", APPROVED)
    for child in element.iter(rim("Classification")):
        child.set("classifiedObject", entry_uuid)
    for child in element.iter(rim("ExternalIdentifier")):
        child.set("registryObject", entry_uuid)
    return etree.tostring(element, encoding="unicode")


def association(kind: str, source: str, target: str, **slots: str) -> str:
    """An association of the registry."""
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {source} {target}")
    written = "".join(
        f'<rim:Slot name="{name}"><rim:ValueList><rim:Value>{escape(value)}</rim:Value></rim:ValueList></rim:Slot>'
        for name, value in slots.items()
    )
    return (
        f'<rim:Association id="urn:uuid:{identifier}" associationType={quoteattr(kind)} '
        f"sourceObject={quoteattr(source)} targetObject={quoteattr(target)}>{written}</rim:Association>"
    )


def leaf_class(metadata: bytes, status: str) -> str:
    """A stored ExtrinsicObject with its present status, for returnType LeafClass."""
    element = xml.parse(metadata)
    element.set("status", status)
    return etree.tostring(element, encoding="unicode")
