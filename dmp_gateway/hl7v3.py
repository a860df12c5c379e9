"""TD0.2 « existence d'un DMP et statut d'autorisation »: PRPA_IN201307UV02 and its answer (dmp.md §1.4)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from dmp_gateway.soap import GarbledAnswerError
from perinat.standards import oids
from perinat.standards.identifiers import Ins, oid_from_uuid
from perinat.standards.xml import Element

ACTION = "urn:hl7-org:v3:PRPA_IN201307UV02"
ANSWER = f"{{{oids.NS_HL7}}}PRPA_IN201308UV02"
_NS = {"h": oids.NS_HL7}
_INTERACTIONS = "2.16.840.1.113883.1.6"
_REASONS = "1.2.250.1.213.1.1.4.11"


@dataclass(frozen=True, slots=True)
class DmpState:
    """What TD0.2 says of one patient.

    `authorization`: VALIDE, NON_EXISTE, INTERDIT, EXPIRE or empty. `closure`: the motif of a closed
    DMP, DMPClosed when it gives none, empty when it is open. `found` is False for NF.
    """

    found: bool
    authorization: str = ""
    closure: str = ""

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


def request(ins: Ins, *, source_id: str, software: str, now: datetime) -> str:
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
        f'<reasonCode code="TEST_EXST" codeSystem="{_REASONS}"/>'
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
    return DmpState(found=True, authorization=_attention(body, "AUTORISATION"), closure=_closure(body))


def _attention(body: Element, keyword: str) -> str:
    for line in body.iter(f"{{{oids.NS_HL7}}}attentionLine"):
        word, value = line.find("h:keyWordText", _NS), line.find("h:value", _NS)
        if word is not None and value is not None and keyword in (word.get("code"), (word.text or "").strip()):
            return value.get("code", "")
    return ""


def _closure(body: Element) -> str:
    """The shape of a closed DMP is not published: any code that begins with FERMETURE, or a status not active."""
    codes = [e.get("code", "") for e in body.iterfind(".//h:patient//h:administrativeObservation//*", _NS)]
    motif = next((code for code in codes if code.startswith("FERMETURE_")), "")
    if motif:
        return motif if motif == "FERMETURE_DEMANDE_PATIENT" else "DMPClosed"
    status = body.find(".//h:patient/h:statusCode", _NS)
    return "DMPClosed" if status is not None and status.get("code") != "active" else ""
