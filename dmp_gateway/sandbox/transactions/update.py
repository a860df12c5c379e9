"""TD3.3: ITI-57 Update Document Set (dmp.md §1.8). c, d: a status; a, b: a description (`describe`)."""

from __future__ import annotations

from dmp_gateway.sandbox import access_rules, patient_rules, registry_answers, rights, version_rules, xds_rules
from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.complaints import Complaints
from dmp_gateway.sandbox.refusals import RegistryRefusal, SoapRefusal
from dmp_gateway.sandbox.registry_objects import Association, Lot, RegistryObject
from dmp_gateway.sandbox.rights import Right
from dmp_gateway.sandbox.store import Change
from dmp_gateway.sandbox.transactions import describe, update_target
from dmp_gateway.sandbox.transactions.common import CLAUSE_SCHEMA, Call
from dmp_gateway.sandbox.transactions.update_target import CLAUSE

RESPONSE = "urn:ihe:iti:2010:UpdateDocumentSet-Response"
_MOVES = {
    "3.3c": {(ro.APPROVED, ro.DELETED), (ro.ARCHIVED, ro.DELETED)},
    "3.3d": {(ro.APPROVED, ro.ARCHIVED), (ro.ARCHIVED, ro.APPROVED)},
}


def run(call: Call) -> str:
    """The body of the answer. Raises SoapRefusal or RegistryRefusal."""
    if call.body.tag != f"{{{ro.LCM}}}SubmitObjectsRequest":
        raise SoapRefusal("sandbox:SchemaInvalid", "Le corps n'est pas une demande ITI-57.", CLAUSE_SCHEMA)
    lot = ro.read_lot(call.body)
    links = lot.links(ro.UPDATE_STATUS)
    act = _act(call, lot, links)
    call.transaction = act[:4]
    call.check_schema()
    right = rights.check(call.caller, act)
    if call.transaction == "3.3c":
        patient_rules.check_open(call.world.people, call.caller.patient)
        treating = False  # only its author deletes a document
    else:
        treating = access_rules.check_readable(call.world, call.caller)
    package = _package(call, lot, links)
    call.before_storing()
    with call.world.commit:
        version_rules.check_lot(call.world.store, package.external(ro.SS_UNIQUE))
        if links:
            _move(call, links[0], package, right, treating=treating)
        else:
            describe.store(call, lot, package, right, treating=treating)
    return registry_answers.success()


def _act(call: Call, lot: Lot, links: list[Association]) -> str:
    """The row of the rights matrix."""
    if links:
        return "3.3c" if links[0].slot("NewStatus") == ro.DELETED else "3.3d"
    if lot.extrinsics:
        return describe.act(call.world.store, lot.extrinsics[0])
    raise RegistryRefusal.of("XDSMetadataUpdateOperationError", "Opération ITI-57 inconnue.", CLAUSE)


def _package(call: Call, lot: Lot, links: list[Association]) -> RegistryObject:
    package = xds_rules.only_package(lot)
    found = Complaints(CLAUSE)
    xds_rules.check_submission_set(package, found)
    if len(lot.associations) != 1 or (links and lot.extrinsics) or len(lot.extrinsics) > 1:
        found.add("XDSMetadataUpdateError", "Une mise à jour contient une association, et un document au plus.")
    found.stop()
    if lot.associations[0].source != package.identifier:
        reason = "L'association ne part pas du lot."
        raise RegistryRefusal.of("XDSMetadataUpdateError", reason, CLAUSE)
    xds_rules.check_patient(package, [], call.caller)
    xds_rules.check_author(package, [], call.caller)
    return package


def _move(call: Call, link: Association, package: RegistryObject, right: Right, *, treating: bool) -> None:
    record = update_target.find(call, link.target, right, treating=treating)
    move = (link.slot("OriginalStatus"), link.slot("NewStatus"))
    if move[0] != record.status or move not in _MOVES[call.transaction]:
        reason = "OriginalStatus n'est pas l'état du document, ou ce changement d'état n'existe pas."
        raise RegistryRefusal.of("XDSMetadataUpdateError", reason, CLAUSE)
    change = Change(
        package.external(ro.SS_UNIQUE), record.patient, package.slot("submissionTime"), link.target, status=move[1]
    )
    call.world.store.change(change, package=registry_answers.package(package))
