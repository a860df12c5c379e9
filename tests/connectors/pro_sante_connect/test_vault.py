"""The tokens of who is signed in: renewed while her session lives, gone with it, written nowhere in clear."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client

from coordination.models import User
from perinat.connectors.pro_sante_connect import vault
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from tests.connectors.pro_sante_connect.person import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    caches["tokens"].clear()
    yield
    caches["tokens"].clear()


def test_signing_in_fills_it(person: Person, midwife: User) -> None:
    key = str(midwife.pk)
    assert vault.access_token(key) is None and not vault.is_open(key)
    person.sign_in()
    token = vault.access_token(key)
    assert token and vault.is_open(key) and vault.access_token(key) == token
    assert person.sandbox.provider.memory.holder(token) == f"8{midwife.professional.rpps}"  # type: ignore[union-attr]


def test_it_is_renewed_by_itself(person: Person, midwife: User, monkeypatch: pytest.MonkeyPatch) -> None:
    person.sign_in()
    first = vault.access_token(str(midwife.pk))
    monkeypatch.setattr(vault, "MARGIN_SECONDS", 121)  # as if its two minutes were over
    second = vault.access_token(str(midwife.pk))
    assert second and second != first
    third = vault.access_token(str(midwife.pk))
    assert third and third != second, "the new refresh token was not kept"


def test_a_session_that_ended_at_pro_sante_connect_empties_it(
    person: Person, midwife: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.sign_in()
    monkeypatch.setattr(vault, "MARGIN_SECONDS", 121)
    person.fault("ended")
    assert vault.access_token(str(midwife.pk)) is None and not vault.is_open(str(midwife.pk))
    person.sign_in()
    assert vault.access_token(str(midwife.pk))


def test_a_provider_that_is_down_ends_nothing(person: Person, midwife: User, monkeypatch: pytest.MonkeyPatch) -> None:
    person.sign_in()
    monkeypatch.setattr(vault, "MARGIN_SECONDS", 121)
    person.fault("token_down")
    assert vault.access_token(str(midwife.pk)) is None and vault.is_open(str(midwife.pk))
    assert vault.access_token(str(midwife.pk))


@pytest.mark.parametrize("way", ["/deconnexion/", "/verrouiller/"])
def test_leaving_or_locking_closes_it(person: Person, midwife: User, client: Client, way: str) -> None:
    person.sign_in()
    assert client.post(way).status_code == 302
    assert not vault.is_open(str(midwife.pk)) and vault.access_token(str(midwife.pk)) is None


def test_a_session_that_ran_out_closes_it(person: Person, midwife: User, client: Client) -> None:
    person.sign_in()
    client.session.delete()  # what clearsessions does
    assert vault.access_token(str(midwife.pk)) is None


def test_another_post_does_not_close_this_one(person: Person, midwife: User, psc: PscSandbox) -> None:
    """She signs in at a second post; leaving the first one does not take what the second one opened."""
    first = person.client
    person.sign_in()
    with Person(psc, Client()) as elsewhere:
        elsewhere.sign_in()
        first.post("/deconnexion/")
        assert vault.is_open(str(midwife.pk))


def test_a_silent_cache_disturbs_nothing(person: Person, midwife: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(*_: Any, **__: Any) -> Any:
        raise redis.ConnectionError

    for name in ("get", "set", "delete"):
        monkeypatch.setattr(type(caches["tokens"]), name, dead)
    assert person.sign_in().status_code == 302 and person.signed_in_as() == midwife.pk
    assert vault.access_token(str(midwife.pk)) is None and not vault.is_open(str(midwife.pk))


def test_nothing_is_readable_outside(
    person: Person, midwife: User, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The tokens are in no row, no log, and in the cache only under the key and with an end."""
    monkeypatch.setattr(vault, "MARGIN_SECONDS", 121)
    with caplog.at_level(logging.DEBUG):
        person.sign_in()
        vault.access_token(str(midwife.pk))
    given = [*person.sandbox.provider.memory._access, *person.sandbox.provider.memory._refresh]
    assert len(given) >= 3
    call_command("dumpdata", "sessions", "coordination", "axes")
    dumped = capsys.readouterr().out
    sessions = str(person.client.session.items())
    everything = dumped + sessions + caplog.text + "".join(_all_of_the_cache())
    assert midwife.username in dumped and "psc_opened" in sessions
    assert not [token for token in given if token in everything]
    assert 0 < _server().ttl(_keys()[0]) <= 1800


def test_an_entry_moved_to_somebody_else_opens_nothing(person: Person, midwife: User, doctor: User) -> None:
    person.sign_in()
    sealed = caches["tokens"].get(f"psc:tokens:{midwife.pk}")
    caches["tokens"].set(f"psc:tokens:{doctor.pk}", sealed, 60)
    assert vault.access_token(str(doctor.pk)) is None


def _server() -> Any:
    return redis.Redis.from_url(settings.CACHES["tokens"]["LOCATION"])


def _keys() -> list[bytes]:
    return [key for key in _server().keys("*psc:tokens:*")]


def _all_of_the_cache() -> list[str]:
    return [_server().get(key).decode("latin-1") for key in _keys()]
