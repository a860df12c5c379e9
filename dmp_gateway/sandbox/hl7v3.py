"""TD0.2 / TD1.3a in HL7 v3: PRPA_IN201307UV02 read, PRPA_IN201308UV02 written (dmp.md §1.4)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from dmp_gateway.sandbox.grammar import Cx
from dmp_gateway.sandbox.people import Person, State
from dmp_gateway.sandbox.refusals import Hl7Refusal
from perinat.standards import oids
from perinat.standards.xml import Element

CLAUSE = "dmp §1.4 (TD0.2, PRPA_IN201307UV02)"
REASONS = "1.2.250.1.213.1.1.4.11"
CONTROL = "1.2.250.1.213.4.1.2"


@dataclass(frozen=True, slots=True)
class ExistenceQuery:
    """What is asked: message id, transaction (0.2 or 1.3a), query id, patient."""

    message: tuple[str, str]
    transaction: str
    query: tuple[str, str]
    patient: Cx


def _p(path: str) -> str:
    return "/".join(f"{{{oids.NS_HL7}}}{name}" for name in path.split("/"))


def _id(root: Element, path: str) -> tuple[str, str]:
    element = root.find(_p(path))
    return (element.get("root", ""), element.get("extension", "")) if element is not None else ("", "")


def read(body: Element) -> ExistenceQuery:
    """Raises Hl7Refusal: not the message of TD0.2, or a mandatory part missing."""
    if body.tag != _p("PRPA_IN201307UV02") or body.get("ITSVersion") != "XML_1.0":
        raise _refuse("Le corps n'est pas un PRPA_IN201307UV02 (ITSVersion XML_1.0).")
    message = _id(body, "id")
    if not message[0] or body.find(_p("creationTime")) is None:
        raise _refuse("id ou creationTime manque.")
    if _id(body, "interactionId") != ("2.16.840.1.113883.1.6", "PRPA_IN201307UV02"):
        raise _refuse("interactionId n'est pas PRPA_IN201307UV02.")
    for name, expected in (("processingModeCode", "T"), ("acceptAckCode", "AL")):
        element = body.find(_p(name))
        if element is None or element.get("code") != expected:
            raise _refuse(f"{name} : {expected} attendu.")
    if body.find(_p("processingCode")) is None:
        raise _refuse("processingCode manque.")
    if _id(body, "receiver/device/id")[0] != oids.DMP_DEVICE:
        raise _refuse("Le destinataire n'est pas le DMP.")
    if not _id(body, "sender/device/id")[0]:
        raise _refuse("L'émetteur (logiciel) n'est pas identifié.")
    reason = body.find(_p("controlActProcess/reasonCode"))
    if reason is None or reason.get("codeSystem") != REASONS or not reason.get("code"):
        raise _refuse("reasonCode manque ou est hors nomenclature.")
    query = _id(body, "controlActProcess/queryByParameter/queryId")
    if not query[0]:
        raise _refuse("queryId manque.")
    path = "controlActProcess/queryByParameter/parameterList/patientIdentifier"
    root, extension = _id(body, f"{path}/value")
    patient = Cx(extension, root, "NH")
    if not patient.is_national or body.findtext(_p(f"{path}/semanticsText")) != "Patient.id":
        raise _refuse("patientIdentifier n'est pas un INS (Patient.id).")
    transaction = "0.2" if reason.get("code") == "TEST_EXST" else "1.3a"
    return ExistenceQuery(message, transaction, query, patient)


def _refuse(reason: str) -> Hl7Refusal:
    return Hl7Refusal("sandbox:QueryInvalid", reason, CLAUSE)


def answer(query: ExistenceQuery, state: State, person: Person | None, *, authorisation: str, treating: bool) -> str:
    """The answer about one patient: NF when there is no DMP, else the DMP and the authorisation of the caller."""
    found = state is not State.NONE
    lines = (
        _attention("AUTORISATION", f"{CONTROL}.6.1", f'xsi:type="CV" code="{authorisation}" codeSystem="{CONTROL}.6.2"')
        + _attention("STATUT_MT", f"{CONTROL}.6.3", f'xsi:type="BL" value="{str(treating).lower()}"')
    )  # fmt: skip
    subject = _subject(state, query.patient, person) if found else ""
    query_ack = (
        f'<queryAck>{_ii("queryId", query.query)}<queryResponseCode code="{"OK" if found else "NF"}"/></queryAck>'
    )
    control = (
        f'<controlActProcess classCode="CACT" moodCode="EVN"><code code="PRPA_TE201308UV02"/>'
        f"{subject}{query_ack}</controlActProcess>"
    )
    return _message("AA", query.message, lines, control, "")


def refusal(refused: Hl7Refusal, message: tuple[str, str]) -> str:
    """acknowledgement AE with one detail (dmp.md §4.1, shape 3)."""
    detail = (
        f'<acknowledgementDetail typeCode="E"><code code={quoteattr(refused.code)}/>'
        f"<text>{escape(f'{refused.detail_fr} [{refused.clause}]')}</text></acknowledgementDetail>"
    )
    control = '<controlActProcess classCode="CACT" moodCode="EVN"><code code="PRPA_TE201308UV02"/></controlActProcess>'
    return _message("AE", message, "", control, detail)


def _message(typecode: str, target: tuple[str, str], attention: str, control: str, detail: str) -> str:
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000")
    return (
        f'<PRPA_IN201308UV02 xmlns="{oids.NS_HL7}" xmlns:xsi="{oids.NS_XSI}" ITSVersion="XML_1.0">'
        f'<id root="{oids.DMP_DEVICE}" extension="{uuid.uuid4()}"/><creationTime value="{now}"/>'
        '<interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201308UV02"/>'
        '<processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="NE"/>'
        f"{attention}"
        '<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE"><id nullFlavor="NI"/></device>'
        '</receiver><sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">'
        f'<id root="{oids.DMP_DEVICE}"/><softwareName>DMP</softwareName></device></sender>'
        f'<acknowledgement><typeCode code="{typecode}"/><targetMessage>{_ii("id", target)}</targetMessage>'
        f"{detail}</acknowledgement>{control}</PRPA_IN201308UV02>"
    )


def _ii(name: str, value: tuple[str, str]) -> str:
    root, extension = value
    written = f" extension={quoteattr(extension)}" if extension else ""
    return f"<{name} root={quoteattr(root)}{written}/>" if root else f'<{name} nullFlavor="NI"/>'


def _attention(keyword: str, system: str, value: str) -> str:
    return f'<attentionLine><keyWordText code="{keyword}" codeSystem="{system}"/><value {value}/></attentionLine>'


def _subject(state: State, patient: Cx, person: Person | None) -> str:
    closed = state is State.CLOSED
    facts = _observation("COMPTE_INTERNET_OUVERT", f"{CONTROL}.9", 'xsi:type="BL" value="true"')
    attached = not closed and (person is None or person.attached)
    facts += _observation("RATTACHEMENT_ENS", f"{CONTROL}.3", f'xsi:type="BL" value="{str(attached).lower()}"')
    if closed:
        motive = 'xsi:type="CV" code="FERMETURE_DEMANDE_PATIENT"'
        facts += _observation("sandbox:MOTIF_FERMETURE", "urn:perinat:sandbox:dmp", motive)
    return (
        '<subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN"><id nullFlavor="NA"/>'
        '<statusCode code="active"/><subject1 typeCode="SBJ"><patient classCode="PAT">'
        f"{_ii('id', (patient.oid, patient.identifier))}"
        f'<statusCode code="{"terminated" if closed else "active"}"/>{_person(person)}{facts}'
        '</patient></subject1><custodian typeCode="CST"><assignedEntity classCode="ASSIGNED">'
        f'<id root="{oids.DMP_DEVICE}"/></assignedEntity></custodian></registrationEvent></subject>'
    )


def _person(person: Person | None) -> str:
    if person is None:
        return ""
    given = "".join(f"<given>{escape(name)}</given>" for name in person.given_names.split())
    name = f'<name><family qualifier="BR">{escape(person.birth_name)}</family>{given}</name>'
    gender = f'<administrativeGenderCode code={quoteattr(person.sex)} codeSystem="{oids.HL7_ADMINISTRATIVE_GENDER}"/>'
    birth = f"<birthTime value={quoteattr(person.birth_date)}/>" if person.birth_date else ""
    return f'<patientPerson classCode="PSN" determinerCode="INSTANCE">{name}{gender}{birth}</patientPerson>'


def _observation(code: str, system: str, value: str) -> str:
    return (
        '<subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">'
        f'<code code="{code}" codeSystem="{system}"/><value {value}/></administrativeObservation></subjectOf>'
    )
