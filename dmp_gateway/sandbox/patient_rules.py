"""State of the patient's DMP, and what it allows (dmp.md §1.10, §4.4). An unknown INS has no DMP."""

from __future__ import annotations

from dmp_gateway.sandbox.grammar import Cx
from dmp_gateway.sandbox.people import People, Person, State
from dmp_gateway.sandbox.refusals import RegistryRefusal

CLAUSE = "dmp §1.10, §4.4 (état du DMP)"
_FORBIDDEN = {
    State.CLOSED: ("sandbox:DmpClosed", "Le DMP est fermé."),
    State.BLOCKED: ("sandbox:AccessForbidden", "Le titulaire du DMP a bloqué la structure."),
    State.OPPOSED: ("sandbox:AccessForbidden", "Le titulaire du DMP s'oppose à son alimentation."),
}


def state_of(people: People, patient: Cx) -> tuple[State, Person | None]:
    """The state of the DMP of `patient`, with the identity when one is registered."""
    person = people.find(patient.identifier, patient.oid)
    return (person.state if person else State.NONE), person


def check_open(people: People, patient: Cx) -> None:
    """The DMP exists and may be fed by this structure. Raises RegistryRefusal."""
    state, _ = state_of(people, patient)
    if state is State.NONE:
        raise RegistryRefusal.of("XDSUnknownPatientId", "Aucun DMP pour ce patient.", CLAUSE)
    if state in _FORBIDDEN:
        code, reason = _FORBIDDEN[state]
        raise RegistryRefusal.of(code, reason, CLAUSE)
