"""Leaving perinat also closes Pro Santé Connect: on a shared post, the next person is not taken for the last one."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from coordination.models import User
from perinat.connectors.pro_sante_connect import conf, discovery
from tests.connectors.pro_sante_connect.person import CORMIER, Person, query_of, text_of


def closing_url(page: str) -> str:
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


def is_known_to_psc(person: Person) -> bool:
    """Whether that browser still has a session at Pro Santé Connect (prompt=none asks without showing a page)."""
    url = person.leave_for_psc().replace("prompt=login", "prompt=none")
    answer = person.web.get(url, allow_redirects=False, timeout=5)
    return "code" in query_of(answer.headers["Location"])


@pytest.mark.parametrize("act", ["/deconnexion/", "/verrouiller/"])
def test_both_sessions_end(person: Person, midwife: User, act: str) -> None:
    person.sign_in()
    assert is_known_to_psc(person)
    answer = person.client.post(act, {"retour": "/mes-visites/"})
    assert answer["Location"] == "/psc/deconnexion/"
    assert person.signed_in_as() is None
    page = text_of(person.client.get("/psc/deconnexion/"))  # type: ignore[arg-type]
    url = closing_url(page)
    assert query_of(url)["post_logout_redirect_uri"] == "http://127.0.0.1/connexion/"
    end = person.web.get(url, allow_redirects=False, timeout=5)
    assert (end.status_code, end.headers["Location"]) == (303, "http://127.0.0.1/connexion/")
    assert not is_known_to_psc(person)


def test_what_was_to_be_said_is_said_at_the_end(person: Person, midwife: User) -> None:
    person.sign_in()
    person.client.post("/deconnexion/")
    person.client.get("/psc/deconnexion/")
    assert "Rien ne reste à l&#x27;écran" in text_of(person.client.get("/connexion/"))  # type: ignore[arg-type]


def test_a_lock_is_remembered_through_the_closing(person: Person, midwife: User) -> None:
    person.sign_in()
    person.client.post("/verrouiller/", {"retour": "/mes-visites/"})
    person.client.get("/psc/deconnexion/")
    assert "Poste verrouillé" in text_of(person.client.get("/connexion/"))  # type: ignore[arg-type]


def test_even_with_an_open_psc_session_the_card_is_asked_again(person: Person, midwife: User, doctor: User) -> None:
    person.sign_in()
    person.client.session.flush()  # the idle time of perinat is over, that of Pro Santé Connect is not
    person.sign_in(CORMIER)  # the page is shown: `choose` checks it
    assert person.signed_in_as() == doctor.pk


def test_without_prompt_an_open_psc_session_is_enough(person: Person, midwife: User, settings: Any) -> None:
    settings.PSC_PROMPT = ""
    discovery.forget(conf.load())
    person.sign_in()
    answer = person.web.get(person.leave_for_psc(), allow_redirects=False, timeout=5)
    assert person.come_back(answer.headers["Location"]).status_code == 302
    assert person.signed_in_as() == midwife.pk


def test_a_local_session_ends_without_detour(person: Person, midwife: User) -> None:
    person.client.force_login(midwife, backend="coordination.backends.AccountBackend")
    assert person.client.post("/deconnexion/")["Location"] == "/connexion/"
    assert person.client.get("/psc/deconnexion/")["Location"] == "/connexion/"


def test_another_post_is_left_alone(person: Person, midwife: User) -> None:
    person.sign_in()
    person.client.post("/connexion/", {"username": "x", "password": "y"})
    assert person.signed_in_as() == midwife.pk


def test_the_closing_page_serves_once_and_asks_psc_nothing(person: Person, midwife: User) -> None:
    person.sign_in()
    person.client.post("/deconnexion/")
    discovery.forget(conf.load())  # another process, that never called Pro Santé Connect
    person.fault("down", times=None)
    assert person.client.get("/psc/deconnexion/").status_code == 200
    assert person.client.get("/psc/deconnexion/")["Location"] == "/connexion/"
