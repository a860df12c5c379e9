"""Failed sign-ins: five close an account to an address, thirty close an address to all accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client, RequestFactory

from coordination.sign_in import address_of
from tests.coordination import world

pytestmark = pytest.mark.django_db
RIGHT = {"username": "secretaire", "password": "mot-de-passe"}
HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"


def tries(count: int, *, username: str = "", address: str = HOME) -> int:
    """Wrong passwords, each for another account when none is named; the status of the last answer."""
    for number in range(count):
        data = {"username": username or f"inconnue{number}", "password": "faux"}
        status = Client(REMOTE_ADDR=address).post("/connexion/", data).status_code
    return status


def enters(address: str = HOME, **headers: str) -> bool:
    return Client(REMOTE_ADDR=address).post("/connexion/", RIGHT, headers=headers).status_code == 302


def test_five_failures_close_an_account_to_an_address(ward: world.Ward) -> None:
    assert tries(4, username="secretaire") == 200
    assert tries(1, username="secretaire") == 429
    assert not enters() and enters(ELSEWHERE)
    assert Client(REMOTE_ADDR=HOME).post("/connexion/", {**RIGHT, "username": "medecin"}).status_code == 302


def test_many_accounts_tried_from_one_address_close_it(ward: world.Ward, settings: Any) -> None:
    assert tries(settings.SIGN_IN_FAILURES_PER_ADDRESS - 1) == 200
    assert enters(), "one failure less, and the ward works"
    assert tries(1, username="encore-une") == 429
    assert not enters() and enters(ELSEWHERE)
    page = Client(REMOTE_ADDR=HOME).post("/connexion/", RIGHT).content.decode()
    assert "depuis votre connexion internet" in page


def test_four_passwords_for_each_account_do_not_pass_below(ward: world.Ward, settings: Any) -> None:
    for number in range(settings.SIGN_IN_FAILURES_PER_ADDRESS // 4):
        assert tries(4, username=f"inconnue{number}") == 200
    assert tries(2, username="la-derniere") == 429 and not enters()


def test_the_address_opens_again(clock: time_machine.Traveller, ward: world.Ward, settings: Any) -> None:
    tries(settings.SIGN_IN_FAILURES_PER_ADDRESS)
    clock.shift(timedelta(minutes=14))
    assert not enters()
    clock.shift(timedelta(minutes=2))
    assert enters()


def test_behind_a_proxy_each_address_has_its_own_count(ward: world.Ward, settings: Any) -> None:
    settings.PROXIES_IN_FRONT = 1
    for number in range(settings.SIGN_IN_FAILURES_PER_ADDRESS):
        headers = {"X-Forwarded-For": f"203.0.113.{number}, {HOME}"}  # what she wrote herself changes nothing
        Client(REMOTE_ADDR="10.0.0.1").post("/connexion/", {"username": f"i{number}", "password": "x"}, headers=headers)
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {HOME}
    assert not enters("10.0.0.1", **{"X-Forwarded-For": HOME})
    assert enters("10.0.0.1", **{"X-Forwarded-For": ELSEWHERE})


def test_ipv4_seen_through_ipv6_keeps_one_count_by_address(ward: world.Ward, settings: Any) -> None:
    tries(settings.SIGN_IN_FAILURES_PER_ADDRESS, address=f"::ffff:{HOME}")
    assert not enters(f"::ffff:{HOME}") and enters(f"::ffff:{ELSEWHERE}")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "address"),
    [
        (0, "203.0.113.1", HOME, HOME),
        (1, "203.0.113.1", "10.0.0.1", "203.0.113.1"),
        (1, "forged, 203.0.113.1", "10.0.0.1", "203.0.113.1"),
        (2, "forged, 203.0.113.1, 10.0.0.2", "10.0.0.1", "203.0.113.1"),
        (1, "", "10.0.0.1", "10.0.0.1"),
        (1, "no address", "10.0.0.1", "10.0.0.1"),
        (0, "", "", None),
        (0, "", "2001:db8:1:2:aaaa::9", "2001:db8:1:2::"),
        (0, "", "::ffff:192.0.2.7", HOME),  # a server that listens on both: not the network « :: » of everybody
        (1, "::ffff:203.0.113.1", "10.0.0.1", "203.0.113.1"),
        (1, "203.0.113.1:5678", "10.0.0.1", "203.0.113.1"),
        (1, "[2001:db8:1:2:aaaa::9]:5678", "10.0.0.1", "2001:db8:1:2::"),
        (1, "[2001:db8:1:2:aaaa::9]", "10.0.0.1", "2001:db8:1:2::"),
        (1, "[::ffff:203.0.113.1]:5678", "10.0.0.1", "203.0.113.1"),
        (1, "[]:5678", "10.0.0.1", "10.0.0.1"),
    ],
)
def test_whose_address(settings: Any, proxies: int, forwarded: str, remote: str, address: str | None) -> None:
    settings.PROXIES_IN_FRONT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)) == address
