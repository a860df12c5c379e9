"""The core's own rule: which account a national identity opens."""

from __future__ import annotations

import pytest

from coordination import auth
from coordination.models import AuditEntry, Role, User
from tests.connectors.pro_sante_connect.conftest import account

pytestmark = pytest.mark.django_db


def test_the_number_and_the_profession_open_the_account(midwife: User, doctor: User) -> None:
    assert auth.user_of("889900001051", profession="50") == midwife
    assert auth.user_of("889900001010", profession="10") == doctor


@pytest.mark.parametrize(
    "ps_idnat, profession, reason",
    [
        ("889900001051", "10", "other_profession"),
        ("889900001119", "50", "no_account"),
        ("89900001051", "50", "not_rpps"),  # the number without its type digit
        ("089900001051", "50", "not_rpps"),  # another type: ADELI
        ("889900001052", "50", "not_rpps"),  # wrong key
        ("ANS20210107161422", "50", "not_rpps"),
        ("", "50", "not_rpps"),
    ],
)
def test_anything_else_opens_nothing_and_is_audited(midwife: User, ps_idnat: str, profession: str, reason: str) -> None:
    assert auth.user_of(ps_idnat, profession=profession) is None
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by_id, entry.data["reason"]) == ("session.refused", None, reason)


def test_a_professional_without_user_opens_nothing(midwife: User) -> None:
    other = account("autre", "89900001069", "BRUYÈRE", "Lucie", "G15_50", Role.MIDWIFE)
    other.professional = None
    other.save()
    assert auth.user_of("889900001069", profession="50") is None


def test_an_endless_identifier_is_kept_short(midwife: User) -> None:
    auth.user_of("8" * 4000, profession="x" * 4000)
    data = AuditEntry.objects.get().data
    assert len(data["ps_idnat"]) == 20 and len(data["profession"]) == 10
