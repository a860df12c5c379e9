"""What goes wrong on the way: each time a page in French, nobody signed in, nothing lost."""

from __future__ import annotations

import logging
import socket
import time
from typing import Any

import pytest
from django.test import Client

from coordination.models import User
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from tests.connectors.pro_sante_connect.person import AUBEPINE, Person, query_of, text_of


def assert_told(answer: Any, status: int, *sentences: str) -> None:
    """A whole page: what happened, the two ways on, and where she was going."""
    page = text_of(answer)
    assert answer.status_code == status, page
    for sentence in (*sentences, "Utiliser mon identifiant et mon mot de passe", "Recommencer avec Pro Santé Connect"):
        assert sentence in page
    assert "no-store" in answer["Cache-Control"]


SPOILED = {
    "wrong_nonce": (502, "n’a pas pu être vérifiée"),
    "expired_id_token": (502, "n’a pas pu être vérifiée"),
    "wrong_audience": (502, "n’a pas pu être vérifiée"),
    "wrong_party": (502, "n’a pas pu être vérifiée"),
    "wrong_issuer": (502, "n’a pas pu être vérifiée"),
    "wrong_signature": (502, "n’a pas pu être vérifiée"),
    "unknown_key": (502, "n’a pas pu être vérifiée"),
    "no_kid": (502, "n’a pas pu être vérifiée"),
    "hs256": (502, "n’a pas pu être vérifiée"),
    "unsigned": (502, "n’a pas pu être vérifiée"),
    "other_person": (502, "n’a pas pu être vérifiée"),
    "wrong_state": (400, "ne correspond à aucune demande"),
    "wrong_issuer_back": (400, "ne correspond à aucune demande"),
    "expired_code": (400, "a pris trop de temps"),
    "token_down": (503, "ne répond pas"),
    "keys_down": (503, "ne répond pas"),
    "userinfo_down": (503, "ne répond pas"),
    "unknown_rpps": (403, "Aucun compte perinat pour vous"),
    "no_rpps": (403, "Aucun compte perinat pour vous"),
    "incomplete": (502, "Identité incomplète"),
    "refused": (502, "refuse la demande de perinat"),
}


@pytest.mark.parametrize("kind", SPOILED)
def test_a_spoiled_answer_opens_nothing_and_the_next_one_does(person: Person, midwife: User, kind: str) -> None:
    status, sentence = SPOILED[kind]
    where = person.leave_for_psc(then="/mes-visites/")
    person.fault(kind)
    answer = person.come_back(person.choose(where) if kind != "refused" else person._posted(where, {}))
    assert_told(answer, status, sentence, "next=%2Fmes-visites%2F")
    assert person.signed_in_as() is None
    assert person.sign_in()["Location"] == "/"
    assert person.signed_in_as() == midwife.pk


def test_every_fault_of_the_sandbox_is_tried_somewhere(person: Person) -> None:
    from perinat.connectors.pro_sante_connect.sandbox.faults import KINDS

    elsewhere = {"down", "slow", "garbled", "ended"}  # below, and test_vault.py
    assert set(KINDS) == set(SPOILED) | elsewhere


def test_she_gives_up(person: Person, midwife: User) -> None:
    assert_told(person.come_back(person.cancel(person.leave_for_psc())), 403, "Connexion abandonnée")


def test_an_answer_serves_once(person: Person, midwife: User) -> None:
    back = person.choose(person.leave_for_psc())
    person.come_back(back)
    assert_told(person.come_back(back), 400, "a déjà servi")


@pytest.mark.parametrize("kind", ["token_down", "wrong_nonce"])
def test_an_answer_that_failed_does_not_serve_again(person: Person, midwife: User, kind: str) -> None:
    back = person.choose(person.leave_for_psc())
    person.fault(kind)
    person.come_back(back)
    assert_told(person.come_back(back), 400, "ne correspond à aucune demande")


def crash(ps_idnat: str, *, profession: str) -> None:
    raise ZeroDivisionError


def test_even_after_a_crash_an_answer_does_not_serve_again(person: Person, midwife: User, settings: Any) -> None:
    person.client.raise_request_exception = False
    back = person.choose(person.leave_for_psc())
    settings.PSC_USER_RESOLVER = f"{__name__}.crash"
    assert person.come_back(back).status_code == 500
    settings.PSC_USER_RESOLVER = "coordination.auth.user_of"
    assert_told(person.come_back(back), 400, "ne correspond à aucune demande")


