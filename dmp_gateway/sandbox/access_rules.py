"""May this caller open this DMP, and see this document? (dmp.md §1.4, §1.9, §3.5)"""

from __future__ import annotations

from dmp_gateway.sandbox.authorizations import TREATING_DOCTOR
from dmp_gateway.sandbox.context import World
from dmp_gateway.sandbox.patient_rules import state_of
from dmp_gateway.sandbox.people import State
from dmp_gateway.sandbox.refusals import RegistryRefusal
from dmp_gateway.sandbox.store import Record, is_alive
from dmp_gateway.sandbox.vihf_rules import Caller

CLAUSE = "dmp §1.4, §1.9 (autorisation d'accès)"
_OF_STATE = {
    State.OK: "VALIDE",
    State.EMERGENCY_OPPOSED: "VALIDE",
    State.EXPIRED: "EXPIRE",
    State.BLOCKED: "INTERDIT",
    State.OPPOSED: "INTERDIT",
}
_OF_ACTION = {"AJOUT": "VALIDE", "SUPPRESSION": "NON_EXISTE", "INTERDICTION": "INTERDIT"}
_REFUSED = {
    "NON_EXISTE": ("sandbox:AuthorizationMissing", "Le professionnel n'a pas d'autorisation sur ce DMP."),
    "EXPIRE": ("sandbox:AuthorizationExpired", "L'autorisation du professionnel a expiré."),
    "INTERDIT": ("sandbox:AccessForbidden", "Le titulaire du DMP a bloqué l'accès."),
}


def authorisation(world: World, caller: Caller) -> tuple[str, bool]:
    """VALIDE, NON_EXISTE, EXPIRE or INTERDIT for this caller; and whether she is the treating doctor."""
    state, _ = state_of(world.people, caller.patient)
    default = _OF_STATE.get(state, "NON_EXISTE")
    row = world.authorizations.find(caller.patient_key, caller.holder)
    if row is None or default == "INTERDIT" or state in (State.NONE, State.CLOSED):
        return default, False
    return _OF_ACTION[row.action], row.action == "AJOUT" and row.role == TREATING_DOCTOR


def check_readable(world: World, caller: Caller) -> bool:
    """The DMP is open to this reader; whether she is the treating doctor. Raises RegistryRefusal."""
    state, _ = state_of(world.people, caller.patient)
    if state is State.NONE:
        raise RegistryRefusal.of("XDSUnknownPatientId", "Aucun DMP pour ce patient.", CLAUSE)
    if state is State.CLOSED:
        raise RegistryRefusal.of("sandbox:DmpClosed", "Le DMP est fermé.", CLAUSE)
    said, treating = authorisation(world, caller)
    if said in _REFUSED:
        code, reason = _REFUSED[said]
        raise RegistryRefusal.of(code, reason, CLAUSE)
    return treating


def is_visible(record: Record, caller: Caller, *, treating: bool) -> bool:
    """In the DMP of the patient; masked: its author or the treating doctor; secret connection: only what is hidden."""
    if record.patient != caller.patient_key or not is_alive(record):
        return False
    if caller.secret_connection and "INVISIBLE_REPRESENTANTS_LEGAUX" not in record.confidentiality:
        return False
    return "MASQUE_PS" not in record.confidentiality or treating or caller.subject in record.authors
