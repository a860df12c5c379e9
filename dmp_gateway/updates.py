"""TD3.3 in consultation: ITI-57 Update Document Set (dmp.md §1.8). No XAdES.

Masks: the description that the registry holds is sent again, whole, with other confidentiality codes
(a, b). Status: one association (c, d).
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from lxml import etree

from coordination.ports import Reader, RecordAct
from dmp_gateway import xdsb
from dmp_gateway.client import REGISTRY, Call
from perinat.standards import codes, ebrim, ebrim_schemes
from perinat.standards.ebrim import Association
from perinat.standards.identifiers import oid_from_uuid
from perinat.standards.shared_record import DocumentStatus, RecordDocument
from perinat.standards.xds import Institution, SourcePatient, SubmissionSet
from perinat.standards.xml import Element

_RIM = f"{{{ebrim_schemes.NS_RIM}}}"
_ENTRY = "Document01"
_STATUS = {
    DocumentStatus.ACTIVE: ebrim_schemes.APPROVED,
    DocumentStatus.REPLACED: ebrim_schemes.DEPRECATED,
    DocumentStatus.ARCHIVED: ebrim_schemes.ARCHIVED,
    DocumentStatus.DELETED: ebrim_schemes.DELETED,
}


def lot(reader: Reader, patient: SourcePatient, *, source_id: str, now: datetime) -> SubmissionSet:
    """A lot of one act, whose author is the reader in her structure."""
    sender = reader.sender
    return SubmissionSet(
        unique_id=oid_from_uuid(uuid.uuid4()),
        source_id=source_id,
        submitted_at=now,
        author=replace(sender.user, institution=Institution(sender.name, sender.struct_idnat)),
        content_type=codes.ACTIVITY_OUTPATIENT,
        patient=patient,
    )


def status(act: RecordAct, whole: SubmissionSet, document: RecordDocument, new: DocumentStatus) -> Call:
    """TD3.3c, TD3.3d: move one document to another status."""
    link = ebrim.status_update(document.entry_uuid, original=_STATUS[document.status], new=_STATUS[new])
    return _call(act, ebrim.submission(whole, [], associations=[link]))


def described(body: Element, entry_uuid: str) -> Element | None:
    """The ExtrinsicObject of one version in an answer of the registry."""
    found = (item for item in body.iter(f"{_RIM}ExtrinsicObject") if item.get("id") == entry_uuid)
    return next(found, None)


def masks(act: RecordAct, whole: SubmissionSet, registered: Element, wanted: AbstractSet[str]) -> Call:
    """TD3.3a, TD3.3b: the same description with the masks `wanted` (codes of TRE_A07).

    `registered`: the ExtrinsicObject as the registry gave it. Raises EbrimError: it cannot be written.
    """
    version = registered.find(f"{_RIM}VersionInfo")
    previous = version.get("versionName", "1") if version is not None else "1"
    entry = _renamed(registered)
    _set_confidentiality(entry, wanted)
    slots = {"SubmissionSetStatus": ("Original",), "PreviousVersion": (previous,)}
    member = Association(ebrim_schemes.HAS_MEMBER, ebrim_schemes.SUBMISSION_SET_ID, _ENTRY, slots)
    return _call(act, ebrim.submission(whole, [], associations=[member], extra_objects=[entry]))


def _call(act: RecordAct, request: Element) -> Call:
    body = etree.tostring(request, encoding="unicode")
    return Call(act, REGISTRY, xdsb.UPDATE_DOCUMENT_SET, body, xdsb.REGISTRY_RESPONSE)


def _renamed(registered: Element) -> Element:
    """The same object under a symbolic id: a new version, whose `lid` says of which document."""
    entry = copy.deepcopy(registered)
    entry.tail = None
    entry.set("lid", registered.get("lid", "") or registered.get("id", ""))
    entry.set("id", _ENTRY)
    entry.attrib.pop("status", "")  # given by the registry
    for number, child in enumerate(entry.iter(f"{_RIM}Classification", f"{_RIM}ExternalIdentifier"), start=1):
        owner = "classifiedObject" if child.tag == f"{_RIM}Classification" else "registryObject"
        child.set(owner, _ENTRY)
        child.set("id", f"{_ENTRY}.part{number:02d}")
        child.attrib.pop("lid", "")
    return entry


def _set_confidentiality(entry: Element, wanted: AbstractSet[str]) -> None:
    held = [
        item
        for item in entry.findall(f"{_RIM}Classification")
        if item.get("classificationScheme") == ebrim_schemes.ENTRY_CONFIDENTIALITY
    ]
    kept = set()
    for item in held:
        code = item.get("nodeRepresentation", "")
        if code in codes.MASKS and code not in wanted:
            entry.remove(item)
        else:
            kept.add(code)
    if not held:
        raise ebrim.EbrimError("Le document n'a pas de code de confidentialité.")
    place = entry.index(held[0]) + 1
    for number, code in enumerate(sorted(wanted - kept), start=1):
        entry.insert(place, _classification(codes.MASKS[code], f"{_ENTRY}.mask{number:02d}"))


def _classification(mask: codes.Code, identifier: str) -> Element:
    element = etree.Element(
        f"{_RIM}Classification",
        id=identifier,
        objectType=ebrim_schemes.CLASSIFICATION,
        classificationScheme=ebrim_schemes.ENTRY_CONFIDENTIALITY,
        classifiedObject=_ENTRY,
        nodeRepresentation=mask.code,
    )
    holder = etree.SubElement(element, f"{_RIM}Slot", name="codingScheme")
    etree.SubElement(etree.SubElement(holder, f"{_RIM}ValueList"), f"{_RIM}Value").text = mask.system
    name = etree.SubElement(element, f"{_RIM}Name")
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    etree.SubElement(name, f"{_RIM}LocalizedString", {language: "FR", "charset": "UTF8", "value": mask.label})
    return element
