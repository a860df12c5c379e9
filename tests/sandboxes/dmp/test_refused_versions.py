"""Duplicates, replacements, versions, queries and deletions that are refused (dmp.md §1.6, §1.8, §7 (10))."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sandboxes.dmp import base, content, messages
from tests.sandboxes.dmp.base import OTHER_EJ, Edits, new_oid
from tests.sandboxes.dmp.conftest import Caller
from tests.sandboxes.dmp.content import DELETED, Document
from tests.sandboxes.dmp.messages import Lot


@pytest.fixture
def deposited(caller: Caller) -> Document:
    document = Document()
    assert caller.deposit(Lot((document,))).success
    return document


def test_a_lot_identifier_serves_once(caller: Caller) -> None:
    lot = Lot((Document(),))
    assert caller.deposit(lot).success
    assert caller.deposit(lot).codes == ["XDSDuplicateUniqueIdInRegistry"]
    assert caller.deposit(Lot((Document(),), lot=lot.lot)).codes == ["XDSDuplicateUniqueIdInRegistry"]
    assert len(caller.stored()) == 1


def test_an_identifier_hides_no_other_bytes(caller: Caller, deposited: Document) -> None:
    changed = replace(deposited, payload="JVBERi0xLjQKAAAA")
    assert caller.deposit(Lot((changed,))).codes == ["XDSNonIdenticalHash"]


def test_a_version_number_serves_once(caller: Caller, deposited: Document) -> None:
    twin = replace(deposited, unique_id=new_oid())
    assert caller.deposit(Lot((twin,))).codes == ["sandbox:VersionAlreadyDeposited"]


def test_a_lot_is_all_or_nothing(caller: Caller, deposited: Document) -> None:
    changed = replace(deposited, payload="JVBERi0xLjQKAAAA")
    assert not caller.deposit(Lot((Document(), changed))).success
    assert len(caller.stored()) == 1


REPLACEMENTS: list[tuple[str, dict[str, object], str]] = [
    ("not named in the document", {"related": new_oid()}, "sandbox:ReplacementMismatch"),
    ("another set", {"set_id": new_oid()}, "sandbox:ReplacementMismatch"),
    ("version that does not grow", {"version": 1}, "sandbox:ReplacementMismatch"),
]


@pytest.mark.parametrize(
    ("changes", "code"), [case[1:] for case in REPLACEMENTS], ids=[case[0] for case in REPLACEMENTS]
)
def test_replacements_refused(caller: Caller, deposited: Document, changes: dict[str, object], code: str) -> None:
    new = replace(deposited.next_version(), **changes)  # type: ignore[arg-type]
    assert caller.deposit(Lot((new,), replaces=caller.entry_uuid(deposited))).codes == [code]
    assert caller.stored()[0]["status"].endswith("Approved")


def test_replacing_an_unknown_document(caller: Caller, deposited: Document) -> None:
    for target in ("urn:uuid:00000000-0000-4000-8000-000000000000", "Document99"):
        lot = Lot((deposited.next_version(),), replaces=target)
        assert caller.deposit(lot).codes == ["UnresolvedReferenceException"]


def test_replacing_twice(caller: Caller, deposited: Document) -> None:
    target = caller.entry_uuid(deposited)
    assert caller.deposit(Lot((deposited.next_version(),), replaces=target)).success
    again = replace(deposited.next_version(), version=3)
    assert caller.deposit(Lot((again,), replaces=target)).codes == ["XDSRegistryDeprecatedDocumentError"]


def test_a_replacement_is_declared(caller: Caller, deposited: Document) -> None:
    answer = caller.deposit(Lot((deposited.next_version(),)))
    assert answer.codes == ["sandbox:ReplacementNotDeclared"]


def test_replacing_the_document_of_another_structure(caller: Caller, other: Caller, deposited: Document) -> None:
    target = caller.entry_uuid(deposited)
    theirs = (("^IDNST^^^" + base.EG, "^IDNST^^^" + OTHER_EJ),)
    cda = ((f"extension='{base.EG}'", f"extension='{OTHER_EJ}'"),)
    new = replace(deposited.next_version(), cda_edit=cda)
    answer = other.deposit(Lot((new,), replaces=target, rim_edit=theirs), structure=OTHER_EJ)
    assert answer.codes == ["sandbox:NotOwner"]


def test_references_of_another_structure_are_not_given(caller: Caller, other: Caller, deposited: Document) -> None:
    answer = other.find(deposited.unique_id, structure=OTHER_EJ)
    assert answer.texts("//q:AdhocQueryResponse/@totalResultCount") == ["0"]


def test_references_of_another_patient_are_not_given(caller: Caller, deposited: Document) -> None:
    answer = caller.find(deposited.unique_id, patient=base.EXPIRED)
    assert answer.texts("//q:AdhocQueryResponse/@totalResultCount") == ["0"]


QUERIES: list[tuple[str, Edits, str]] = [
    (
        "unknown query",
        ((messages.GET_DOCUMENTS, "urn:uuid:00000000-0000-4000-8000-000000000000"),),
        "XDSUnknownStoredQuery",
    ),
    ("no parameter", (("$XDSDocumentEntryUniqueId", "$MetadataLevel"),), "XDSStoredQueryMissingParam"),
    (
        "too many parameters",
        (("</AdhocQuery>", content.slot("$XDSDocumentEntryEntryUUID", "('x')") + "</AdhocQuery>"),),
        "XDSStoredQueryParamNumber",
    ),
    ("value without quotes", (("('", ""), ("')", "")), "XDSRegistryError"),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in QUERIES], ids=[case[0] for case in QUERIES])
def test_queries_refused(caller: Caller, edit: Edits, code: str) -> None:
    assert caller.find("2.25.1", edit=edit).codes == [code]


def test_queries_on_a_dmp_that_is_not_open(caller: Caller) -> None:
    assert caller.find("2.25.1", patient=base.NO_DMP).codes == ["XDSUnknownPatientId"]


APPROVED = f"{base.XSS}StatusType:Approved"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETIONS: list[tuple[str, Edits, str]] = [
    ("wrong original status", ((APPROVED, ARCHIVED),), "XDSMetadataUpdateError"),
    ("archiving in indirect mode", ((DELETED, ARCHIVED),), "sandbox:RightDenied"),
    ("unknown operation", (("UpdateAvailabilityStatus", "Other"),), "XDSMetadataUpdateOperationError"),
    ("source is not the lot", (('sourceObject="SubmissionSet01"', 'sourceObject="X"'),), "XDSMetadataUpdateError"),
    ("no content type", (('nodeRepresentation="03"', 'nodeRepresentation="99"'),), "XDSRegistryMetadataError"),
    (
        "no author structure",
        (("^IDNST^^^" + base.EG, "^IDNST^^^" + base.EJ),),
        "sandbox:AuthorInstitutionMismatch",
    ),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in DELETIONS], ids=[case[0] for case in DELETIONS])
def test_deletions_refused(caller: Caller, deposited: Document, edit: Edits, code: str) -> None:
    assert caller.delete(caller.entry_uuid(deposited), edit=edit).codes == [code]
    assert caller.stored()[0]["status"] == APPROVED


def test_deleting_what_is_unknown_twice_or_elsewhere(caller: Caller, deposited: Document) -> None:
    target = caller.entry_uuid(deposited)
    unknown = "urn:uuid:00000000-0000-4000-8000-000000000000"
    assert caller.delete(unknown).codes == ["UnresolvedReferenceException"]
    assert caller.delete(target, patient=base.EXPIRED).codes == ["XDSPatientIDReconciliationError"]
    lot = new_oid()
    assert caller.delete(target, lot=lot).success
    assert caller.delete(target).codes == ["XDSMetadataUpdateError"]
    assert caller.delete(target, lot=lot).codes == ["XDSDuplicateUniqueIdInRegistry"]


def test_only_the_author_structure_deletes(caller: Caller, other: Caller, deposited: Document) -> None:
    answer = other.delete(caller.entry_uuid(deposited), structure=OTHER_EJ)
    assert answer.codes == ["LocalPolicyRestrictionError"]


def test_a_replaced_document_is_not_deleted(caller: Caller, deposited: Document) -> None:
    target = caller.entry_uuid(deposited)
    caller.deposit(Lot((deposited.next_version(),), replaces=target))
    assert caller.delete(target).codes == ["XDSMetadataUpdateError"]
    assert caller.delete(target, edit=((APPROVED, f"{base.XSS}StatusType:Deprecated"),)).codes == [
        "XDSMetadataUpdateError"
    ]
