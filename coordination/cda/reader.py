"""Bytes of a CDA R2 (N1 or N3) → its header and its embedded PDF, as values.

Reads what others wrote: any header element may be absent or oddly filled, volets may be unknown.
Only three things are refused: bytes that are not safe XML, a root that is not a CDA document, a PDF
whose base64 is broken. Sources: « Structuration minimale » V1.16.8; N1 body (XDS-SD); N3 PDF copy,
section FR-Document-PDF-copie 1.2.250.1.213.1.1.2.243, FR-Document-attaché 1.2.250.1.213.1.1.3.18.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import date, datetime

from coordination.cda.errors import CdaReadError
from perinat.standards import oids, xml
from perinat.standards.codes import Code
from perinat.standards.identifiers import IdentifierError, Ins

_NS = {"h": oids.NS_HL7}
_TS = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?([+-]\d{4})?")
_MODEL = re.compile(r"1\.2\.250\.1\.213\.1\.1\.1\.\d+(\.\d+)*")


@dataclass(frozen=True, slots=True)
class Identifier:
    """II: `root` OID and `extension`, either possibly empty."""

    root: str
    extension: str = ""


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


def read(data: bytes, *, max_bytes: int | None = None) -> ReadDocument:
    """Read one document. Raises CdaReadError (message in French, nothing of the content)."""
    try:
        root = xml.parse(data, max_bytes=max_bytes)
    except xml.XmlError as error:
        raise CdaReadError(error.message_fr) from error
    if root.tag != f"{{{oids.NS_HL7}}}ClinicalDocument":
        raise CdaReadError("Ce fichier n'est pas un document CDA.")
    media_type, body, pdf = _bodies(root)
    event = _first(root, "h:documentationOf/h:serviceEvent/h:effectiveTime")
    return ReadDocument(
        unique_id=_oid(_first(root, "h:id")),
        set_id=_oid(_first(root, "h:setId")),
        version=_integer(_value(root, "h:versionNumber")),
        type=_code(_first(root, "h:code")),
        title=_text(_first(root, "h:title")),
        created_at=parse_instant(_value(root, "h:effectiveTime")),
        level=_level(root),
        model=_model(root),
        patient=_patient(root),
        author=_person(_first(root, "h:author"), "h:assignedAuthor"),
        legal_authenticator=_person(_first(root, "h:legalAuthenticator"), "h:assignedEntity"),
        service_start=parse_instant(_value(event, "h:low") or _attribute(event, "value")),
        service_stop=parse_instant(_value(event, "h:high")),
        replaces=_oid(_first(root, "h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id")),
        media_type=media_type,
        body=body,
        pdf=pdf,
    )


def parse_instant(value: str) -> datetime | None:
    """HL7 TS of at least a minute and with an offset → aware datetime; anything less precise → None."""
    match = _TS.fullmatch(value)
    if not match or not match[5] or not match[7]:
        return None
    try:
        return datetime.strptime("".join(match.group(1, 2, 3, 4, 5)) + (match[6] or "00") + match[7], "%Y%m%d%H%M%S%z")
    except ValueError:
        return None


def parse_day(value: str) -> date | None:
    """The day of an HL7 TS as written (no change of zone: a birth date is a civil date)."""
    match = _TS.fullmatch(value)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match and match[3] else None
    except ValueError:
        return None


def _first(node: xml.Element | None, path: str) -> xml.Element | None:
    return None if node is None else node.find(path, _NS)


def _attribute(node: xml.Element | None, name: str) -> str:
    return "" if node is None else str(node.get(name, "")).strip()


def _value(node: xml.Element | None, path: str) -> str:
    return _attribute(_first(node, path), "value")


def _text(node: xml.Element | None) -> str:
    return "" if node is None else " ".join("".join(str(piece) for piece in node.itertext()).split())


def _integer(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() else None


def _identifier(node: xml.Element | None) -> Identifier:
    return Identifier(_attribute(node, "root"), _attribute(node, "extension"))


def _oid(node: xml.Element | None) -> str:
    found = _identifier(node)
    return f"{found.root}^{found.extension}" if found.extension else found.root


def _code(node: xml.Element | None) -> Code | None:
    value = _attribute(node, "code")
    return Code(value, _attribute(node, "codeSystem"), _attribute(node, "displayName")) if value else None


def _level(root: xml.Element) -> int:
    if _first(root, "h:component/h:nonXMLBody") is not None:
        return 1
    return 3 if _first(root, "h:component/h:structuredBody") is not None else 0


def _model(root: xml.Element) -> Identifier | None:
    """The most specific templateId under the ANS model branch."""
    found = [_identifier(node) for node in root.findall("h:templateId", _NS)]
    models = [item for item in found if _MODEL.fullmatch(item.root) and item.root != oids.TEMPLATE_CI_SIS]
    return max(models, key=lambda item: len(item.root), default=None)


def _patient(root: xml.Element) -> ReadPatient:
    role = _first(root, "h:recordTarget/h:patientRole")
    patient = _first(role, "h:patient")
    name = _first(patient, "h:name")
    ids = tuple(_identifier(node) for node in role.findall("h:id", _NS)) if role is not None else ()
    sex = _attribute(_first(patient, "h:administrativeGenderCode"), "code")
    plain_given = _text(_unqualified(name))
    first_given = _qualified(name, "given", "BR")
    return ReadPatient(
        ids=ids,
        ins=_ins(ids),
        birth_family_name=_qualified(name, "family", "BR") or _text(_first(name, "h:family")),
        birth_given_names=plain_given or first_given,
        first_given_name=first_given or plain_given.split(" ")[0],
        used_family_name=_qualified(name, "family", "CL"),
        used_given_name=_qualified(name, "given", "CL"),
        birth_date=parse_day(_value(patient, "h:birthTime")),
        sex="U" if sex in ("U", "UN") else sex if sex in ("F", "M") else "",
        birth_place_cog=_text(_first(patient, "h:birthplace/h:place/h:addr/h:county")),
    )


def _qualified(name: xml.Element | None, tag: str, qualifier: str) -> str:
    return _text(_first(name, f"h:{tag}[@qualifier='{qualifier}']"))


def _unqualified(name: xml.Element | None) -> xml.Element | None:
    given = name.findall("h:given", _NS) if name is not None else []
    return next((node for node in given if node.get("qualifier") is None), None)


def _ins(ids: tuple[Identifier, ...]) -> Ins | None:
    for item in ids:
        if item.root in oids.INS_AUTHORITIES:
            try:
                return Ins(item.extension, item.root)
            except IdentifierError:
                continue
    return None


def _person(node: xml.Element | None, path: str) -> ReadPerson | None:
    assigned = _first(node, path)
    if assigned is None:
        return None
    name = _first(assigned, "h:assignedPerson/h:name")
    software = _text(_first(assigned, "h:assignedAuthoringDevice/h:softwareName"))
    organization = _first(assigned, "h:representedOrganization")
    return ReadPerson(
        idnat=_identifier(_first(assigned, "h:id")).extension,
        family_name=_text(_first(name, "h:family")) or software,
        given_name=_text(_first(name, "h:given")),
        specialty=_code(_first(assigned, "h:code")),
        organization=_text(_first(organization, "h:name")),
        organization_idnat=_identifier(_first(organization, "h:id")).extension,
        at=parse_instant(_value(node, "h:time")),
    )


def _bodies(root: xml.Element) -> tuple[str, bytes, bytes]:
    """Media type and bytes of the N1 body, and the embedded PDF wherever it stands."""
    text = _first(root, "h:component/h:nonXMLBody/h:text")
    if text is not None:
        media_type = _attribute(text, "mediaType").lower()
        body = _decode(text) if _attribute(text, "representation") == "B64" else _text(text).encode()
        return media_type, body, body if media_type == "application/pdf" else b""
    structured = _first(root, "h:component/h:structuredBody")
    for node in structured.iter(f"{{{oids.NS_HL7}}}value") if structured is not None else ():
        if _attribute(node, "mediaType").lower() == "application/pdf" and node.get("representation") == "B64":
            return "", b"", _decode(node)
    return "", b"", b""


def _decode(node: xml.Element) -> bytes:
    encoded = "".join(str(piece) for piece in node.itertext())
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except ValueError as error:  # binascii.Error, or characters that are not ASCII
        raise CdaReadError("Le PDF contenu dans le document est illisible.") from error
