"""XDS values written as an ebRIM 3.0 SubmitObjectsRequest, for ITI-41 and for METADATA.XML of XDM.

One RegistryPackage (the lot), one ExtrinsicObject per document, HasMember associations; on demand
RPLC (replacement), signs (XAdES of the lot, dmp.md §1.5), the URI slot and the action of XDM.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from lxml import etree

from perinat.standards import codes
from perinat.standards import ebrim_schemes as scheme
from perinat.standards import ebrim_types as types
from perinat.standards.codes import Code
from perinat.standards.ebrim_types import EbrimError
from perinat.standards.xds import DocumentEntry, Professional, SubmissionSet
from perinat.standards.xml import Element

_RIM = f"{{{scheme.NS_RIM}}}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MAX_VALUE = 256  # rim:LongName
_MAX_NAME = 1024  # rim:FreeFormText
_ORIGINAL = {"SubmissionSetStatus": ("Original",)}


@dataclass(frozen=True, slots=True)
class EntryItem:
    """One document of the lot.

    `symbolic_id`: its id within the request, unique (Document01…). `uri`: file name relative to the
    metadata file, XDM only. `replaces`: entryUUID (urn:uuid:…) of the version it replaces, ITI-41.
    `action`: C or D, XDM. `signs`: symbolic id of what it signs. `slots`: further slots, by name.
    """

    entry: DocumentEntry
    symbolic_id: str
    uri: str = ""
    replaces: str = ""
    action: str = ""
    signs: str = ""
    slots: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Association:
    """A link beyond those that EntryItem implies: full type URN, ids of both ends, slots by name."""

    type: str
    source: str
    target: str
    slots: Mapping[str, Sequence[str]] = field(default_factory=dict)


def status_update(entry_uuid: str, *, original: str, new: str) -> Association:
    """ITI-57: move the availabilityStatus of a registered document (dmp.md §1.8 c, d)."""
    slots = {"OriginalStatus": (original,), "NewStatus": (new,)}
    return Association(scheme.UPDATE_STATUS, scheme.SUBMISSION_SET_ID, entry_uuid, slots)


def signature_object(
    signed: DocumentEntry,
    *,
    unique_id: str,
    created_at: datetime,
    hash_sha1: str,
    size: int,
    author: Professional | None = None,
) -> EntryItem:
    """The XAdES of the lot as its last EntryItem, `Signature01` (dmp.md §1.5).

    `signed`: a document of the lot, which gives patient, facility, practice and authenticator;
    `author`: author of the lot (that of `signed` by default); `hash_sha1` and `size` of the XAdES bytes.
    """
    entry = replace(
        signed,
        unique_id=unique_id,
        title="Source",
        mime_type="text/xml",
        language="art",
        created_at=created_at,
        author=author or signed.author,
        class_code=Code("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN", "Digital Signature"),
        type_code=Code("E1762", "ASTM", "Full Document"),
        format_code=Code("http://www.w3.org/2000/09/xmldsig#", "URN", "Default Signature Style"),
        event_codes=(Code("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12", "Source"),),
        confidentiality=(codes.NORMAL, codes.MASQUE_PS, codes.INVISIBLE_PATIENT),
        hash_sha1=hash_sha1,
        size=size,
    )
    return EntryItem(entry, scheme.SIGNATURE_ID, signs=scheme.SUBMISSION_SET_ID)


def submission(
    lot: SubmissionSet,
    entries: Sequence[EntryItem],
    *,
    associations: Sequence[Association] = (),
    extra_objects: Sequence[Element] = (),
    action_slot: str = scheme.ACTION_SLOT,
) -> Element:
    """The `lcm:SubmitObjectsRequest` of a lot.

    `associations` are added to those that `entries` imply; `extra_objects` (rim elements) are put
    before the associations; `action_slot` is the name under which `EntryItem.action` travels.
    Raises EbrimError: two people in one lot, an id used twice, a replaced version that is no entryUUID,
    a value too long, a character out of XML, a naive datetime.
    """
    _check(lot, entries)
    try:
        return _request(lot, entries, associations, extra_objects, action_slot)
    except EbrimError:
        raise
    except ValueError as error:  # what lxml raises for a control character
        raise EbrimError("Une métadonnée contient un caractère que XML n'admet pas.") from error


def _request(
    lot: SubmissionSet,
    entries: Sequence[EntryItem],
    associations: Sequence[Association],
    extra_objects: Sequence[Element],
    action_slot: str,
) -> Element:
    root = etree.Element(f"{{{scheme.NS_LCM}}}SubmitObjectsRequest", nsmap={"lcm": scheme.NS_LCM, "rim": scheme.NS_RIM})
    registry = etree.SubElement(root, f"{_RIM}RegistryObjectList")
    registry.append(_package(lot))
    for item in entries:
        registry.append(_document(item, action_slot))
    registry.extend(extra_objects)
    for number, association in enumerate((*_implied(entries), *associations), start=1):
        registry.append(_association(association, f"Association{number:02d}"))
    return root


def _check(lot: SubmissionSet, entries: Sequence[EntryItem]) -> None:
    if any(item.entry.patient.patient_id_cx != lot.patient.patient_id_cx for item in entries):
        raise EbrimError("Un lot ne concerne qu'une seule personne.")
    ids = [scheme.SUBMISSION_SET_ID, *(item.symbolic_id for item in entries)]
    if len(set(ids)) != len(ids):
        raise EbrimError("Deux documents du lot portent le même identifiant symbolique.")
    if any(item.replaces and not item.replaces.startswith("urn:uuid:") for item in entries):
        raise EbrimError("La version à remplacer est désignée par son entryUUID (urn:uuid:…).")


def _implied(entries: Sequence[EntryItem]) -> list[Association]:
    links = [Association(scheme.HAS_MEMBER, scheme.SUBMISSION_SET_ID, item.symbolic_id, _ORIGINAL) for item in entries]
    links += [Association(scheme.SIGNS, item.symbolic_id, item.signs, _ORIGINAL) for item in entries if item.signs]
    links += [Association(scheme.RPLC, item.symbolic_id, item.replaces) for item in entries if item.replaces]
    return links


def _package(lot: SubmissionSet) -> Element:
    package = etree.Element(f"{_RIM}RegistryPackage", id=scheme.SUBMISSION_SET_ID, objectType=scheme.REGISTRY_PACKAGE)
    _slot(package, "submissionTime", types.utc(lot.submitted_at))
    _name(package, lot.title)
    classified = _Classified(package, scheme.SUBMISSION_SET_ID)
    classified.node(scheme.SET_NODE)
    classified.author(scheme.SET_AUTHOR, lot.author)
    classified.code(scheme.SET_CONTENT_TYPE, lot.content_type)
    classified.identifier(scheme.SET_PATIENT_ID, "XDSSubmissionSet.patientId", lot.patient.patient_id_cx)
    classified.identifier(scheme.SET_SOURCE_ID, "XDSSubmissionSet.sourceId", lot.source_id)
    classified.identifier(scheme.SET_UNIQUE_ID, "XDSSubmissionSet.uniqueId", lot.unique_id)
    return package


def _document(item: EntryItem, action_slot: str) -> Element:
    entry = item.entry
    element = etree.Element(
        f"{_RIM}ExtrinsicObject",
        id=item.symbolic_id,
        mimeType=entry.mime_type,
        objectType=scheme.STABLE_DOCUMENT,
    )
    for name, values in _document_slots(item, action_slot):
        _slot(element, name, *values)
    _name(element, entry.title)
    classified = _Classified(element, item.symbolic_id)
    classified.author(scheme.ENTRY_AUTHOR, entry.author)
    classified.code(scheme.ENTRY_CLASS, entry.class_code)
    classified.code(scheme.ENTRY_TYPE, entry.type_code)
    classified.code(scheme.ENTRY_FORMAT, entry.format_code)
    for code in entry.confidentiality:
        classified.code(scheme.ENTRY_CONFIDENTIALITY, code)
    for code in entry.event_codes:
        classified.code(scheme.ENTRY_EVENT, code)
    classified.code(scheme.ENTRY_FACILITY, entry.facility)
    classified.code(scheme.ENTRY_PRACTICE, entry.practice)
    classified.identifier(scheme.ENTRY_PATIENT_ID, "XDSDocumentEntry.patientId", entry.patient.patient_id_cx)
    classified.identifier(scheme.ENTRY_UNIQUE_ID, "XDSDocumentEntry.uniqueId", entry.unique_id)
    return element


def _document_slots(item: EntryItem, action_slot: str) -> list[tuple[str, Sequence[str]]]:
    entry = item.entry
    stop = entry.service_stop
    slots: list[tuple[str, Sequence[str]]] = [
        ("creationTime", [types.utc(entry.created_at)]),
        ("hash", [entry.hash_sha1]),
        ("languageCode", [entry.language]),
        ("legalAuthenticator", [types.xcn(entry.legal_authenticator)]),
        ("serviceStartTime", [types.utc(entry.service_start)]),
        ("serviceStopTime", [types.utc(stop)] if stop else []),
        ("size", [str(entry.size)]),
        ("sourcePatientId", [types.source_patient_cx(entry.patient)]),
        ("sourcePatientInfo", types.source_patient_info(entry.patient)),
        ("URI", [item.uri] if item.uri else []),
        (action_slot, [item.action] if item.action else []),
        *item.slots.items(),
    ]
    return [(name, values) for name, values in slots if values]


def _association(association: Association, identifier: str) -> Element:
    element = etree.Element(
        f"{_RIM}Association",
        id=identifier,
        objectType=scheme.ASSOCIATION,
        associationType=association.type,
        sourceObject=association.source,
        targetObject=association.target,
    )
    for name, values in association.slots.items():
        _slot(element, name, *values)
    return element


def _slot(parent: Element, name: str, *values: str) -> None:
    slot = etree.SubElement(parent, f"{_RIM}Slot", name=name)
    holder = etree.SubElement(slot, f"{_RIM}ValueList")
    for value in values:
        if len(value) > _MAX_VALUE:
            raise EbrimError(f"La métadonnée {name} dépasse {_MAX_VALUE} caractères.")
        etree.SubElement(holder, f"{_RIM}Value").text = value


def _name(parent: Element, text: str) -> None:
    if not text:
        return
    if len(text) > _MAX_NAME:
        raise EbrimError(f"Un libellé des métadonnées dépasse {_MAX_NAME} caractères.")
    name = etree.SubElement(parent, f"{_RIM}Name")
    attributes = {_XML_LANG: "FR", "charset": "UTF8", "value": text}
    etree.SubElement(name, f"{_RIM}LocalizedString", attributes)


class _Classified:
    """Adds classifications, then external identifiers, to one registry object, and numbers them."""

    def __init__(self, element: Element, owner: str) -> None:
        self._element = element
        self._owner = owner
        self._count = 0

    def _id(self, kind: str) -> str:
        self._count += 1
        return f"{self._owner}.{kind}{self._count:02d}"

    def _classification(self, **attributes: str) -> Element:
        common = {
            "id": self._id("cl"),
            "objectType": scheme.CLASSIFICATION,
            "classifiedObject": self._owner,
        }
        return etree.SubElement(self._element, f"{_RIM}Classification", common | attributes)

    def node(self, node: str) -> None:
        self._classification(classificationNode=node)

    def code(self, classification_scheme: str, code: Code) -> None:
        element = self._classification(classificationScheme=classification_scheme, nodeRepresentation=code.code)
        _slot(element, "codingScheme", code.system)
        _name(element, code.label)

    def author(self, classification_scheme: str, person: Professional) -> None:
        element = self._classification(classificationScheme=classification_scheme, nodeRepresentation="")
        _slot(element, "authorPerson", types.xcn(person))
        if person.institution:
            _slot(element, "authorInstitution", types.xon(person.institution))
        if person.specialty.code:
            _slot(element, "authorSpecialty", types.specialty(person.specialty))

    def identifier(self, identification_scheme: str, name: str, value: str) -> None:
        element = etree.SubElement(
            self._element,
            f"{_RIM}ExternalIdentifier",
            id=self._id("ei"),
            objectType=scheme.EXTERNAL_IDENTIFIER,
            registryObject=self._owner,
            identificationScheme=identification_scheme,
            value=value,
        )
        _name(element, name)
