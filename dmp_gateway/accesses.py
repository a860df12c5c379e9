"""TD0.3, TD0.4 and TD1.6: who may open whose record (dmp.md §1.3). The DMP's own messages, not HL7's.

The shape of the two lists is known by public clients only (names, nationalId): their reading is
tolerant, and what is not named there is not read [U].
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from coordination.ports import RecordAct
from dmp_gateway.client import ACCESSES, PATIENTS, Call
from perinat.standards.shared_record import RecordAccess, RecordPatient
from perinat.standards.xml import Element

_NS_ACCESSES = "urn:si-dmp-habilitations"
_NS_PATIENTS = "urn:si-dmp-patients"
_SET = f"{_NS_ACCESSES}:HabilitationsEndPoint:setAuthorization"
_LIST = f"{_NS_ACCESSES}:HabilitationsEndPoint:listAuthorizationByPatient"
_PATIENTS = f"{_NS_PATIENTS}:PatientSpecificEndPoint:patientList"
ADD, REMOVE = "AJOUT", "SUPPRESSION"
ACTIVE, FORBIDDEN = "ACTIVE", "INTERDITE"
TREATING_DOCTOR = "MEDECIN_TRAITANT"
_INS = re.compile(r"[0-9]{5}[0-9AB]{2}[0-9]{8}")


def set_authorization(action: str, *, role: str = "") -> Call:
    """TD0.3. `action`: AJOUT or SUPPRESSION; `role`: MEDECIN_TRAITANT, or empty."""
    act = RecordAct.AUTHORIZE if action == ADD else RecordAct.REVOKE
    written = f"<role>{escape(role)}</role>" if role else ""
    body = f'<setAuthorization xmlns="{_NS_ACCESSES}"><action>{escape(action)}</action>{written}</setAuthorization>'
    return Call(act, ACCESSES, _SET, body, f"{{{_NS_ACCESSES}}}setAuthorizationResponse")


def list_accesses(mode: str) -> Call:
    """TD1.6. `mode`: ACTIVE or INTERDITE."""
    body = (
        f'<listAuthorizationByPatient xmlns="{_NS_ACCESSES}"><mode>{escape(mode)}</mode></listAuthorizationByPatient>'
    )
    return Call(RecordAct.LIST_ACCESSES, ACCESSES, _LIST, body, f"{{{_NS_ACCESSES}}}listAuthorizationByPatientResponse")


def list_patients(ps_idnat: str, *, since: datetime) -> Call:
    """TD0.4: the DMPs authorised since an instant."""
    body = (
        f'<patientList xmlns="{_NS_PATIENTS}"><startDate>{since.astimezone(UTC):%Y%m%d%H%M%S}</startDate>'
        f"<dateType>LASTAUTORIZATION</dateType><psOwnerId>{escape(ps_idnat)}</psOwnerId></patientList>"
    )
    return Call(RecordAct.LIST_PATIENTS, PATIENTS, _PATIENTS, body, f"{{{_NS_PATIENTS}}}patientListResponse")


def read_accesses(body: Element, *, forbidden: bool) -> list[RecordAccess]:
    """Every item that names somebody by a nationalId."""
    return [
        RecordAccess(_field(item, "nationalId"), _field(item, "lastName"), _field(item, "firstName"), forbidden)
        for item in (child.getparent() for child in body.iter("{*}nationalId"))
        if item is not None
    ]


def read_patients(body: Element) -> list[RecordPatient]:
    """Every patientlistData. The INS is whatever field has its shape."""
    return [
        RecordPatient(
            _field(item, "lastName"),
            _field(item, "firstName"),
            _field(item, "dateOfBirth"),
            next((text for text in map(_text, item) if _INS.fullmatch(text)), ""),
        )
        for item in body.iter("{*}patientlistData")
    ]


def _field(item: Element, name: str) -> str:
    return item.findtext(f"{{*}}{name}", "").strip()


def _text(element: Element) -> str:
    return (element.text or "").strip()
