"""The quick header: who, what, when and the PDF, for the hot paths (one pass of `find`, no walk of the sections).

Source: « Structuration minimale des documents de santé » V1.16.8 (CI-SIS).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from coordination.cda.reading.bodies import quick_bodies
from coordination.cda.reading.datatypes import Identifier, oid, read_code, read_identifier
from coordination.cda.reading.nodes import attribute, every, first, integer, text, value
from coordination.cda.reading.times import parse_day, parse_instant
from perinat.standards import oids, xml
from perinat.standards.codes import Code
from perinat.standards.identifiers import IdentifierError, Ins

_MODEL = re.compile(r"1\.2\.250\.1\.213\.1\.1\.1\.\d+(\.\d+)*")


@dataclass(frozen=True, slots=True)
class ReadPatient:
    """recordTarget as written. `ins` only when matricule, key and OID hold; `ids` keeps every id."""

    ids: tuple[Identifier, ...]
    ins: Ins | None
    birth_family_name: str
    birth_given_names: str
    first_given_name: str
    used_family_name: str
    used_given_name: str
    birth_date: date | None
    sex: str  # F, M, U, or empty
    birth_place_cog: str


@dataclass(frozen=True, slots=True)
class ReadPerson:
    """Author or legal authenticator; a device is named by its software."""

    idnat: str
    family_name: str
    given_name: str
    specialty: Code | None
    organization: str
    organization_idnat: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What the header says. Absent texts are empty, absent values None; instants are aware or None."""

    unique_id: str  # root, or root^extension
    set_id: str
    version: int | None
    type: Code | None
    title: str
    created_at: datetime | None
    level: int  # 1 nonXMLBody, 3 structuredBody, 0 neither
    model: Identifier | None  # templateId of the volet, when one is declared
    patient: ReadPatient
    author: ReadPerson | None
    legal_authenticator: ReadPerson | None
    service_start: datetime | None
    service_stop: datetime | None
    replaces: str  # unique id of the parent document, when RPLC
    media_type: str
    body: bytes  # decoded nonXMLBody when base64
    pdf: bytes  # embedded PDF (N1 body or N3 attachment), else empty


def read_header(root: xml.Element) -> ReadDocument:
    """Raises CdaReadError when an embedded PDF is broken, and for nothing else."""
    media_type, body, pdf = quick_bodies(root)
    event = first(root, "h:documentationOf/h:serviceEvent/h:effectiveTime")
    return ReadDocument(
        unique_id=oid(first(root, "h:id")),
        set_id=oid(first(root, "h:setId")),
        version=integer(value(root, "h:versionNumber")),
        type=read_code(first(root, "h:code")),
        title=text(first(root, "h:title")),
        created_at=parse_instant(value(root, "h:effectiveTime")),
        level=_level(root),
        model=_model(root),
        patient=_patient(root),
        author=_person(first(root, "h:author"), "h:assignedAuthor"),
        legal_authenticator=_person(first(root, "h:legalAuthenticator"), "h:assignedEntity"),
        service_start=parse_instant(value(event, "h:low") or attribute(event, "value")),
        service_stop=parse_instant(value(event, "h:high")),
        replaces=oid(first(root, "h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id")),
        media_type=media_type,
        body=body,
        pdf=pdf,
    )


def ins_of(ids: tuple[Identifier, ...]) -> Ins | None:
    """The first identifier that is an INS by its OID, its form and its key."""
    for item in ids:
        if item.root in oids.INS_AUTHORITIES:
            try:
                return Ins(item.extension, item.root)
            except IdentifierError:
                continue
    return None


def _level(root: xml.Element) -> int:
    if first(root, "h:component/h:nonXMLBody") is not None:
        return 1
    return 3 if first(root, "h:component/h:structuredBody") is not None else 0


def _model(root: xml.Element) -> Identifier | None:
    """The most specific templateId under the ANS model branch."""
    found = [read_identifier(node) for node in every(root, "h:templateId")]
    models = [item for item in found if _MODEL.fullmatch(item.root) and item.root != oids.TEMPLATE_CI_SIS]
    return max(models, key=lambda item: len(item.root), default=None)


def _patient(root: xml.Element) -> ReadPatient:
    role = first(root, "h:recordTarget/h:patientRole")
    patient = first(role, "h:patient")
    name = first(patient, "h:name")
    ids = tuple(read_identifier(node) for node in every(role, "h:id"))
    sex = attribute(first(patient, "h:administrativeGenderCode"), "code")
    plain_given = text(_unqualified(name))
    first_given = _qualified(name, "given", "BR")
    return ReadPatient(
        ids=ids,
        ins=ins_of(ids),
        birth_family_name=_qualified(name, "family", "BR") or text(first(name, "h:family")),
        birth_given_names=plain_given or first_given,
        first_given_name=first_given or plain_given.split(" ")[0],
        used_family_name=_qualified(name, "family", "CL"),
        used_given_name=_qualified(name, "given", "CL"),
        birth_date=parse_day(value(patient, "h:birthTime")),
        sex="U" if sex in ("U", "UN") else sex if sex in ("F", "M") else "",
        birth_place_cog=text(first(patient, "h:birthplace/h:place/h:addr/h:county")),
    )


def _qualified(name: xml.Element | None, tag: str, qualifier: str) -> str:
    return text(first(name, f"h:{tag}[@qualifier='{qualifier}']"))


def _unqualified(name: xml.Element | None) -> xml.Element | None:
    return next((node for node in every(name, "h:given") if node.get("qualifier") is None), None)


def _person(node: xml.Element | None, path: str) -> ReadPerson | None:
    assigned = first(node, path)
    if assigned is None:
        return None
    name = first(assigned, "h:assignedPerson/h:name")
    software = text(first(assigned, "h:assignedAuthoringDevice/h:softwareName"))
    organization = first(assigned, "h:representedOrganization")
    return ReadPerson(
        idnat=read_identifier(first(assigned, "h:id")).extension,
        family_name=text(first(name, "h:family")) or software,
        given_name=text(first(name, "h:given")),
        specialty=read_code(first(assigned, "h:code")),
        organization=text(first(organization, "h:name")),
        organization_idnat=read_identifier(first(organization, "h:id")).extension,
        at=parse_instant(value(node, "h:time")),
    )
