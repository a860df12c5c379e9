"""Changes that a DMP refuses in AIR: masks sent with a description (3.3a, b), status (3.3d) (dmp.md §1.8, §1.9)."""

from __future__ import annotations

import pytest

from tests.sandboxes.dmp import base, consult
from tests.sandboxes.dmp.base import Edits
from tests.sandboxes.dmp.conftest import Caller
from tests.sandboxes.dmp.consult import APPROVED, ARCHIVED, DEPRECATED, ReaderCaller
from tests.sandboxes.dmp.content import DELETED, Document, slot
from tests.sandboxes.dmp.messages import Lot

COLLEAGUE = (("<saml2:NameID>" + base.MIDWIFE, "<saml2:NameID>899700000021"),)  # another professional of the site
NOWHERE = "urn:uuid:00000000-0000-4000-8000-000000000000"


@pytest.fixture
def reader(caller: Caller) -> ReaderCaller:
    return ReaderCaller(caller)


@pytest.fixture
def deposited(caller: Caller) -> Document:
    document = Document()
    assert caller.deposit(Lot((document,))).success
    return document


# --- descriptions (3.3a, 3.3b) ----------------------------------------------------------------------
DESCRIPTIONS: list[tuple[str, Edits, str]] = [
    ("unknown logicalId", (('lid="urn:uuid:', 'lid="urn:uuid:0'),), "XDSMetadataIdentifierError"),
    ("another uniqueId", (('value="2.25.', 'value="2.25.1'),), "XDSMetadataIdentifierError"),
    ("another type", (('"15508-5"', '"11490-0"'),), "UnmodifiableMetadataError"),
    (
        "another title",
        (('value="CR d&apos;accouchement"/></Name><Cl', 'value="Autre"/></Name><Cl'),),
        "UnmodifiableMetadataError",
    ),
    (
        "another hash",
        (('name="hash"><ValueList><Value>', 'name="hash"><ValueList><Value>0'),),
        "UnmodifiableMetadataError",
    ),
    (
        "another size",
        (('name="size"><ValueList><Value>', 'name="size"><ValueList><Value>1'),),
        "UnmodifiableMetadataError",
    ),
    ("another repository", ((consult.REPOSITORY, "1.2.3"),), "UnmodifiableMetadataError"),
    ("no service time", ((slot("serviceStartTime", "20260101070000"), ""),), "UnmodifiableMetadataError"),
    ("another object type", (("urn:uuid:7edca82f-054d", "urn:uuid:34268e47-fdf5"),), "XDSObjectTypeError"),
    ("old version", (("<Value>1</Value>", "<Value>2</Value>"),), "XDSMetadataVersionError"),
    ("no version", ((slot("PreviousVersion", "1"), ""),), "XDSMetadataVersionError"),
    ("no status", ((slot("SubmissionSetStatus", "Original"), ""),), "XDSMetadataUpdateError"),
    ("another link", (("AssociationType:HasMember", "AssociationType:RPLC"),), "XDSMetadataUpdateOperationError"),
    ("link from elsewhere", (('sourceObject="SubmissionSet01"', 'sourceObject="X"'),), "XDSMetadataUpdateError"),
    ("unknown mask", (('"MASQUE_PS"', '"MASQUE_TOUS"'),), "XDSRegistryMetadataError"),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in DESCRIPTIONS], ids=[case[0] for case in DESCRIPTIONS])
def test_descriptions_refused(reader: ReaderCaller, deposited: Document, edit: Edits, code: str) -> None:
    answer = reader.describe(deposited, edit=edit)
    assert set(answer.codes) == {code}, answer.reasons
    assert reader.caller.stored()[0]["confidentiality"] == ["N"]


MASKS: list[tuple[str, tuple[str, ...], tuple[str, ...], str]] = [
    ("nothing changes", ("N",), ("N",), "XDSMetadataUpdateError"),
    ("hiding from the patient", ("N",), ("N", "INVISIBLE_PATIENT"), "LocalPolicyRestrictionError"),
    ("hiding from her parents", ("N",), ("N", "INVISIBLE_REPRESENTANTS_LEGAUX"), "LocalPolicyRestrictionError"),
    (
        "masked and hidden",
        ("N", "INVISIBLE_PATIENT"),
        ("N", "INVISIBLE_PATIENT", "MASQUE_PS"),
        "sandbox:MasksExclusive",
    ),
    ("masked and revealed at once", ("N", "INVISIBLE_PATIENT"), ("N", "MASQUE_PS"), "XDSMetadataUpdateError"),
    ("normal comes first", ("N",), ("MASQUE_PS", "N"), "XDSRegistryMetadataError"),
]


