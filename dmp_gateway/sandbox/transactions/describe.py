"""TD3.3a and TD3.3b: the description of a document sent again with other masks (dmp.md §1.8).

Everything but the confidentiality codes is as it was; masking is the author's or anybody's by the matrix;
what the patient sees is never hidden from her again.
"""

from __future__ import annotations

import uuid

from dmp_gateway.sandbox import entry_rules, registry_answers
from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.complaints import Complaints
from dmp_gateway.sandbox.refusals import RegistryRefusal
from dmp_gateway.sandbox.registry_objects import Classified, Lot, RegistryObject
from dmp_gateway.sandbox.rights import Right
from dmp_gateway.sandbox.store import Change, Record, Store
from dmp_gateway.sandbox.transactions import update_target
from dmp_gateway.sandbox.transactions.common import Call
from dmp_gateway.sandbox.transactions.update_target import CLAUSE
from perinat.standards import xml

CLAUSE_MASKS = "EX_2.1-1050 (cumul-invisible_patient-masque_ps)"
MASKED, FROM_PATIENT = "MASQUE_PS", "INVISIBLE_PATIENT"
_HIDDEN = {FROM_PATIENT, "INVISIBLE_REPRESENTANTS_LEGAUX"}


def act(store: Store, entry: RegistryObject) -> str:
    """The row of the rights matrix that this description asks for."""
    record = _current(store, entry)
    before = set(record.confidentiality) if record else set()
    after = _codes(entry)
    if MASKED in after - before:
        return "3.3a masquage"
    return "3.3a démasquage" if MASKED in before - after else "3.3b"


def _current(store: Store, entry: RegistryObject) -> Record | None:
    first = store.version(entry.element.get("lid", ""))
    return first.record if first else None


def _codes(entry: RegistryObject) -> set[str]:
    return {value.code for value in entry.classified(ro.DE_CONFIDENTIALITY)}


def store(call: Call, lot: Lot, package: RegistryObject, right: Right, *, treating: bool) -> None:
    """Check and keep the new description. Raises RegistryRefusal."""
    entry = lot.extrinsics[0]
    known = _current(call.world.store, entry)
    if known is None or entry.element.get("lid") != known.logical_id:
        raise _refuse("XDSMetadataIdentifierError", "lid n'est pas le logicalId d'un document.", entry)
    record = update_target.find(call, known.entry_uuid, right, treating=treating)
    _check_link(lot, entry, record)
    if record.status not in (ro.APPROVED, ro.ARCHIVED):
        raise _refuse("XDSMetadataUpdateError", "Le document n'est plus actif.", entry)
    _check_same(entry, ro.read_object(xml.parse(call.world.store.metadata(record.unique_id, record.number))))
    _check_masks(call, entry, record)
    entry_uuid = f"urn:uuid:{uuid.uuid4()}"
    metadata = registry_answers.described_again(
        entry, entry_uuid=entry_uuid, logical_id=record.logical_id, number=record.number + 1
    )
    change = Change(
        package.external(ro.SS_UNIQUE),
        record.patient,
        package.slot("submissionTime"),
        record.entry_uuid,
        record.status,
        entry_uuid=entry_uuid,
        confidentiality=tuple(value.code for value in entry.classified(ro.DE_CONFIDENTIALITY)),
    )
    call.world.store.change(change, package=registry_answers.package(package), metadata=metadata)


def _refuse(code: str, reason: str, entry: RegistryObject, clause: str = CLAUSE) -> RegistryRefusal:
    return RegistryRefusal.of(code, reason, clause, entry.identifier)


def _check_link(lot: Lot, entry: RegistryObject, record: Record) -> None:
    link = lot.associations[0]
    if link.kind != ro.HAS_MEMBER or link.target != entry.identifier:
        raise _refuse(
            "XDSMetadataUpdateOperationError", "L'association HasMember ne relie pas le lot au document.", entry
        )
    if link.slots.get("SubmissionSetStatus") != ["Original"]:
        raise _refuse("XDSMetadataUpdateError", "SubmissionSetStatus=Original manque.", entry)
    if link.slots.get("PreviousVersion") != [str(record.number)]:
        raise _refuse("XDSMetadataVersionError", "PreviousVersion n'est pas la dernière version.", entry)


def _check_same(entry: RegistryObject, stored: RegistryObject) -> None:
    if entry.external(ro.DE_UNIQUE) != stored.external(ro.DE_UNIQUE):
        raise _refuse("XDSMetadataIdentifierError", "uniqueId diffère de celui du document.", entry)
    if entry.object_type != stored.object_type:
        raise _refuse("XDSObjectTypeError", "objectType diffère de celui du document.", entry)
    if _fixed(entry) != _fixed(stored):
        reason = "Seul confidentialityCode peut changer."
        raise _refuse("UnmodifiableMetadataError", reason, entry)


def _fixed(entry: RegistryObject) -> object:
    """What may not change, without the order in which it is written."""
    kept = [item for item in entry.classifications if item.scheme != ro.DE_CONFIDENTIALITY]
    return (
        entry.mime_type,
        entry.title,
        sorted(entry.slots.items()),
        sorted(map(_classification, kept)),
        sorted((item.scheme, item.value) for item in entry.identifiers),
    )


def _classification(item: Classified) -> tuple[str, str, str]:
    return item.scheme, item.code, repr(sorted(item.slots.items()))


def _check_masks(call: Call, entry: RegistryObject, record: Record) -> None:
    found = Complaints(CLAUSE)
    entry_rules.check_confidentiality(entry, found)
    found.stop()
    before, after = set(record.confidentiality), _codes(entry)
    if before == after:
        raise _refuse("XDSMetadataUpdateError", "La mise à jour ne change rien.", entry)
    if _HIDDEN & (after - before):
        reason = "Un document visible ne peut plus être caché au patient ni à ses représentants."
        raise _refuse("LocalPolicyRestrictionError", reason, entry)
    if (MASKED in before) != (MASKED in after) and before - after - {MASKED}:
        raise _refuse("XDSMetadataUpdateError", "Masquer et rendre visible sont deux transactions.", entry)
    if {MASKED, FROM_PATIENT} <= after and not call.world.limits.masks_together:
        reason = "Un document n'est pas à la fois masqué aux professionnels et invisible au patient."
        raise _refuse("sandbox:MasksExclusive", reason, entry, CLAUSE_MASKS)
