"""What a CDA document says, as values, before any XML.

Names follow the CDA header (Structuration minimale V1.16.8). Instants are timezone-aware; the
header writes them in local time with offset. A mother's document carries a `PatientContent`; a
newborn's one carries the child as patient and the mother only as `Guardian`: there is no field
here that could hold maternal free text in a newborn's document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

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
    address: Address = Address()


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
    code: Code | None = None  # encompassingEncounter/code: IMP, AMB, EXTERNE…
    responsible: ProfessionalContent | None = None
    place: OrganizationContent | None = None


class Framed(Protocol):
    """A case, and the part of its header that it has to agree with: who it is about, and the stay."""

    @property
    def body(self) -> Mapping[str, Any]: ...

    @property
    def patient(self) -> PatientContent: ...

    @property
    def encounter(self) -> EncounterContent: ...


PARTICIPANTS = {  # role in perinat → (typeCode, functionCode) of the CDA participant, as the OBP volets write them
    "attending": ("INF", Code("PCP", "2.16.840.1.113883.5.88", "Médecin traitant")),
    "correspondent": ("CON", Code("CORRE", "1.2.250.1.213.1.1.4.2.280", "Correspondant")),
    "team": ("PRF", Code("353", "1.2.250.1.213.1.6.1.107", "Membre de l'équipe de soins")),
    "responsible": ("RESP", None),
}
INFORMANTS = {  # classCode of relatedEntity
    "informant": "CON",
    "emergency": "ECON",
    "trusted": "NOK",
}


@dataclass(frozen=True, slots=True)
class ParticipantContent:
    """A professional of the mother's circle; `role`: a key of PARTICIPANTS; `title`: « Sage-femme référente »…"""

    role: str
    professional: ProfessionalContent
    title: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class InformantContent:
    """A relative; `kind`: a key of INFORMANTS; `relation`: HL7 RoleCode (MTH, FTH, SIS…), None when unknown."""

    kind: str
    family_name: str
    given_name: str
    relation: Code | None = None
    phone: str = ""
    address: Address = Address()


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
    # Structured documents only (coordination.cda.volets)
    volet: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    performer: ProfessionalContent | None = None  # of the documented act; the author when None
    participants: tuple[ParticipantContent, ...] = ()
    informants: tuple[InformantContent, ...] = ()
    recipients: tuple[ProfessionalContent, ...] = ()