@pytest.mark.parametrize(("before", "after", "code"), [case[1:] for case in MASKS], ids=[case[0] for case in MASKS])
def test_masks_refused(reader: ReaderCaller, before: tuple[str, ...], after: tuple[str, ...], code: str) -> None:
    document = Document(confidentiality=before)
    reader.caller.deposit(Lot((document,)))
    assert set(reader.describe(document, masks=after).codes) == {code}


def test_only_its_author_unmasks(reader: ReaderCaller) -> None:
    document = Document(confidentiality=("N", "MASQUE_PS"))
    reader.caller.deposit(Lot((document,)))
    body = consult.Described(document, reader.caller.entry_uuid(document), masks=("N",)).body()
    assert reader.update(body, edit=COLLEAGUE).codes == ["LocalPolicyRestrictionError"]


def test_a_replaced_document_is_not_masked(reader: ReaderCaller, deposited: Document) -> None:
    caller = reader.caller
    lid = caller.entry_uuid(deposited)
    caller.deposit(Lot((deposited.next_version(),), replaces=lid))
    assert reader.describe(deposited, lid=lid).codes == ["XDSMetadataUpdateError"]


def test_a_description_that_is_no_longer_the_last(reader: ReaderCaller, deposited: Document) -> None:
    caller = reader.caller
    old = caller.entry_uuid(deposited)
    assert reader.describe(deposited).success
    assert reader.update(consult.status(old, APPROVED, ARCHIVED)).codes == ["XDSMetadataVersionError"]
    assert reader.describe(deposited, lid=old, masks=("N",)).codes == ["XDSMetadataVersionError"]
    new = deposited.next_version()
    assert caller.deposit(Lot((new,), replaces=old)).codes == ["XDSRegistryDeprecatedDocumentError"]


# --- status (3.3d) ----------------------------------------------------------------------------------
MOVES: list[tuple[str, str, str, str]] = [
    ("already active", APPROVED, APPROVED, "XDSMetadataUpdateError"),
    ("not archived", ARCHIVED, APPROVED, "XDSMetadataUpdateError"),
    ("made old by hand", APPROVED, DEPRECATED, "XDSMetadataUpdateError"),
    ("brought back", DELETED, APPROVED, "XDSMetadataUpdateError"),
]


@pytest.mark.parametrize(("before", "after", "code"), [case[1:] for case in MOVES], ids=[case[0] for case in MOVES])
def test_moves_refused(reader: ReaderCaller, deposited: Document, before: str, after: str, code: str) -> None:
    assert reader.update(consult.status(reader.caller.entry_uuid(deposited), before, after)).codes == [code]


def test_archiving_what_is_unknown_or_not_hers(reader: ReaderCaller, deposited: Document) -> None:
    target = reader.caller.entry_uuid(deposited)
    assert reader.update(consult.status(NOWHERE, APPROVED, ARCHIVED)).codes == ["UnresolvedReferenceException"]
    body = consult.status(target, APPROVED, ARCHIVED)
    assert reader.update(body, edit=COLLEAGUE).codes == ["LocalPolicyRestrictionError"]
    assert reader.update(consult.status(target, APPROVED, DELETED), edit=COLLEAGUE).codes == [
        "LocalPolicyRestrictionError"
    ]
    author = (("^IDNST^^^" + base.EG, "^IDNST^^^" + base.EJ),)
    assert reader.update(consult.status(target, APPROVED, ARCHIVED, edit=author)).codes == [
        "sandbox:AuthorInstitutionMismatch"
    ]


def test_an_update_of_another_patient(reader: ReaderCaller, deposited: Document) -> None:
    body = consult.status(reader.caller.entry_uuid(deposited), APPROVED, ARCHIVED)
    with_documents = "293039999900291^^^&1.2.250.1.213.1.4.10&ISO^NH"
    assert reader.update(body, patient=with_documents).codes == ["XDSPatientIdDoesNotMatch"]
    moved = body.replace(base.MOTHER[:15], with_documents[:15])
    assert reader.update(moved, patient=with_documents).codes == ["XDSPatientIDReconciliationError"]


def test_a_lot_of_changes_serves_once(reader: ReaderCaller, deposited: Document) -> None:
    body = consult.status(reader.caller.entry_uuid(deposited), APPROVED, ARCHIVED)
    assert reader.update(body).success
    assert reader.update(body).codes == ["XDSDuplicateUniqueIdInRegistry"]
