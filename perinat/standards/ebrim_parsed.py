"""What is read of ebRIM metadata: lots, documents and links as values (see `ebrim_reader`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from perinat.standards import ebrim_schemes as scheme
from perinat.standards import ebrim_types as types
from perinat.standards.codes import Code
from perinat.standards.ebrim_types import Cx, PatientInfo, Xcn
from perinat.standards.xds import Institution

Slots = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ParsedAuthor:
    """An author: person, institutions, role texts and specialities."""

    person: Xcn | None
    institutions: tuple[Institution, ...] = ()
    roles: tuple[str, ...] = ()
    specialties: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedObject:
    """What a lot and a document have in common. Its repr holds no text of the document.

    `id`: symbolic, or entryUUID when it comes from a registry; `classifications`: codes by scheme
    URN; `identifiers`: external identifiers by scheme URN; `slots`: every slot, known or not.
    """

    id: str
    lid: str
    status: str
    version: str
    title: str = field(repr=False)
    comments: str = field(repr=False)
    authors: tuple[ParsedAuthor, ...] = field(repr=False)
    slots: Slots = field(repr=False)
    classifications: Mapping[str, tuple[Code, ...]] = field(repr=False)
    identifiers: Mapping[str, str] = field(repr=False)

    @property
    def entry_uuid(self) -> str:
        """`id` when it is a UUID, else empty (a symbolic id)."""
        return self.id if self.id.startswith("urn:uuid:") else ""

    def slot(self, name: str) -> str:
        """First value of a slot, empty when absent."""
        return next(iter(self.slots.get(name, ())), "")

    def moment(self, name: str) -> datetime | None:
        """First value of a slot read as a DTM, in UTC."""
        return types.parse_dtm(self.slot(name))

    def code(self, classification_scheme: str) -> Code | None:
        """First code of a scheme."""
        return next(iter(self.classifications.get(classification_scheme, ())), None)


@dataclass(frozen=True, slots=True)
class ParsedSet(ParsedObject):
    """A SubmissionSet."""

    @property
    def unique_id(self) -> str:
        return self.identifiers.get(scheme.SET_UNIQUE_ID, "")

    @property
    def source_id(self) -> str:
        return self.identifiers.get(scheme.SET_SOURCE_ID, "")

    @property
    def patient_id(self) -> Cx | None:
        return types.parse_cx(self.identifiers.get(scheme.SET_PATIENT_ID, ""))

    @property
    def content_type(self) -> Code | None:
        return self.code(scheme.SET_CONTENT_TYPE)

    @property
    def submitted_at(self) -> datetime | None:
        return self.moment("submissionTime")


@dataclass(frozen=True, slots=True)
class ParsedEntry(ParsedObject):
    """A DocumentEntry."""

    mime_type: str
    object_type: str

    @property
    def unique_id(self) -> str:
        return self.identifiers.get(scheme.ENTRY_UNIQUE_ID, "")

    @property
    def patient_id(self) -> Cx | None:
        return types.parse_cx(self.identifiers.get(scheme.ENTRY_PATIENT_ID, ""))

    @property
    def source_patient_id(self) -> Cx | None:
        return types.parse_cx(self.slot("sourcePatientId"))

    @property
    def source_patient(self) -> PatientInfo:
        return types.parse_source_patient_info(self.slots.get("sourcePatientInfo", ()))

    @property
    def legal_authenticator(self) -> Xcn | None:
        text = self.slot("legalAuthenticator")
        return types.parse_xcn(text) if text else None

    @property
    def created_at(self) -> datetime | None:
        return self.moment("creationTime")

    @property
    def service_start(self) -> datetime | None:
        return self.moment("serviceStartTime")

    @property
    def service_stop(self) -> datetime | None:
        return self.moment("serviceStopTime")

    @property
    def language(self) -> str:
        return self.slot("languageCode")

    @property
    def hash_sha1(self) -> str:
        """Hexadecimal, lower case, empty when absent."""
        return self.slot("hash").lower()

    @property
    def size(self) -> int | None:
        text = self.slot("size")
        return int(text) if text.isascii() and text.isdigit() else None

    @property
    def uri(self) -> str:
        """Path relative to the metadata file. A URI longer than a slot value comes in numbered pieces
        `1|…`, `2|…` (IHE ITI TF-3 §4.2.3.2.29)."""
        values = self.slots.get("URI", ())
        if len(values) > 1 and all("|" in value for value in values):
            pieces = sorted(value.split("|", 1) for value in values)
            return "".join(piece for _, piece in pieces)
        return values[0] if values else ""

    @property
    def repository_unique_id(self) -> str:
        return self.slot("repositoryUniqueId")

    @property
    def action(self) -> str:
        """Extra-metadata « action » of XDM: C, D or empty (mssante.md §2.2)."""
        for name, values in self.slots.items():
            if name.lower().endswith(scheme.ACTION_SLOT) and values:
                return values[0].strip().upper()
        return ""

    @property
    def is_signature(self) -> bool:
        """The XAdES of a lot rather than a document for a reader (dmp.md §1.5)."""
        code = self.type_code
        return code is not None and code.code == "E1762"

    @property
    def type_code(self) -> Code | None:
        return self.code(scheme.ENTRY_TYPE)

    @property
    def class_code(self) -> Code | None:
        return self.code(scheme.ENTRY_CLASS)

    @property
    def format_code(self) -> Code | None:
        return self.code(scheme.ENTRY_FORMAT)

    @property
    def confidentiality(self) -> tuple[Code, ...]:
        return self.classifications.get(scheme.ENTRY_CONFIDENTIALITY, ())

    @property
    def event_codes(self) -> tuple[Code, ...]:
        return self.classifications.get(scheme.ENTRY_EVENT, ())

    @property
    def facility(self) -> Code | None:
        return self.code(scheme.ENTRY_FACILITY)

    @property
    def practice(self) -> Code | None:
        return self.code(scheme.ENTRY_PRACTICE)


@dataclass(frozen=True, slots=True)
class ParsedAssociation:
    """A link between two objects, by id."""

    type: str
    source: str
    target: str
    slots: Slots = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedSubmission:
    """Everything of one RegistryObjectList. `references`: ids of ObjectRef (answers by reference)."""

    sets: tuple[ParsedSet, ...]
    entries: tuple[ParsedEntry, ...]
    associations: tuple[ParsedAssociation, ...]
    references: tuple[str, ...]

    @property
    def submission_set(self) -> ParsedSet | None:
        """The lot, when there is exactly one."""
        return self.sets[0] if len(self.sets) == 1 else None

    @property
    def documents(self) -> tuple[ParsedEntry, ...]:
        """The entries without the signature of the lot."""
        return tuple(entry for entry in self.entries if not entry.is_signature)

    def replaced_by(self, entry: ParsedEntry) -> str:
        """entryUUID that `entry` replaces, empty when it replaces nothing."""
        links = (link for link in self.associations if link.type == scheme.RPLC and link.source == entry.id)
        return next((link.target for link in links), "")
