"""What a CDA document says, as values, before any XML.

Names follow the CDA header (Structuration minimale V1.16.8). Instants are timezone-aware; the
header writes them in local time with offset. A mother's document carries a `PatientContent`; a
newborn's one carries the child as patient and the mother only as `Guardian`: there is no field
here that could hold maternal free text in a newborn's document.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from perinat.standards.codes import Code, DocumentType
from perinat.standards.identifiers import Ins


@dataclass(frozen=True, slots=True)
class Address:
    """Postal address; an empty one is written with nullFlavor."""

    line: str = ""
    postal_code: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class Guardian:
    """patient/guardian of a child: the mother's identity, nothing clinical. `ins` when qualified."""

    family_name: str
    given_name: str
    ins: Ins | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PatientContent:
    """recordTarget. `ins` only when the identity is qualified; `local_id` under `local_oid` (IPP).

    `birth_given_names` separated by spaces, the first being the first birth name. `sex`: F, M or U.
    `birth_place_cog`: 5-character COG code, empty when unknown. `birth_at` for a newborn (instant).
    """

    birth_family_name: str
    birth_given_names: str
    birth_date: date
    sex: str
    local_id: str
    local_oid: str
    ins: Ins | None = None
    used_family_name: str = ""
    used_given_name: str = ""
    birth_place_cog: str = ""
    address: Address = Address()
    phone: str = ""
    birth_at: datetime | None = None
    birth_order: int | None = None  # rank in a multiple birth, else None
    guardian: Guardian | None = None

    @property
    def first_given_name(self) -> str:
        return self.birth_given_names.split(" ")[0]


@dataclass(frozen=True, slots=True)
class OrganizationContent:
    """representedOrganization and custodian: Struct_IdNat, name, telecom, address."""

    struct_idnat: str
    name: str
    phone: str = ""
    address: Address = Address()


@dataclass(frozen=True, slots=True)
class ProfessionalContent:
    """assignedAuthor or assignedEntity: PS_IdNat (8 + RPPS) and speciality (JDV_J01)."""

    ps_idnat: str
    family_name: str
    given_name: str
    specialty: Code
    organization: OrganizationContent
    prefix: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class EncounterContent:
    """componentOf and the main serviceEvent: when, where, in which setting."""

    start: datetime
    end: datetime | None
    facility: Code
    practice: Code
    event: Code | None = None


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """The frozen content of one version of one document."""

    type: DocumentType
    title: str
    patient: PatientContent
    author: ProfessionalContent
    authored_at: datetime
    legal_authenticator: ProfessionalContent
    authenticated_at: datetime
    custodian: OrganizationContent
    encounter: EncounterContent
    set_id: str
    version: int
    replaces_unique_id: str = ""
    pdf: bytes = b""
