"""Duplicates, replacements and versions (dmp.md §3.5, §7 (10); IHE ITI TF-3 §4.2.4)."""

from __future__ import annotations

from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.cda_header import CdaHeader
from dmp_gateway.sandbox.refusals import RegistryRefusal
from dmp_gateway.sandbox.registry_objects import RegistryObject
from dmp_gateway.sandbox.store import Record, Store, is_alive
from dmp_gateway.sandbox.vihf_rules import Caller

CLAUSE_DUPLICATE = "dmp §3.5 (uniqueId, IHE ITI TF-3)"
CLAUSE_REPLACE = "dmp §3.5, TD2.1b (RPLC)"
CLAUSE_VERSION = "dmp §3.5, §5 (setId et versionNumber)"


def check_lot(store: Store, unique_id: str) -> None:
    """The uniqueId of a lot serves once. Raises RegistryRefusal."""
    if store.has_lot(unique_id):
        reason = "L'identifiant du lot a déjà servi."
        raise RegistryRefusal.of("XDSDuplicateUniqueIdInRegistry", reason, CLAUSE_DUPLICATE)


def is_known(store: Store, unique_id: str, hash_sha1: str, patient: str) -> bool:
    """The same document was already registered for this patient.

    Raises RegistryRefusal XDSNonIdenticalHash when the uniqueId hides other bytes.
    """
    record = store.by_unique_id(unique_id)
    if record is None:
        return False
    if record.hash_sha1 != hash_sha1:
        reason = "Un autre document porte déjà cet identifiant."
        raise RegistryRefusal.of("XDSNonIdenticalHash", reason, CLAUSE_DUPLICATE)
    if record.patient != patient:
        reason = "Ce document est déjà enregistré pour un autre patient."
        raise RegistryRefusal.of("XDSPatientIdDoesNotMatch", reason, CLAUSE_DUPLICATE)
    return True


def check_replacement(
    store: Store, entry: RegistryObject, header: CdaHeader, target: str, *, patient: str, caller: Caller
) -> Record:
    """`target`: entryUUID named by RPLC. The document replaced. Raises RegistryRefusal."""
    old = store.by_entry_uuid(target)
    if old is None and store.version(target) is not None:
        reason = "L'entryUUID à remplacer est celui d'une description qui n'est plus la dernière."
        raise _refuse("XDSRegistryDeprecatedDocumentError", reason, entry)
    if old is None:
        raise _refuse("UnresolvedReferenceException", "Le document à remplacer est inconnu.", entry)
    if old.patient != patient:
        raise _refuse("XDSPatientIdDoesNotMatch", "Le document à remplacer est celui d'un autre patient.", entry)
    if old.status != ro.APPROVED:
        reason = "Le document à remplacer n'est plus actif."
        raise _refuse("XDSRegistryDeprecatedDocumentError", reason, entry)
    if old.legal != caller.legal:
        raise _refuse("sandbox:NotOwner", "Le document à remplacer vient d'une autre structure.", entry)
    if (old.unique_id, "") not in header.replaced:
        reason = "relatedDocument RPLC ne nomme pas le document remplacé."
        raise _refuse("sandbox:ReplacementMismatch", reason, entry)
    if header.set_identifier[0] != old.set_id:
        raise _refuse("sandbox:ReplacementMismatch", "setId diffère de celui du document remplacé.", entry)
    if int(header.version) <= old.version:
        raise _refuse("sandbox:ReplacementMismatch", "versionNumber n'augmente pas.", entry)
    return old


def check_first_deposit(store: Store, entry: RegistryObject, header: CdaHeader) -> None:
    """A document that replaces nothing does not hide a replacement. Raises RegistryRefusal."""
    for root, _ in header.replaced:
        old = store.by_unique_id(root)
        if old is not None and old.status == ro.APPROVED:
            reason = "Le CDA remplace un document du DMP sans association RPLC."
            raise _refuse("sandbox:ReplacementNotDeclared", reason, entry)


def check_version(store: Store, entry: RegistryObject, header: CdaHeader) -> None:
    """The same setId and versionNumber name one document only. Raises RegistryRefusal."""
    unique_id, version = header.identifier[0], int(header.version)
    for other in store.by_set(header.set_identifier[0]):
        if is_alive(other) and other.version == version and other.unique_id != unique_id:
            reason = "Un autre document porte le même setId et le même versionNumber."
            raise RegistryRefusal.of("sandbox:VersionAlreadyDeposited", reason, CLAUSE_VERSION, entry.identifier)


def _refuse(code: str, reason: str, entry: RegistryObject) -> RegistryRefusal:
    return RegistryRefusal.of(code, reason, CLAUSE_REPLACE, entry.identifier)
