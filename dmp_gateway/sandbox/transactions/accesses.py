"""TD0.3, TD0.4 and TD1.6: the DMP's own messages on authorisations (dmp.md §1.3).

Published: the actions, the request fields, output/{status,context}, `patientlistData` and its names,
`listOfAuthorizationByPatient` and its names. The other field names of the two lists are ours.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from dmp_gateway.sandbox import access_rules, grammar, rights
from dmp_gateway.sandbox.authorizations import TREATING_DOCTOR
from dmp_gateway.sandbox.patient_rules import state_of
from dmp_gateway.sandbox.people import State
from dmp_gateway.sandbox.refusals import SoapRefusal, StatusRefusal
from dmp_gateway.sandbox.transactions.common import CLAUSE_SCHEMA, Call
from dmp_gateway.sandbox.vihf_rules import DOCTOR

HABILITATIONS, PATIENTS = "urn:si-dmp-habilitations", "urn:si-dmp-patients"
SET, LIST, PATIENT_LIST = "setAuthorization", "listAuthorizationByPatient", "patientList"
NAMESPACES = {SET: HABILITATIONS, LIST: HABILITATIONS, PATIENT_LIST: PATIENTS}
CLAUSE = "dmp §1.3 (TD0.3, TD0.4, TD1.6)"
OK = "DMPOk"
_ALREADY = "Autorisation déjà présente aucune action effectuée"


def set_authorization(call: Call) -> str:
    """TD0.3. Raises SoapRefusal or StatusRefusal."""
    call.transaction = "0.3"
    action, role = _field(call, SET, "action"), _field(call, SET, "role")
    if action not in ("AJOUT", "SUPPRESSION") or role not in ("", TREATING_DOCTOR):
        raise SoapRefusal("sandbox:SchemaInvalid", "action ou role hors énumération.", CLAUSE_SCHEMA)
    rights.check(call.caller, f"0.3 {action}")
    said, treating = _openable(call)
    if role and not (call.caller.is_professional and call.caller.profession == DOCTOR):
        raise StatusRefusal("sandbox:RoleNotAllowed", "Seul un médecin se déclare médecin traitant.", CLAUSE)
    call.before_storing()
    if action == "AJOUT" and said == "VALIDE" and treating == bool(role):
        return output(SET, OK, _ALREADY)
    if action == "SUPPRESSION" and said not in ("VALIDE", "EXPIRE"):
        raise StatusRefusal("sandbox:AuthorizationMissing", "Aucune autorisation à supprimer.", CLAUSE)
    caller = call.caller
    call.world.authorizations.set(caller.patient_key, caller.holder, caller.name, action, role)
    return output(SET, OK)


def _openable(call: Call) -> tuple[str, bool]:
    """The authorisation of the caller on a DMP that exists, is open and does not refuse her."""
    state, _ = state_of(call.world.people, call.caller.patient)
    if state is State.NONE:
        raise StatusRefusal("sandbox:DmpAbsent", "Aucun DMP pour ce patient.", CLAUSE)
    if state is State.CLOSED:
        raise StatusRefusal("DMPClosed", "Le DMP est fermé.", CLAUSE)
    said, treating = access_rules.authorisation(call.world, call.caller)
    if said == "INTERDIT":
        raise StatusRefusal("sandbox:AccessForbidden", "Le titulaire du DMP a bloqué l'accès.", CLAUSE)
    return said, treating


def list_accesses(call: Call) -> str:
    """TD1.6. Raises SoapRefusal or StatusRefusal."""
    call.transaction = "1.6"
    mode = _field(call, LIST, "mode")
    if mode not in ("ACTIVE", "INTERDITE", "TOUTE"):
        raise SoapRefusal("sandbox:SchemaInvalid", "mode hors énumération.", CLAUSE_SCHEMA)
    rights.check(call.caller, call.transaction)
    said, _ = _openable(call)
    if said != "VALIDE":
        raise StatusRefusal("sandbox:AuthorizationMissing", "Le professionnel n'a pas d'autorisation.", CLAUSE)
    call.before_storing()
    wanted = {"ACTIVE": {"AJOUT"}, "INTERDITE": {"INTERDICTION"}, "TOUTE": {"AJOUT", "INTERDICTION"}}[mode]
    rows = [row for row in call.world.authorizations.of_patient(call.caller.patient_key) if row.action in wanted]
    items = "".join(
        f"<listOfAuthorizationByPatient><nationalId>{escape(row.holder)}</nationalId>{_names(row.name)}"
        f"<sandboxDate>{escape(row.at)}</sandboxDate></listOfAuthorizationByPatient>"
        for row in rows
    )
    return output(LIST, OK, items=items)


def list_patients(call: Call) -> str:
    """TD0.4. Raises SoapRefusal or StatusRefusal."""
    call.transaction = "0.4"
    start, kind, owner = (_field(call, PATIENT_LIST, name) for name in ("startDate", "dateType", "psOwnerId"))
    if kind not in ("LASTAUTORIZATION", "LASTDOC"):
        raise SoapRefusal("sandbox:SchemaInvalid", "dateType hors énumération.", CLAUSE_SCHEMA)
    rights.check(call.caller, call.transaction)
    if grammar.utc_instant(start) is None:
        raise StatusRefusal("sandbox:QueryInvalid", "startDate n'est pas un instant AAAAMMJJHHMMSS.", CLAUSE)
    if owner != call.caller.subject:
        raise StatusRefusal("sandbox:OwnerMismatch", "psOwnerId n'est pas l'utilisateur du VIHF.", CLAUSE)
    call.before_storing()
    return output(PATIENT_LIST, OK, items="".join(_patients(call, start, kind)))


def _patients(call: Call, start: str, kind: str) -> list[str]:
    items = []
    for row in call.world.authorizations.of_holder(call.caller.holder):
        last = _digits(row.at) if kind == "LASTAUTORIZATION" else _last_document(call, row.patient)
        person = call.world.people.find(*row.patient.split("^"))
        if row.action == "AJOUT" and last >= start and person is not None:
            items.append(
                f"<patientlistData><sandboxIns>{escape(person.matricule)}</sandboxIns>"
                f"<firstName>{escape(person.given_names)}</firstName><lastName>{escape(person.birth_name)}</lastName>"
                f"<dateOfBirth>{escape(person.birth_date)}</dateOfBirth><message/></patientlistData>"
            )
    return items


def _last_document(call: Call, patient: str) -> str:
    return max((_digits(record.at) for record in call.world.store.all() if record.patient == patient), default="")


def _digits(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y%m%d%H%M%S")


def _field(call: Call, operation: str, name: str) -> str:
    """Text of a field of the request. Raises SoapRefusal: another operation, a field that it does not know."""
    namespace = NAMESPACES[operation]
    known = {SET: {"action", "role"}, LIST: {"mode"}, PATIENT_LIST: {"startDate", "dateType", "psOwnerId"}}[operation]
    tags = [child.tag for child in call.body if isinstance(child.tag, str)]
    if call.body.tag != f"{{{namespace}}}{operation}" or set(tags) - {f"{{{namespace}}}{one}" for one in known}:
        raise SoapRefusal("sandbox:SchemaInvalid", f"Le corps n'est pas une demande {operation}.", CLAUSE_SCHEMA)
    if len(set(tags)) != len(tags):
        raise SoapRefusal("sandbox:SchemaInvalid", "Un champ est répété.", CLAUSE_SCHEMA)
    return (call.body.findtext(f"{{{namespace}}}{name}") or "").strip()


def _names(name: str) -> str:
    first, _, last = name.partition(" ")
    return f"<firstName>{escape(first)}</firstName><lastName>{escape(last)}</lastName>"


def output(operation: str, status: str, context: str = "", items: str = "") -> str:
    """output/{status, context} of an operation."""
    said = f"<context>{escape(context)}</context>" if context else ""
    return (
        f'<{operation}Response xmlns="{NAMESPACES[operation]}"><output><status>{escape(status)}</status>{said}{items}'
        f"</output></{operation}Response>"
    )


def operation_of(action: str) -> str:
    """Name of the operation of a WS-Addressing action of these services."""
    name = re.sub(r"^.*:", "", action)
    return name if name in NAMESPACES else SET  # a scripted fault may answer so to any request
