"""State of a record, agreements, lists of people (TD0.2, 0.3, 0.4, 1.3a, 1.6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from perinat.standards.shared_record import Authorization
from tests.dmp_gateway import parcels
from tests.dmp_gateway.consultation.people import (
    DOCTOR,
    LOCAL,
    LONG_AGO,
    MIDWIFE,
    MOTHER,
    refusal,
)


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


@pytest.mark.parametrize("when", ["before the sign-in", "too long ago", "in the future"])
def test_an_agreement_is_given_now_and_in_this_session(source, admin, when):
    """Otherwise nothing leaves."""
    agreed = {
        "before the sign-in": MIDWIFE.signed_in_at - timedelta(minutes=1),
        "too long ago": datetime.now(UTC) - timedelta(minutes=11),
        "in the future": datetime.now(UTC) + timedelta(minutes=5),
    }[when]
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
