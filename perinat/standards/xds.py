"""XDS metadata as values: DocumentEntry and SubmissionSet (IHE ITI TF-3 §4.2, French profile).

These are what the core hands over in a Parcel and what both gateways need: `perinat.standards.ebrim`
turns them into ebRIM 3.0, for XDS.b (DMP) and for the METADATA.XML of an XDM archive (MSSanté).
All instants are timezone-aware; ebRIM writes them in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from perinat.standards.codes import Code
from perinat.standards.identifiers import Ins


@dataclass(frozen=True, slots=True)
class Institution:
    """XON authorInstitution: `name` and Struct_IdNat (prefix 1 = FINESS)."""

    name: str
    struct_idnat: str


@dataclass(frozen=True, slots=True)
class Professional:
    """XCN authorPerson or legalAuthenticator with PS_IdNat (prefix 8 = RPPS) and speciality (JDV_J01)."""

    ps_idnat: str
    family_name: str
    given_name: str
    specialty: Code
    institution: Institution | None = None


@dataclass(frozen=True, slots=True)
class SourcePatient:
    """The patient as the sending site knows it.

    `local_id`/`local_oid`: IPP and the OID of its issuer. `ins` only when the identity is qualified
    (EXI ID 29). `birth_given_names`: list separated by spaces. `sex`: F, M or U.
    """

    birth_family_name: str
    birth_given_names: str
    birth_date: date
    sex: str
    local_id: str
    local_oid: str
    ins: Ins | None = None

    @property
    def first_given_name(self) -> str:
        return self.birth_given_names.split(" ")[0]

    @property
    def patient_id_cx(self) -> str:
        """CX of patientId: the qualified INS, else the local identifier (MSSanté only)."""
        return self.ins.cx if self.ins else self.local_id_cx

    @property
    def local_id_cx(self) -> str:
        return f"{self.local_id}^^^&{self.local_oid}&ISO^PI"


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """Attributes that the sender fills; entryUUID, lid, status and version belong to the registry.

    `unique_id`: CDA id@root, an OID without extension. `hash_sha1`: 40 hex digits of the CDA bytes;
    `size`: bytes. `confidentiality`: N first, then masks (1..4).
    """

    unique_id: str
    title: str
    mime_type: str
    language: str
    created_at: datetime
    service_start: datetime
    service_stop: datetime | None
    author: Professional
    legal_authenticator: Professional
    patient: SourcePatient
    type_code: Code
    class_code: Code
    format_code: Code
    confidentiality: tuple[Code, ...]
    facility: Code
    practice: Code
    event_codes: tuple[Code, ...]
    hash_sha1: str
    size: int


@dataclass(frozen=True, slots=True)
class SubmissionSet:
    """One lot: one patient, one author, stable `unique_id` (OID) over all attempts."""

    unique_id: str
    source_id: str
    submitted_at: datetime
    author: Professional
    content_type: Code
    patient: SourcePatient
    title: str = ""
