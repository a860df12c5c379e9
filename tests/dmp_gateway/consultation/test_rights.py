"""What a mode does not give is refused before any call (dmp.md §1.9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from coordination.ports import (
    RecordAct,
    Scope,
)
from dmp_gateway import errors, rights, xdsb, xmldsig
from dmp_gateway.client import Conversation
from dmp_gateway.consultation import DmpConsultation
from dmp_gateway.errors import Use
from dmp_gateway.rights import Mode, Role
from dmp_gateway.transport import Transport
from dmp_gateway.vihf import Caller
from perinat.standards import codes
from perinat.standards.shared_record import DocumentStatus, RecordDocument
from tests.dmp_gateway import parcels
from tests.dmp_gateway.consultation.people import (
    DOCTOR,
    LOCAL,
    MIDWIFE,
    MOTHER,
    SECRETARY,
    only,
    refusal,
)


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
