"""TD0.2 « existence d'un DMP et statut d'autorisation » and TD1.3a « données administratives » (dmp.md §1.4).

Both are PRPA_IN201307UV02, told apart by their reasonCode, and answered by PRPA_IN201308UV02.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from coordination.ports import RecordAct
from dmp_gateway.client import PATIENTS, Call
from dmp_gateway.conf import DmpConfig
from dmp_gateway.soap import GarbledAnswerError
from perinat.standards import oids
from perinat.standards.identifiers import Ins, oid_from_uuid
from perinat.standards.xml import Element

ACTION = "urn:hl7-org:v3:PRPA_IN201307UV02"
ANSWER = f"{{{oids.NS_HL7}}}PRPA_IN201308UV02"
_NS = {"h": oids.NS_HL7}
_INTERACTIONS = "2.16.840.1.113883.1.6"
EXISTENCE = "TEST_EXST"
_REASONS = "1.2.250.1.213.1.1.4.11"


@dataclass(frozen=True, slots=True)
class DmpState:
    """What TD0.2 says of one patient.

    `authorization`: VALIDE, NON_EXISTE, INTERDIT, EXPIRE or empty. `closure`: the motif of a closed
    DMP, DMPClosed when it gives none, empty when it is open. `found` is False for NF. `treating_doctor`:
    the caller is (STATUT_MT); `attached`: to « Mon espace santé », None when it is not said.
    """

    found: bool
    authorization: str = ""
    closure: str = ""
    treating_doctor: bool = False
    attached: bool | None = None

    @property
    def refusal(self) -> str:
        """Why nothing may be deposited, as a code of `errors.TABLE`; empty when a deposit is welcome.

        Depositing needs no authorisation in the Alimentation profile: NON_EXISTE and EXPIRE speak of
        consultation and do not stop it (rights matrix M526). INTERDIT is the patient's will.
        """
        if not self.found:
            return "NF"
        if self.closure:
            return self.closure
        return "INTERDIT" if self.authorization == "INTERDIT" else ""


def existence(ins: Ins, config: DmpConfig, *, source_id: str, now: datetime) -> Call:
    """TD0.2. `source_id`: OID of the emitting system."""
    body = request(ins, source_id=source_id, software=config.lps_name, now=now)
    return Call(RecordAct.TEST, PATIENTS, ACTION, body, ANSWER)


def administrative(ins: Ins, config: DmpConfig, *, now: datetime) -> Call:
    """TD1.3a. Its reasonCode is in no public source: a setting."""
    reason = config.administrative_reason
    body = request(ins, source_id=config.source_id, software=config.lps_name, now=now, reason=reason)
    return Call(RecordAct.ADMINISTRATIVE, PATIENTS, ACTION, body, ANSWER)


def request(ins: Ins, *, source_id: str, software: str, now: datetime, reason: str = EXISTENCE) -> str:
    """Body of the request. `source_id`: OID of the emitting system."""
    return (
        f'<PRPA_IN201307UV02 xmlns="{oids.NS_HL7}" ITSVersion="XML_1.0">'
        f'<id root="{oid_from_uuid(uuid.uuid4())}"/>'
        f'<creationTime value="{now.astimezone(UTC):%Y%m%d%H%M%S}"/>'
        f'<interactionId root="{_INTERACTIONS}" extension="PRPA_IN201307UV02"/>'
        '<processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="AL"/>'
        f'<receiver typeCode="RCV">{_device(oids.DMP_DEVICE, "DMP")}</receiver>'
        f'<sender typeCode="SND">{_device(source_id, software)}</sender>'
        '<controlActProcess classCode="CACT" moodCode="EVN">'
        f'<code code="PRPA_TE201307UV02" codeSystem="{_INTERACTIONS}"/>'
        f'<reasonCode code="{escape(reason)}" codeSystem="{_REASONS}"/>'
        f'<queryByParameter><queryId root="{oid_from_uuid(uuid.uuid4())}"/><statusCode code="new"/>'
        f'<parameterList><patientIdentifier><value root="{ins.oid}" extension="{ins.matricule}"/>'
        "<semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList>"
        "</queryByParameter></controlActProcess></PRPA_IN201307UV02>"
    )


def _device(root: str, name: str) -> str:
    return (
        f'<device classCode="DEV" determinerCode="INSTANCE"><id root="{root}"/>'
        f"<softwareName>{escape(name)}</softwareName></device>"
    )


def read(body: Element) -> DmpState:
    """Read PRPA_IN201308UV02. Identity traits of the answer are left alone (RG_0320).

    Raises GarbledAnswerError: neither OK nor NF.
    """
    response = body.find(".//h:queryAck/h:queryResponseCode", _NS)
    code = "" if response is None else response.get("code", "")
    if code == "NF":
        return DmpState(found=False)
    if code != "OK":
        raise GarbledAnswerError("no queryResponseCode")
    return DmpState(
        found=True,
        authorization=_attention(body, "AUTORISATION", "code"),
        closure=_closure(body),
        treating_doctor=_attention(body, "STATUT_MT", "value") == "true",
        attached=_observed(body, "RATTACHEMENT_ENS"),
    )


def _observed(body: Element, code: str) -> bool | None:
    """The truth of an administrative observation (BL), None when it is absent."""
    for found in body.iterfind(".//h:patient//h:administrativeObservation", _NS):
        name, value = found.find("h:code", _NS), found.find("h:value", _NS)
        if name is not None and value is not None and name.get("code") == code:
            return value.get("value") == "true"
    return None


def _attention(body: Element, keyword: str, attribute: str) -> str:
    for line in body.iter(f"{{{oids.NS_HL7}}}attentionLine"):
        word, value = line.find("h:keyWordText", _NS), line.find("h:value", _NS)
        if word is not None and value is not None and keyword in (word.get("code"), (word.text or "").strip()):
            return value.get(attribute, "")
    return ""


def _closure(body: Element) -> str:
    """The shape of a closed DMP is not published: any code that begins with FERMETURE, or a status not active."""
    codes = [e.get("code", "") for e in body.iterfind(".//h:patient//h:administrativeObservation//*", _NS)]
    motif = next((code for code in codes if code.startswith("FERMETURE_")), "")
    if motif:
        return motif if motif == "FERMETURE_DEMANDE_PATIENT" else "DMPClosed"
    status = body.find(".//h:patient/h:statusCode", _NS)
    return "DMPClosed" if status is not None and status.get("code") != "active" else ""
