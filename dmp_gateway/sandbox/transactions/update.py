"""TD3.3c: ITI-57 UpdateAvailabilityStatus to Deleted (dmp.md §1.8). 3.3a, b, d: rights only."""

from __future__ import annotations

from dmp_gateway.sandbox import patient_rules, registry_answers, rights, version_rules, xds_rules
from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.complaints import Complaints
from dmp_gateway.sandbox.refusals import RegistryRefusal, SoapRefusal
from dmp_gateway.sandbox.registry_objects import Association, Lot
from dmp_gateway.sandbox.rights import Right
from dmp_gateway.sandbox.transactions.common import CLAUSE_SCHEMA, Call

RESPONSE = "urn:ihe:iti:2010:UpdateDocumentSet-Response"
CLAUSE = "dmp §1.8 (TD3.3, ITI-57)"


def run(call: Call) -> str:
    """The body of the answer. Raises SoapRefusal or RegistryRefusal."""
    if call.body.tag != f"{{{ro.LCM}}}SubmitObjectsRequest":
        raise SoapRefusal("sandbox:SchemaInvalid", "Le corps n'est pas une demande ITI-57.", CLAUSE_SCHEMA)
    lot = ro.read_lot(call.body)
    links = lot.links(ro.UPDATE_STATUS)
    call.transaction = _transaction(lot, links)
    call.check_schema()
    right = rights.check(call.caller, call.transaction)
    if call.transaction != "3.3c":
        reason = "Le bac à sable ne simule que la suppression."
        raise SoapRefusal("sandbox:NotSimulated", reason, CLAUSE, party="Receiver")
    patient_rules.check_open(call.world.people, call.caller.patient)
    package = xds_rules.only_package(lot)
    found = Complaints(CLAUSE)
    xds_rules.check_submission_set(package, found)
    if len(links) != 1 or len(lot.associations) != 1 or lot.extrinsics:
        found.add("XDSMetadataUpdateError", "Une suppression contient une association UpdateAvailabilityStatus.")
    found.stop()
    if links[0].source != package.identifier:
        reason = "L'association ne part pas du lot."
        raise RegistryRefusal.of("XDSMetadataUpdateError", reason, CLAUSE)
    xds_rules.check_patient(package, [], call.caller)
    xds_rules.check_author(package, [], call.caller)
    call.before_storing()
    with call.world.commit:
        version_rules.check_lot(call.world.store, package.external(ro.SS_UNIQUE))
        _delete(call, links[0], package.external(ro.SS_UNIQUE), right)
    return registry_answers.success()


def _transaction(lot: Lot, links: list[Association]) -> str:
    if links:
        return "3.3c" if links[0].slot("NewStatus") == ro.DELETED else "3.3d"
    if lot.extrinsics:
        return "3.3a"
    raise RegistryRefusal.of("XDSMetadataUpdateOperationError", "Opération ITI-57 inconnue.", CLAUSE)


def _delete(call: Call, link: Association, lot: str, right: Right) -> None:
    record = call.world.store.by_entry_uuid(link.target)
    if record is None:
        reason = "Le document à supprimer est inconnu."
        raise RegistryRefusal.of("UnresolvedReferenceException", reason, CLAUSE)
    patient = f"{call.caller.patient.identifier}^{call.caller.patient.oid}"
    if record.patient != patient:
        reason = "Le document est celui d'un autre patient."
        raise RegistryRefusal.of("XDSPatientIDReconciliationError", reason, CLAUSE)
    if right is Right.OWN and record.legal != call.caller.legal:
        reason = "Seule la structure auteur supprime un document."
        raise RegistryRefusal.of("LocalPolicyRestrictionError", reason, CLAUSE)
    original = link.slot("OriginalStatus")
    if original != record.status or original not in (ro.APPROVED, ro.ARCHIVED):
        reason = "OriginalStatus n'est pas l'état du document, ou n'est pas Approved ou Archived."
        raise RegistryRefusal.of("XDSMetadataUpdateError", reason, CLAUSE)
    call.world.store.change_status(lot, link.target, ro.DELETED)
