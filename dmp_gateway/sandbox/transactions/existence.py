"""TD0.2 and TD1.3a: does the patient have a DMP, and may I? (dmp.md §1.4)"""

from __future__ import annotations

from dmp_gateway.sandbox import access_rules, hl7v3, patient_rules, rights
from dmp_gateway.sandbox.refusals import Hl7Refusal
from dmp_gateway.sandbox.transactions.common import Call

RESPONSE = "urn:hl7-org:v3:PRPA_IN201308UV02"


def run(call: Call) -> str:
    """The body of the answer. Raises SoapRefusal or Hl7Refusal."""
    query = hl7v3.read(call.body)
    call.transaction = query.transaction
    rights.check(call.caller, call.transaction)
    if query.patient != call.caller.patient:
        raise Hl7Refusal("sandbox:PatientMismatch", "Le patient demandé diffère du resource-id du VIHF.", hl7v3.CLAUSE)
    call.before_storing()
    state, person = patient_rules.state_of(call.world.people, query.patient)
    authorisation, treating = access_rules.authorisation(call.world, call.caller)
    return hl7v3.answer(query, state, person, authorisation=authorisation, treating=treating)