def test_an_answer_prepared_by_another_browser_is_refused(person: Person, midwife: User) -> None:
    """Login CSRF: a stranger's code in her browser would open the stranger's account under her hands."""
    back = person.choose(person.leave_for_psc())
    hers = Client(SERVER_NAME="127.0.0.1")
    answer = hers.get(back.removeprefix("http://127.0.0.1"))
    assert_told(answer, 400, "vient d’une autre fenêtre")
    assert "_auth_user_id" not in hers.session


def test_a_code_swapped_for_that_of_another_request_is_refused(person: Person, midwife: User) -> None:
    """PKCE and nonce bind a code to the request of one browser."""
    first = query_of(person.choose(person.leave_for_psc()))
    second = query_of(person.choose(person.leave_for_psc()))
    mixed = {**first, "code": second["code"]}
    assert_told(person.client.get("/psc/retour/", mixed), 400, "a pris trop de temps")
    assert person.signed_in_as() is None
    assert person.journal()[-1]["clause"] == "RFC 7636 §4.6"


@pytest.mark.parametrize("query", [{}, {"code": "x"}, {"state": "x", "code": "x"}, {"error": "access_denied"}])
def test_an_answer_without_request_is_refused(person: Person, db: None, query: dict[str, str]) -> None:
    assert_told(person.client.get("/psc/retour/", query), 400, "ne correspond à aucune demande")


def test_a_code_that_waited_too_long(person: Person, midwife: User) -> None:
    back = person.choose(person.leave_for_psc())
    person.admin(person.sandbox, "clock", {"seconds": 61})
    assert_told(person.come_back(back), 400, "a pris trop de temps")


def test_a_wrong_client_secret_is_the_installation_s_fault(person: Person, midwife: User, settings: Any) -> None:
    settings.PSC_CLIENT_SECRET = "un-autre-secret"
    assert_told(person.sign_in(), 502, "mal réglé", "Prévenez l’administrateur")


def test_psc_down_is_said_and_the_local_sign_in_works(person: Person, midwife: User) -> None:
    person.fault("down", times=None)
    answer = person.client.get("/psc/connexion/", {"next": "/mes-visites/"})
    assert_told(answer, 503, "ne répond pas", "perinat fonctionne normalement", "/connexion/?next=%2Fmes-visites%2F")
    form = {"username": "sagefemme", "password": "un-mot-de-passe-assez-long", "next": "/presence/"}
    assert person.client.post("/connexion/", form)["Location"] == "/presence/"
    assert person.signed_in_as() == midwife.pk


def test_nobody_listens_where_psc_should_be(client: Client, midwife: User, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings.PSC_DISCOVERY_URL = f"http://127.0.0.1:{port}/.well-known/wallet-openid-configuration"
    assert_told(client.get("/psc/connexion/"), 503, "ne répond pas")


def test_a_deaf_psc_does_not_delay_the_local_sign_in(client: Client, midwife: User, settings: Any) -> None:
    """It takes the connection and never answers; no page but the button's may feel it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings.PSC_DISCOVERY_URL = f"http://127.0.0.1:{port}/.well-known/wallet-openid-configuration"
        server.settimeout(0.01)
        start = time.monotonic()
        assert client.get("/connexion/").status_code == 200
        form = {"username": "sagefemme", "password": "un-mot-de-passe-assez-long"}
        assert client.post("/connexion/", form).status_code == 302
        assert client.get("/presence/").status_code == 204
        assert time.monotonic() - start < 2
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_slow_psc_is_given_up(person: Person, midwife: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from perinat.connectors.pro_sante_connect import conf
    from perinat.connectors.pro_sante_connect.conf import PscConfig

    loaded = conf.load
    hasty: dict[str, Any] = {"read_timeout": 0.2}
    monkeypatch.setattr(conf, "load", lambda: PscConfig(**{**_fields(loaded()), **hasty}))
    person.fault("slow", seconds=1)
    assert_told(person.client.get("/psc/connexion/"), 503, "ne répond pas")


def _fields(config: Any) -> dict[str, Any]:
    return {name: getattr(config, name) for name in config.__slots__}


def test_logs_and_addresses_name_nobody(
    person: Person, midwife: User, caplog: pytest.LogCaptureFixture, psc: PscSandbox
) -> None:
    caplog.set_level(logging.INFO)
    person.sign_in()
    person.sign_in("889900001119")
    person.fault("wrong_signature")
    person.sign_in()
    assert "psc.signed_in" in caplog.text and "psc.failed code=unknown_professional" in caplog.text
    for private in (AUBEPINE, "89900001051", "AUBÉPINE", "889900001119", "eyJ"):
        assert private not in caplog.text
