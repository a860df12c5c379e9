"""Reading ebRIM 3.0 as it arrives: lots, documents, associations (dmp.md §1.5, §3.1).

A reading of the sandbox's own, tolerant of order and strict on nothing: rules come after.
"""

from __future__ import annotations

from dataclasses import dataclass

from perinat.standards.xml import Element

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
XDSB = "urn:ihe:iti:xds-b:2007"

# SubmissionSet (dmp.md §3.1), all under urn:uuid:
SUBMISSION_SET = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
SS_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SS_CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
SS_PATIENT = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SS_SOURCE = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SS_UNIQUE = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"
# DocumentEntry
DOCUMENT = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
DE_AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
DE_CLASS = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
DE_TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
DE_FORMAT = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
DE_CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
DE_EVENT = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
DE_FACILITY = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
DE_PRACTICE = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
DE_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
DE_UNIQUE = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
# Associations and statuses
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
SIGNS = "urn:ihe:iti:2007:AssociationType:signs"
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
UPDATE_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
SIGNATURE_CLASS = "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1"
SIGNATURE_FORMAT = "http://www.w3.org/2000/09/xmldsig#"


def rim(name: str) -> str:
    return f"{{{RIM}}}{name}"


@dataclass(frozen=True, slots=True)
class Classified:
    """One Classification: `scheme`, `code` (nodeRepresentation), slots, `label`, object it points to."""

    scheme: str
    code: str
    slots: dict[str, list[str]]
    label: str
    target: str

    @property
    def system(self) -> str:
        values = self.slots.get("codingScheme", [])
        return values[0] if len(values) == 1 else ""


@dataclass(frozen=True, slots=True)
class Identified:
    """One ExternalIdentifier."""

    scheme: str
    value: str
    label: str
    target: str


@dataclass(frozen=True, slots=True)
class RegistryObject:
    """A RegistryPackage or an ExtrinsicObject. `repeated_slots`: names of slots given twice."""

    element: Element
    identifier: str
    object_type: str
    mime_type: str
    title: str
    slots: dict[str, list[str]]
    repeated_slots: tuple[str, ...]
    classifications: tuple[Classified, ...]
    identifiers: tuple[Identified, ...]

    def slot(self, name: str) -> str:
        values = self.slots.get(name, [])
        return values[0] if values else ""

    def classified(self, scheme: str) -> list[Classified]:
        return [item for item in self.classifications if item.scheme == scheme]

    def identified(self, scheme: str) -> list[Identified]:
        return [item for item in self.identifiers if item.scheme == scheme]

    def external(self, scheme: str) -> str:
        """Value of the only ExternalIdentifier of `scheme`, empty when there is none."""
        found = self.identified(scheme)
        return found[0].value if found else ""

    @property
    def author_ids(self) -> list[str]:
        """PS_IdNat of the authors of a document."""
        persons = [value for item in self.classified(DE_AUTHOR) for value in item.slots.get("authorPerson", [])]
        return [person.split("^")[0] for person in persons]

    @property
    def targets(self) -> list[str]:
        """The objects that its classifications and identifiers say they describe: itself, normally."""
        classified = [item.target for item in self.classifications]
        return classified + [item.target for item in self.identifiers]

    @property
    def is_signature(self) -> bool:
        """The XAdES of the lot: recognised by its class or its format (dmp.md §1.5)."""
        classes = [item.code for item in self.classified(DE_CLASS)]
        formats = [item.code for item in self.classified(DE_FORMAT)]
        return SIGNATURE_CLASS in classes or SIGNATURE_FORMAT in formats


@dataclass(frozen=True, slots=True)
class Association:
    kind: str
    source: str
    target: str
    slots: dict[str, list[str]]

    def slot(self, name: str) -> str:
        values = self.slots.get(name, [])
        return values[0] if values else ""


@dataclass(frozen=True, slots=True)
class Lot:
    """What a SubmitObjectsRequest holds. `classified_sets`: ids classified as SubmissionSet."""

    packages: tuple[RegistryObject, ...]
    extrinsics: tuple[RegistryObject, ...]
    associations: tuple[Association, ...]
    classified_sets: tuple[str, ...]
    strangers: tuple[str, ...]

    @property
    def documents(self) -> list[RegistryObject]:
        return [item for item in self.extrinsics if not item.is_signature]

    @property
    def signatures(self) -> list[RegistryObject]:
        return [item for item in self.extrinsics if item.is_signature]

    def links(self, kind: str) -> list[Association]:
        return [item for item in self.associations if item.kind == kind]


def read_lot(request: Element) -> Lot:
    """Read an lcm:SubmitObjectsRequest."""
    packages, extrinsics, associations, strangers = [], [], [], []
    sets: list[str] = []
    for element in request.iterfind(f"{rim('RegistryObjectList')}/*"):
        match element.tag:
            case t if t == rim("RegistryPackage"):
                package = read_object(element)
                packages.append(package)
                if any(_is_submission_set(child) for child in element.iterfind(rim("Classification"))):
                    sets.append(package.identifier)
            case t if t == rim("ExtrinsicObject"):
                extrinsics.append(read_object(element))
            case t if t == rim("Association"):
                associations.append(
                    Association(
                        element.get("associationType", ""),
                        element.get("sourceObject", ""),
                        element.get("targetObject", ""),
                        _slots(element)[0],
                    )
                )
            case t if t == rim("Classification"):
                if _is_submission_set(element):
                    sets.append(element.get("classifiedObject", ""))
            case t if t == rim("ObjectRef"):
                continue
            case other:
                strangers.append(str(other))
    return Lot(tuple(packages), tuple(extrinsics), tuple(associations), tuple(sets), tuple(strangers))


def _is_submission_set(element: Element) -> bool:
    return bool(element.get("classificationNode") == SUBMISSION_SET)


def read_object(element: Element) -> RegistryObject:
    """Read one RegistryPackage or ExtrinsicObject."""
    slots, repeated = _slots(element)
    return RegistryObject(
        element=element,
        identifier=element.get("id", ""),
        object_type=element.get("objectType", ""),
        mime_type=element.get("mimeType", ""),
        title=_label(element),
        slots=slots,
        repeated_slots=repeated,
        classifications=tuple(
            Classified(
                child.get("classificationScheme", ""),
                child.get("nodeRepresentation", ""),
                _slots(child)[0],
                _label(child),
                child.get("classifiedObject", ""),
            )
            for child in element.iterfind(rim("Classification"))
            if child.get("classificationScheme")
        ),
        identifiers=tuple(
            Identified(
                child.get("identificationScheme", ""),
                child.get("value", ""),
                _label(child),
                child.get("registryObject", ""),
            )
            for child in element.iterfind(rim("ExternalIdentifier"))
        ),
    )


def _slots(element: Element) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    repeated = []
    for slot in element.iterfind(rim("Slot")):
        name = slot.get("name", "")
        if name in found:
            repeated.append(name)
        found[name] = [value.text or "" for value in slot.iterfind(f"{rim('ValueList')}/{rim('Value')}")]
    return found, tuple(repeated)


def _label(element: Element) -> str:
    label = element.find(f"{rim('Name')}/{rim('LocalizedString')}")
    return label.get("value", "") if label is not None else ""
