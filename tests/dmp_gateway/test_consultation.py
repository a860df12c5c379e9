"""The consultation profile (AIR) against the DMP sandbox, on real sockets with mutual TLS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coordination.ports import (
    Action,
    ChannelError,
    PermanentChannelError,
    Reader,
    RecordAct,
    Scope,
    TemporaryChannelError,
    UncertainChannelError,
)
from dmp_gateway import consultation, errors, rights, xdsb, xmldsig
from dmp_gateway.channel import DmpChannel
from dmp_gateway.client import Conversation
from dmp_gateway.consultation import DmpConsultation
from dmp_gateway.errors import Use
from dmp_gateway.rights import Mode, Role
from dmp_gateway.sandbox.server import DmpSandbox
from dmp_gateway.transport import Transport
from dmp_gateway.vihf import Caller
from perinat.standards import codes
from perinat.standards.shared_record import Authorization, DocumentStatus, HeldDocument, RecordDocument
from tests.dmp_gateway import parcels
from tests.dmp_gateway.test_against_sandbox import SHARED, Admin

SIGNED_IN = datetime.now(UTC) - timedelta(minutes=2)
MOTHER = parcels.parcel().patient
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def reader(user=parcels.MIDWIFE, role: str = "50", *, strong: bool = True, secret: bool = False) -> Reader:
    return Reader(parcels.sender(user, role), SIGNED_IN, strong, secret)


MIDWIFE, DOCTOR, SECRETARY = reader(), reader(parcels.DOCTOR, "10"), reader(role="SECRETARIAT_MEDICAL")
LOCAL = reader(strong=False)


@pytest.fixture(scope="module")
def sandbox(authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DmpSandbox]:
    xsd = SHARED / "xsd"
    with DmpSandbox(
        tmp_path_factory.mktemp("dmp"), authority.directory, xsd_dir=xsd if xsd.is_dir() else None
    ) as running:
        yield running


@pytest.fixture
def admin(sandbox: DmpSandbox) -> Admin:
    door = Admin(sandbox.admin_url)
    door.call("POST", "/reset", {"people": True})
    door.call("PUT", "/structures", {"struct_idnat": parcels.EG, "legal": parcels.EJ, "name": parcels.MATERNITY.name})
    door.state("OK")
    return door


@pytest.fixture
def config(sandbox: DmpSandbox, authority):
    made = parcels.config(authority.directory, sandbox.base_url)
    return replace(made, read_timeout=10.0, source_id=parcels.SOURCE_ID)


@pytest.fixture
def source(config, admin: Admin) -> DmpConsultation:
    return DmpConsultation(lambda: config)


@pytest.fixture
def deposit(config, admin: Admin):
    """Deposit documents for the mother and give them back."""
    channel = DmpChannel(lambda: config)

    def run(*documents, **options: Any):
        documents = documents or (parcels.document(),)
        channel.submit(parcels.parcel(*documents, **options))
        return documents

    return run


def refusal(act, kind: type[ChannelError] = PermanentChannelError) -> ChannelError:
    with pytest.raises(ChannelError) as raised:
        act()
    assert type(raised.value) is kind, raised.value
    return raised.value


def only(source: DmpConsultation, who: Reader = MIDWIFE) -> RecordDocument:
    (found,) = source.search(who, MOTHER, archived=True)
    return found


# --- state and authorisation --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "authorization", "closed", "exists"),
    [
        ("OK", Authorization.VALID, False, True),
        ("NO_AUTHORIZATION", Authorization.NONE, False, True),
        ("EXPIRED", Authorization.EXPIRED, False, True),
        ("BLOCKED", Authorization.FORBIDDEN, False, True),
        ("CLOSED", Authorization.NONE, True, True),
        ("NONE", Authorization.NONE, False, False),
    ],
)
def test_state_of_the_record(source, admin, state, authorization, closed, exists):
    admin.state(state)
    for who in (MIDWIFE, LOCAL):
        found = source.state(who, MOTHER)
        assert (found.authorization, found.closed, found.exists) == (authorization, closed, exists)
        assert found.is_open == (state == "OK")
    assert source.administrative(LOCAL, MOTHER).attached == (None if not exists else not closed)
    assert set(admin.transactions()) == {"0.2", "1.3a"}


def test_an_agreement_opens_the_record_and_can_be_ended(source, admin, deposit):
    admin.state("NO_AUTHORIZATION")
    deposit()
    assert refusal(lambda: source.search(MIDWIFE, MOTHER)).code == "AUTHORIZATION_NONE"
    source.authorize(MIDWIFE, MOTHER, agreed_at=datetime.now(UTC))
    assert source.state(MIDWIFE, MOTHER).is_open
    assert len(source.search(MIDWIFE, MOTHER)) == 1
    assert not source.state(DOCTOR, MOTHER).is_open  # hers alone
    source.authorize(MIDWIFE, MOTHER, agreed_at=datetime.now(UTC))  # « déjà présente », DMPOk
    source.revoke(MIDWIFE, MOTHER)
    error = refusal(lambda: source.search(MIDWIFE, MOTHER))
    assert error.functional and "L'accord de la patiente est à recueillir" in error.message_fr


def test_an_expired_authorisation_is_said(source, admin):
    admin.state("EXPIRED")
    assert refusal(lambda: source.search(MIDWIFE, MOTHER)).code == "AUTHORIZATION_EXPIRED"


@pytest.mark.parametrize("minutes", [-11, -3, 5])
def test_an_agreement_is_given_now_and_in_this_session(source, admin, minutes):
    """Before the sign-in, too long ago, or in the future: nothing leaves."""
    agreed = datetime.now(UTC) + timedelta(minutes=minutes)
    error = refusal(lambda: source.authorize(MIDWIFE, MOTHER, agreed_at=agreed))
    assert error.code == "AGREEMENT_MISSING" and "accord de la patiente" in error.message_fr
    assert admin.transactions() == []


def test_a_blocked_professional_reads_a_plain_answer(source, admin):
    admin.state("BLOCKED")
    error = refusal(lambda: source.authorize(MIDWIFE, MOTHER, agreed_at=datetime.now(UTC)))
    assert error.code == "sandbox:AccessForbidden" and error.detail == "dmp-status"


def test_treating_doctor_is_a_doctor(source, admin):
    source.authorize(DOCTOR, MOTHER, agreed_at=datetime.now(UTC), treating=True)
    assert source.state(DOCTOR, MOTHER).treating_doctor
    error = refusal(lambda: source.authorize(MIDWIFE, MOTHER, agreed_at=datetime.now(UTC), treating=True))
    assert error.code == "sandbox:RoleNotAllowed"


def test_lists_of_people(source, admin):
    source.revoke(MIDWIFE, MOTHER)
    source.authorize(MIDWIFE, MOTHER, agreed_at=datetime.now(UTC))
    patient = f"{MOTHER.ins.matricule}^{MOTHER.ins.oid}"
    refused = {"patient": patient, "holder": "899900000020", "name": "Paul REFUSE", "action": "INTERDICTION"}
    admin.call("PUT", "/authorizations", refused)
    (mine,) = source.patients(MIDWIFE, since=LONG_AGO)
    assert mine.ins == MOTHER.ins.matricule
    assert source.patients(MIDWIFE, since=datetime.now(UTC) + timedelta(hours=1)) == ()
    assert {(row.idnat, row.forbidden) for row in source.accesses(MIDWIFE, MOTHER)} == {
        (parcels.MIDWIFE.ps_idnat, False),
        ("899900000020", True),
    }


# --- reading ----------------------------------------------------------------------------------------
def test_search_describes_what_was_deposited(source, deposit):
    first, second = deposit(parcels.document(), parcels.document(codes.ORDONNANCE_PRODUITS))
    found = {document.unique_id: document for document in source.search(MIDWIFE, MOTHER)}
    assert set(found) == {first.unique_id, second.unique_id}
    letter = found[first.unique_id]
    assert letter.title == first.entry.title and letter.type_code == first.entry.type_code
    assert (letter.hash_sha1, letter.size) == (first.entry.hash_sha1, first.entry.size)
    assert letter.service_start == first.entry.service_start
    assert letter.status is DocumentStatus.ACTIVE and letter.logical_id == letter.entry_uuid
    assert letter.authors[0].ps_idnat == parcels.MIDWIFE.ps_idnat
    assert "ESSAI" not in repr(letter) and "title" not in repr(letter)


def test_the_first_search_looks_two_years_back(source, deposit, monkeypatch):
    deposit()
    assert len(source.search(MIDWIFE, MOTHER)) == 1
    monkeypatch.setattr(consultation, "_now", lambda: datetime(2029, 1, 1, tzinfo=UTC))
    assert source.search(MIDWIFE, MOTHER) == ()
    assert len(source.search(MIDWIFE, MOTHER, since=LONG_AGO)) == 1


def test_retrieve_gives_the_bytes(source, deposit):
    (document,) = deposit()
    assert source.retrieve(MIDWIFE, MOTHER, only(source)) == document.cda


@pytest.mark.parametrize("change", [{"hash_sha1": "0" * 40}, {"size": 3}])
def test_other_bytes_are_not_shown(source, deposit, change):
    deposit()
    error = refusal(lambda: source.retrieve(MIDWIFE, MOTHER, replace(only(source), **change)))
    assert error.code == "DOCUMENT_ALTERED" and "n'est pas affiché" in error.message_fr


def test_an_unknown_document_is_said(source, deposit):
    deposit()
    error = refusal(lambda: source.retrieve(MIDWIFE, MOTHER, replace(only(source), unique_id="2.25.1")))
    assert error.code == "XDSDocumentUniqueIdError"


def test_a_masked_document_is_its_author_s_and_the_treating_doctor_s(source, deposit):
    deposit(parcels.document(masks=(codes.MASQUE_PS,)))
    assert len(source.search(MIDWIFE, MOTHER)) == 1
    assert source.search(DOCTOR, MOTHER) == ()
    source.authorize(DOCTOR, MOTHER, agreed_at=datetime.now(UTC), treating=True)
    assert len(source.search(DOCTOR, MOTHER)) == 1


def test_secret_connection_shows_only_what_is_hidden_from_the_representatives(source, deposit):
    deposit()
    (hidden,) = deposit(parcels.document(codes.ORDONNANCE_PRODUITS, masks=(codes.INVISIBLE_REPRESENTANTS_LEGAUX,)))
    assert [d.unique_id for d in source.search(reader(secret=True), MOTHER)] == [hidden.unique_id]


# --- changes since the last search ------------------------------------------------------------------
def held(*documents: RecordDocument) -> list[HeldDocument]:
    return [HeldDocument(d.unique_id, d.entry_uuid, d.logical_id) for d in documents]


def test_incremental_search(source, deposit):
    (old,) = deposit()
    known = only(source)
    assert source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=[]).new == (known,)
    nothing = source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=held(known))
    assert (nothing.new, nothing.redescribed, nothing.replaced) == ((), (), {})
    (new,) = deposit(parcels.document(replaces=old), action=Action.REPLACE)
    found = source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=held(known))
    assert [d.unique_id for d in found.new] == [new.unique_id]
    assert found.replaced == {known.entry_uuid: found.new[0].entry_uuid}
    assert found.until < datetime.now(UTC)


def test_incremental_search_tells_a_mask_from_a_new_document(source, deposit):
    deposit()
    known = only(source)
    source.mask(MIDWIFE, MOTHER, known, masked=True)
    found = source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=held(known))
    assert found.new == ()
    (again,) = found.redescribed
    assert again.logical_id == known.logical_id and again.entry_uuid != known.entry_uuid
    assert "MASQUE_PS" in again.confidentiality


def test_a_document_that_came_by_another_channel_is_not_new(source, deposit):
    (document,) = deposit()
    found = source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=[HeldDocument(document.unique_id)])
    assert found.new == () and [d.unique_id for d in found.redescribed] == [document.unique_id]


def test_more_documents_than_one_request_takes(source, deposit):
    for _ in range(3):
        deposit(*(parcels.document(codes.ORDONNANCE_PRODUITS) for _ in range(8)))
    assert len(source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=[]).new) == 24


def test_lots_before_the_date_are_not_asked_again(source, deposit):
    deposit()
    assert source.changes(MIDWIFE, MOTHER, since=datetime(2026, 6, 1, tzinfo=UTC), held=[]).new == ()


# --- changing ---------------------------------------------------------------------------------------
def test_mask_and_unmask(source, deposit):
    (document,) = deposit()
    source.mask(MIDWIFE, MOTHER, only(source), masked=True)
    masked = only(source)
    assert masked.confidentiality == {"N", "MASQUE_PS"}
    assert source.retrieve(MIDWIFE, MOTHER, masked) == document.cda
    source.mask(MIDWIFE, MOTHER, masked, masked=False)
    assert only(source).confidentiality == {"N"}


def test_an_old_description_is_not_changed(source, deposit):
    deposit()
    seen = only(source)
    source.mask(MIDWIFE, MOTHER, seen, masked=True)
    error = refusal(lambda: source.mask(MIDWIFE, MOTHER, seen, masked=True))
    assert error.code == "XDSMetadataVersionError" and "liste des documents est à relire" in error.message_fr


@pytest.mark.parametrize("mask", consultation.REVEALED)
def test_reveal_has_no_way_back(source, deposit, mask):
    deposit(parcels.document(masks=(codes.MASKS[mask],)))
    assert RecordAct.REVEAL in source.rights_on(MIDWIFE, only(source))
    source.reveal(MIDWIFE, MOTHER, only(source), mask=mask)
    assert only(source).confidentiality == {"N"}
    assert RecordAct.REVEAL not in source.rights_on(MIDWIFE, only(source))
    with pytest.raises(ValueError, match="MASQUE_PS"):
        source.reveal(MIDWIFE, MOTHER, only(source), mask="MASQUE_PS")


def test_hidden_from_the_patient_is_not_masked_too(source, deposit, admin):
    deposit(parcels.document(masks=(codes.INVISIBLE_PATIENT,)))
    seen = only(source)
    before = len(admin.transactions())
    assert refusal(lambda: source.mask(MIDWIFE, MOTHER, seen, masked=True)).code == "MASKS_EXCLUSIVE"
    assert len(admin.transactions()) == before


def test_archive_and_back(source, deposit):
    deposit()
    source.archive(MIDWIFE, MOTHER, only(source), archived=True)
    assert source.search(MIDWIFE, MOTHER) == ()
    assert only(source).status is DocumentStatus.ARCHIVED
    source.archive(MIDWIFE, MOTHER, only(source), archived=False)
    assert only(source).status is DocumentStatus.ACTIVE


def test_only_the_author_deletes(source, deposit):
    deposit()
    error = refusal(lambda: source.delete(DOCTOR, MOTHER, only(source)))
    assert error.code == "LocalPolicyRestrictionError"
    source.delete(MIDWIFE, MOTHER, only(source))
    assert source.search(MIDWIFE, MOTHER, archived=True) == ()


def test_a_change_whose_answer_is_lost_is_looked_at(source, deposit, admin):
    deposit()
    seen = only(source)
    admin.fault("cut_after_storing", transaction="3.3d")
    source.archive(MIDWIFE, MOTHER, seen, archived=True)
    assert only(source).status is DocumentStatus.ARCHIVED


def test_a_change_that_was_not_made_is_said(source, deposit, admin):
    deposit()
    seen = only(source)
    admin.fault("cut_before_storing", transaction="3.3d")
    error = refusal(lambda: source.archive(MIDWIFE, MOTHER, seen, archived=True), UncertainChannelError)
    assert "La liste des documents est à relire." in error.message_fr


@pytest.mark.parametrize("kind", ["garbled", "truncated", "cut_after_storing", "http_500", "busy"])
def test_a_reading_that_fails_can_be_made_again(source, deposit, admin, kind):
    deposit()
    admin.fault(kind, endpoint="registry")
    error = refusal(lambda: source.search(MIDWIFE, MOTHER), TemporaryChannelError)
    assert error.message_fr.endswith("Réessayez dans quelques minutes.")
    assert len(source.search(MIDWIFE, MOTHER)) == 1


def test_a_document_that_arrives_garbled_is_asked_again(source, deposit, admin):
    (document,) = deposit()
    seen = only(source)
    admin.fault("truncated", endpoint="repository")
    refusal(lambda: source.retrieve(MIDWIFE, MOTHER, seen), TemporaryChannelError)
    assert source.retrieve(MIDWIFE, MOTHER, seen) == document.cda


# --- rights -----------------------------------------------------------------------------------------
def acts(source: DmpConsultation):
    """Every act that a reader can ask of the port, by the right it needs."""
    some = replace(BLANK, confidentiality=frozenset({"N"}))
    now = datetime.now(UTC)
    return {
        RecordAct.AUTHORIZE: lambda who: source.authorize(who, MOTHER, agreed_at=now),
        RecordAct.REVOKE: lambda who: source.revoke(who, MOTHER),
        RecordAct.LIST_ACCESSES: lambda who: source.accesses(who, MOTHER),
        RecordAct.SEARCH: lambda who: source.search(who, MOTHER),
        RecordAct.READ: lambda who: source.retrieve(who, MOTHER, some),
        RecordAct.MASK: lambda who: source.mask(who, MOTHER, some, masked=True),
        RecordAct.UNMASK: lambda who: source.mask(who, MOTHER, some, masked=False),
        RecordAct.REVEAL: lambda who: source.reveal(who, MOTHER, some, mask="INVISIBLE_PATIENT"),
        RecordAct.ARCHIVE: lambda who: source.archive(who, MOTHER, some, archived=True),
    }


BLANK = RecordDocument(
    "2.25.1", "urn:uuid:1", "urn:uuid:1", DocumentStatus.ACTIVE, "text/xml", None, None, None, None, None, None,
    frozenset(), "", "", None, "", ()
)  # fmt: skip


@pytest.mark.parametrize("who", [LOCAL, SECRETARY], ids=["INDIRECTE", "AIR, secretary"])
def test_what_a_mode_cannot_do_is_refused_before_any_call(source, admin, who):
    refused = {act: run for act, run in acts(source).items() if act not in source.rights(who)}
    assert len(refused) >= 7
    for run in refused.values():
        assert refusal(lambda run=run: run(who)).code == "RIGHT_DENIED"
    assert admin.transactions() == []


def test_nothing_is_deposited_in_air(config, source, admin):
    """TD2.1 is refused before any network call, whoever the reader is (matrix of 07/2025)."""
    parcel = parcels.parcel()
    for who in (MIDWIFE, DOCTOR, SECRETARY):
        assert RecordAct.DEPOSIT not in source.rights(who)
        talk = Conversation(Caller.of_reader(who), parcel.patient.ins, config, Transport(), use=Use.UPDATE)
        call = xdsb.deposit(parcel, talk.signing, xmldsig.SHA1)
        assert refusal(lambda talk=talk, call=call: talk.call(call)).code == "RIGHT_DENIED"
    assert admin.transactions() == []


# mode, role → acts that are given (dmp.md §1.9, read from the images of the two sheets)
GIVEN = {
    (Mode.INDIRECTE, Role.PROFESSIONAL): "0.2 1.3a 0.4 2.1:STRUCTURE 3.1b:STRUCTURE 3.3c:STRUCTURE",
    (Mode.INDIRECTE, Role.OTHER): "0.2 1.3a 0.4 2.1:STRUCTURE 3.1b:STRUCTURE 3.3c:STRUCTURE",
    (Mode.AIR, Role.PROFESSIONAL): (
        "0.2 1.3a 0.3+AJOUT 0.3+SUPPRESSION 0.4 1.6 3.1a 3.1b 3.2 3.3a+masquage 3.3a+démasquage:OWN 3.3b "
        "3.3c:OWN 3.3d:OWN"
    ),
    (Mode.AIR, Role.OTHER): "0.2 1.3a 0.3+AJOUT:STRUCTURE 0.4:STRUCTURE 3.1b 3.3c:STRUCTURE",
}


@pytest.mark.parametrize(("mode", "role"), GIVEN)
def test_the_matrix(mode, role):
    wanted = {
        RecordAct(name.replace("+", " ")): Scope(scope or "YES")
        for name, _, scope in (item.partition(":") for item in GIVEN[mode, role].split())
    }
    assert rights.rights(mode, role) == wanted
    assert all(rights.scope(mode, role, act) is wanted.get(act, Scope.NO) for act in RecordAct)


def test_own_documents(source, deposit):
    deposit(parcels.document(masks=(codes.MASQUE_PS,)))
    mine = only(source)
    own = {RecordAct.UNMASK, RecordAct.ARCHIVE, RecordAct.DELETE}
    assert own <= source.rights_on(MIDWIFE, mine)
    assert not own & source.rights_on(DOCTOR, mine)
    assert own & source.rights_on(DOCTOR, mine, treating_doctor=True) == {RecordAct.UNMASK, RecordAct.ARCHIVE}
    assert source.rights_on(SECRETARY, mine) == {RecordAct.DELETE}
    assert source.rights_on(MIDWIFE, replace(mine, status=DocumentStatus.DELETED)) == frozenset()
    assert source.rights_on(MIDWIFE, replace(mine, status=DocumentStatus.REPLACED)) == {RecordAct.READ}


def test_without_a_qualified_identity_nothing_leaves(source, admin):
    nobody = replace(MOTHER, ins=None)
    error = refusal(lambda: source.search(MIDWIFE, nobody))
    assert error.code == "INS_MISSING" and "avant d'ouvrir le DMP" in error.message_fr
    assert admin.transactions() == []


def test_every_sentence_is_whole_for_a_reader():
    for code in errors.TABLE:
        for use in (Use.READING, Use.UPDATE):
            said = errors.error(code, use=use).message_fr
            assert said[0].isupper() and said.endswith(".") and "{" not in said and "envoi est refait" not in said
