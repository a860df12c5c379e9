"""Which document an ITI-57 changes, and whether this caller may (dmp.md §1.8, §1.9)."""

from __future__ import annotations

from dmp_gateway.sandbox import rights
from dmp_gateway.sandbox.refusals import RegistryRefusal
from dmp_gateway.sandbox.rights import Right
from dmp_gateway.sandbox.store import Record
from dmp_gateway.sandbox.transactions.common import Call

CLAUSE = "dmp §1.8 (TD3.3, ITI-57)"


def find(call: Call, entry_uuid: str, right: Right, *, treating: bool) -> Record:
    """The document to change, as it is now. Raises RegistryRefusal: unknown, superseded, not hers."""
    record = call.world.store.by_entry_uuid(entry_uuid)
    if record is None and call.world.store.version(entry_uuid) is not None:
        reason = "La description du document a changé depuis."
        raise RegistryRefusal.of("XDSMetadataVersionError", reason, CLAUSE)
    if record is None:
        raise RegistryRefusal.of("UnresolvedReferenceException", "Le document à changer est inconnu.", CLAUSE)
    if record.patient != call.caller.patient_key:
        reason = "Le document est celui d'un autre patient."
        raise RegistryRefusal.of("XDSPatientIDReconciliationError", reason, CLAUSE)
    if not rights.reaches(right, record, call.caller, treating=treating):
        reason = "Seul l'auteur du document, ou sa structure, peut faire cet acte."
        raise RegistryRefusal.of("LocalPolicyRestrictionError", reason, CLAUSE)
    return record
