"""The whole header: every participant, the acts documented, the encounter, the documents it speaks of."""

from __future__ import annotations

from dataclasses import dataclass

from coordination.cda.reading.datatypes import (
    Coded,
    Identifier,
    oid,
    read_coded,
    read_identifiers,
)
from coordination.cda.reading.nodes import attribute, every, first, integer, text, value
from coordination.cda.reading.people import (
    Address,
    Name,
    Organization,
    Party,
    Telecom,
    read_address,
    read_addresses,
    read_name,
    read_organization,
    read_parties,
    read_telecoms,
)
from coordination.cda.reading.texts import Texts
from coordination.cda.reading.times import Moment, Time, read_moment, read_time
from perinat.standards import xml


@dataclass(frozen=True, slots=True)
class Related:
    """relatedDocument, an order it fulfils, or a document that an entry refers to. `kind`: RPLC, APND, XFRM, REFR…"""

    kind: str
    ids: tuple[str, ...]
    code: Coded | None = None
    set_id: str = ""
    version: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """documentationOf: the act (code), when, and by whom."""

    ids: tuple[Identifier, ...]
    code: Coded | None
    time: Time | None
    performers: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class Encounter:
    """componentOf: the stay or visit, its discharge disposition, its place and its people."""

    ids: tuple[Identifier, ...]
    code: Coded | None
    time: Time | None
    disposition: Coded | None
    place: Organization | None
    place_code: Coded | None
    place_name: str
    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """recordTarget in full. Traits are those of `ReadPatient`; here is what it leaves out."""

    ids: tuple[Identifier, ...]
    names: tuple[Name, ...]
    sex: Coded | None
    birth: Moment | None
    birth_order: int | None
    multiple_birth: str
    deceased: str
    birth_place: str
    birth_address: Address | None
    addresses: tuple[Address, ...]
    telecoms: tuple[Telecom, ...]
    guardians: tuple[Party, ...]
    provider: Organization | None


@dataclass(frozen=True, slots=True)
class Context:
    """Everything of the header beyond `ReadDocument`."""

    templates: tuple[Identifier, ...]
    effective_time: Moment | None
    confidentiality: Coded | None
    language: str
    type: Coded | None
    patient: Patient | None
    authors: tuple[Party, ...]
    data_enterer: tuple[Party, ...]
    informants: tuple[Party, ...]
    custodian: Organization | None
    recipients: tuple[Party, ...]
    legal_authenticators: tuple[Party, ...]
    authenticators: tuple[Party, ...]
    participants: tuple[Party, ...]
    orders: tuple[Related, ...]
    events: tuple[ServiceEvent, ...]
    related: tuple[Related, ...]
    encounter: Encounter | None


def read_context(root: xml.Element, texts: Texts) -> Context:
    custodian = first(root, "h:custodian/h:assignedCustodian/h:representedCustodianOrganization")
    return Context(
        templates=read_identifiers(root, "h:templateId"),
        effective_time=read_moment(first(root, "h:effectiveTime")),
        confidentiality=read_coded(first(root, "h:confidentialityCode"), texts),
        language=attribute(first(root, "h:languageCode"), "code"),
        type=read_coded(first(root, "h:code"), texts),
        patient=_patient(first(root, "h:recordTarget/h:patientRole"), texts),
        authors=read_parties(root, "h:author", texts),
        data_enterer=read_parties(root, "h:dataEnterer", texts),
        informants=read_parties(root, "h:informant", texts),
        custodian=read_organization(custodian, texts),
        recipients=read_parties(root, "h:informationRecipient", texts),
        legal_authenticators=read_parties(root, "h:legalAuthenticator", texts),
        authenticators=read_parties(root, "h:authenticator", texts),
        participants=read_parties(root, "h:participant", texts),
        orders=tuple(_related(node, "h:order", texts) for node in every(root, "h:inFulfillmentOf")),
        events=tuple(_event(node, texts) for node in every(root, "h:documentationOf/h:serviceEvent")),
        related=tuple(_related(node, "h:parentDocument", texts) for node in every(root, "h:relatedDocument")),
        encounter=_encounter(first(root, "h:componentOf/h:encompassingEncounter"), texts),
    )


def _related(node: xml.Element, path: str, texts: Texts) -> Related:
    return read_related(first(node, path), attribute(node, "typeCode"), texts)


def read_related(node: xml.Element | None, kind: str, texts: Texts) -> Related:
    words, _ = texts.words(first(node, "h:text"))
    return Related(
        kind=kind,
        ids=tuple(oid(item) for item in every(node, "h:id")),
        code=read_coded(first(node, "h:code"), texts),
        set_id=oid(first(node, "h:setId")),
        version=integer(value(node, "h:versionNumber")),
        text=words,
    )


def _event(node: xml.Element, texts: Texts) -> ServiceEvent:
    return ServiceEvent(
        ids=read_identifiers(node),
        code=read_coded(first(node, "h:code"), texts),
        time=read_time(first(node, "h:effectiveTime")),
        performers=read_parties(node, "h:performer", texts),
    )


def _encounter(node: xml.Element | None, texts: Texts) -> Encounter | None:
    if node is None:
        return None
    facility = first(node, "h:location/h:healthCareFacility")
    return Encounter(
        ids=read_identifiers(node),
        code=read_coded(first(node, "h:code"), texts),
        time=read_time(first(node, "h:effectiveTime")),
        disposition=read_coded(first(node, "h:dischargeDispositionCode"), texts),
        place=read_organization(first(facility, "h:serviceProviderOrganization"), texts),
        place_code=read_coded(first(facility, "h:code"), texts),
        place_name=text(first(facility, "h:location/h:name")),
        parties=read_parties(node, "h:responsibleParty", texts) + read_parties(node, "h:encounterParticipant", texts),
    )


def _patient(role: xml.Element | None, texts: Texts) -> Patient | None:
    if role is None:
        return None
    patient = first(role, "h:patient")
    birth_address = first(patient, "h:birthplace/h:place/h:addr")
    return Patient(
        ids=read_identifiers(role),
        names=tuple(name for node in every(patient, "h:name") if (name := read_name(node)) is not None),
        sex=read_coded(first(patient, "h:administrativeGenderCode"), texts),
        birth=read_moment(first(patient, "h:birthTime")),
        birth_order=integer(value(patient, "sdtc:multipleBirthOrderNumber")),
        multiple_birth=value(patient, "sdtc:multipleBirthInd"),
        deceased=value(patient, "sdtc:deceasedInd"),
        birth_place=text(first(patient, "h:birthplace/h:place/h:name")),
        birth_address=None if birth_address is None else read_address(birth_address),
        addresses=read_addresses(role),
        telecoms=read_telecoms(role),
        guardians=read_parties(patient, "h:guardian", texts),
        provider=read_organization(first(role, "h:providerOrganization"), texts),
    )
