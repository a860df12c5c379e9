"""A professional signs in with her card: from the button to her own page."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from django.test import Client

from coordination.models import AuditEntry, User
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from tests.connectors.pro_sante_connect.person import AUBEPINE, CORMIER, STRANGER, STUDENT, Person, query_of, text_of


def test_the_request_is_what_pro_sante_connect_asks(person: Person, midwife: User) -> None:
    url = person.leave_for_psc()
    query = query_of(url)
    assert url.startswith(f"{person.sandbox.base_url}/auth?")
    assert (query["response_type"], query["scope"], query["acr_values"]) == ("code", "openid scope_all", "eidas1")
    assert query["code_challenge_method"] == "S256" and re.fullmatch(r"[\w-]{43}", query["code_challenge"])
    assert query["redirect_uri"] == "http://127.0.0.1/psc/retour/"
    assert query["prompt"] == "login"
    again = query_of(person.leave_for_psc())
    for name in ("state", "nonce", "code_challenge"):
        assert len(query[name]) >= 32 and query[name] != again[name]


@pytest.mark.parametrize("means", ["CARD", "MOBILE"])
def test_card_or_mobile_opens_her_account(person: Person, midwife: User, means: str) -> None:
    answer = person.come_back(person.choose(person.leave_for_psc(), AUBEPINE, means))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert person.signed_in_as() == midwife.pk
    entry = AuditEntry.objects.get(action="session.opened")
    assert (entry.by_id, entry.subject_id, entry.data) == (midwife.pk, str(midwife.pk), {"way": "psc"})


def test_each_one_opens_her_own_account(person: Person, midwife: User, doctor: User) -> None:
    person.sign_in(CORMIER)
    assert person.signed_in_as() == doctor.pk
    person.sign_in(AUBEPINE)
    assert person.signed_in_as() == midwife.pk


def test_she_goes_where_she_was_going(person: Person, midwife: User) -> None:
    assert person.sign_in(then="/mes-visites/")["Location"] == "/mes-visites/"


@pytest.mark.parametrize("elsewhere", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)"])
def test_she_is_never_sent_to_another_site(person: Person, midwife: User, elsewhere: str) -> None:
    assert person.sign_in(then=elsewhere)["Location"] == "/"


def test_the_session_names_the_way_and_holds_no_access_token(person: Person, midwife: User) -> None:
    person.sign_in()
    session = dict(person.client.session)
    assert session["_auth_user_backend"].endswith("ProSanteConnectBackend")
    assert session["psc_opened"]["id_token"].count(".") == 2
    assert not {"oidc_states", "psc_next", "oidc_access_token"} & set(session)


def test_the_account_closed_meanwhile_is_no_longer_served(person: Person, midwife: User) -> None:
    person.sign_in()
    assert person.client.get("/presence/").status_code == 204
    User.objects.filter(pk=midwife.pk).update(is_active=False)
    assert person.client.get("/presence/").status_code == 302


def test_the_button_is_on_the_sign_in_page(person: Person, db: None) -> None:
    page = person.client.get("/connexion/").content.decode()
    assert 'href="/psc/connexion/' in page and "Pro Santé Connect" in page


def refused(person: Person, who: str) -> tuple[int, str]:
    answer = person.sign_in(who)
    assert person.signed_in_as() is None
    return answer.status_code, text_of(answer)


def test_a_professional_without_account_is_told_and_nobody_is_created(person: Person, midwife: User) -> None:
    before = User.objects.count()
    status, page = refused(person, STRANGER)
    assert status == 403
    assert (
        "Aucun compte perinat pour vous" in page
        and f"<strong>{STRANGER[1:]}</strong>" in page
        and "Demandez l’ouverture" in page
    )
    assert User.objects.count() == before
    entry = AuditEntry.objects.get(action="session.refused")
    assert entry.data == {"way": "psc", "reason": "no_account", "ps_idnat": STRANGER, "profession": "50"}


def test_a_closed_account_does_not_open(person: Person, midwife: User) -> None:
    User.objects.filter(pk=midwife.pk).update(is_active=False)
    assert refused(person, AUBEPINE)[0] == 403
    assert AuditEntry.objects.get(action="session.refused").data["reason"] == "closed_account"


def test_the_same_number_under_another_profession_does_not_open(person: Person, midwife: User) -> None:
    activity = {"mode": "L", "sector": "SA07", "organisation": "Cabinet d'essai"}
    body = {"rpps": AUBEPINE[1:], "family_name": "AUBÉPINE", "given_name": "Claire", "activities": [activity]}
    person.admin(person.sandbox, "people", {**body, "profession": "10"})
    assert refused(person, AUBEPINE)[0] == 403
    assert AuditEntry.objects.get(action="session.refused").data["reason"] == "other_profession"
    person.admin(person.sandbox, "people", {**body, "profession": "50", "category": "E"})
    assert "en formation" in refused(person, AUBEPINE)[1]


def test_a_student_does_not_open_an_account(person: Person, db: None) -> None:
    status, page = refused(person, STUDENT)
    assert status == 403 and "en formation" in page


def test_ten_strangers_do_not_lock_the_hospital_out(person: Person, midwife: User) -> None:
    """All the posts of a hospital share one address: a refusal is not a wrong password."""
    for _ in range(10):
        refused(person, STRANGER)
    assert person.sign_in()["Location"] == "/"
    assert person.signed_in_as() == midwife.pk


@pytest.mark.django_db(transaction=True)
def test_a_whole_sign_in_between_two_servers(live_server: Any, psc: PscSandbox, transactional_db: None) -> None:
    """No test client: two processes' worth of sockets, and redirections followed by `requests`."""
    from tests.connectors.pro_sante_connect.conftest import account

    account("sagefemme", AUBEPINE[1:], "AUBÉPINE", "Claire", "G15_50", "MIDWIFE")
    with requests.Session() as web:
        choice = web.get(f"{live_server.url}/psc/connexion/?next=/presence/", timeout=5)
        assert "Claire AUBÉPINE" in choice.text
        end = web.post(choice.url, data={"person": AUBEPINE, "means": "MOBILE"}, timeout=5)
        assert (end.status_code, end.url) == (204, f"{live_server.url}/presence/")
        assert [answer.status_code for answer in end.history] == [303, 302]


def test_nothing_is_offered_where_it_is_not_set_up(client: Client, db: None, settings: Any) -> None:
    settings.PSC_DISCOVERY_URL = ""
    answer = client.get("/psc/connexion/")
    assert answer.status_code == 404
    assert "n’est pas relié" in text_of(answer)
