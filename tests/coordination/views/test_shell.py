"""The shell: who arrives where, what is refused, what a shared PC forgets, what a probe reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from coordination.models import AuditEntry, Role
from coordination.views import navigation
from tests.coordination import world

WARD_ONLY = ["/sorties/", "/sorties/papiers/", "/sorties/liste/", "/sejours/nouveau/", "/releve/"]


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


@pytest.mark.parametrize("path", ["/", *WARD_ONLY, "/a-valider/", "/presence/"])
def test_a_stranger_is_sent_to_the_login_page(db: None, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 302 and answer["Location"].startswith("/connexion/")


def test_a_fragment_asked_after_the_end_of_the_session_leads_the_whole_page_to_login(db: None) -> None:
    answer = Client().get("/sorties/papiers/", headers={"HX-Request": "true"})
    assert answer.status_code == 204 and answer["HX-Redirect"].startswith("/connexion/")


@pytest.mark.parametrize(
    ("shown", "next_page"),
    [
        ("http://testserver/sorties/?q=1", "/sorties/%3Fq%3D1"),
        ("http://ailleurs.example/sorties/", "/"),
        ("", "/"),
    ],
)
def test_after_login_the_whole_page_comes_back_not_its_fragment(db: None, shown: str, next_page: str) -> None:
    answer = Client().get("/sorties/papiers/", headers={"HX-Request": "true", "HX-Current-URL": shown})
    assert answer["HX-Redirect"] == f"/connexion/?next={next_page}"


def test_a_form_sent_after_the_end_of_the_session_is_said_lost(ward: world.Ward) -> None:
    client = Client()
    answer = client.post("/sejours/nouveau/", {}, headers={"Referer": "http://testserver/sejours/nouveau/"})
    assert answer["Location"] == "/connexion/?next=/sejours/nouveau/&perdu=1"
    page = client.get(answer["Location"]).content.decode()
    assert "ce que vous veniez de saisir n’a pas été enregistré" in page
    credentials = {"username": "secretaire", "password": "mot-de-passe", "next": "/sejours/nouveau/"}
    assert client.post(answer["Location"], credentials)["Location"] == "/sejours/nouveau/"
    assert "n’a pas été enregistré" not in Client().get("/connexion/").content.decode()


def test_the_session_ends_with_the_browser_and_after_its_idle_time(ward: world.Ward) -> None:
    client = signed_in(ward.secretary)
    answer = client.get("/sorties/")
    cookie = answer.cookies["sessionid"]
    assert cookie["max-age"] == "" and cookie["expires"] == ""
    left = Session.objects.get(pk=client.session.session_key).expire_date - timezone.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


@pytest.mark.parametrize("path", WARD_ONLY)
def test_the_ward_pages_are_closed_to_town(ward: world.Ward, path: str) -> None:
    answer = signed_in(ward.midwife_user).get(path)
    assert answer.status_code == 403
    assert "Cette page n’est pas ouverte à votre rôle" in answer.content.decode()


def test_a_secretary_does_not_sign(ward: world.Ward) -> None:
    client = signed_in(ward.secretary)
    assert client.get("/a-valider/").status_code == 403
    assert client.post("/a-valider/valider/").status_code == 403


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HOSPITAL_DOCTOR])
def test_each_role_arrives_at_its_work(ward: world.Ward, role: Role) -> None:
    user = {Role.SECRETARY: ward.secretary, Role.HOSPITAL_DOCTOR: ward.doctor_user}[role]
    answer = signed_in(user).get("/")
    assert answer["Location"] == reverse(navigation.ENTRIES[role][0].name)


def test_a_role_without_page_is_told_so(ward: world.Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise NoReverseMatch

    monkeypatch.setattr(navigation, "reverse", missing)
    answer = signed_in(ward.secretary).get("/")
    assert answer.status_code == 200 and "Aucune page n’est ouverte" in answer.content.decode()


def test_who_is_signed_in_is_always_shown(ward: world.Ward) -> None:
    page = signed_in(ward.secretary).get("/sorties/").content.decode()
    assert "secretaire" in page and "Secrétaire de maternité" in page and "Maternité d&#x27;essai" in page
    assert "Changer d’utilisateur" in page and "Verrouiller" in page and "Bac à sable" in page


def test_pages_are_never_kept_by_the_browser(ward: world.Ward) -> None:
    assert "no-store" in signed_in(ward.secretary).get("/sorties/")["Cache-Control"]


def test_lock_ends_the_session_and_remembers_the_page_for_the_same_person_only(ward: world.Ward) -> None:
    client = signed_in(ward.secretary)
    client.post("/verrouiller/", {"retour": "/releve/"})
    assert client.get("/sorties/").status_code == 302
    answer = client.post("/connexion/", {"username": "medecin", "password": "mot-de-passe"})
    assert answer["Location"] == "/"

    client = signed_in(ward.secretary)
    client.post("/verrouiller/", {"retour": "/releve/"})
    answer = client.post("/connexion/", {"username": "secretaire", "password": "mot-de-passe"})
    assert answer["Location"] == "/releve/"


def test_lock_does_not_lead_outside(ward: world.Ward) -> None:
    client = signed_in(ward.secretary)
    client.post("/verrouiller/", {"retour": "https://ailleurs.example/"})
    answer = client.post("/connexion/", {"username": "secretaire", "password": "mot-de-passe"})
    assert answer["Location"] == "/"


def test_change_of_user_leaves_nothing(ward: world.Ward) -> None:
    client = signed_in(ward.secretary)
    client.get("/sorties/")
    answer = client.post("/deconnexion/")
    assert answer["Clear-Site-Data"] == '"cache"'
    assert all("_auth_user_id" not in session.get_decoded() for session in Session.objects.all())
    assert client.get("/sorties/").status_code == 302


def test_a_wrong_password_says_nothing_of_the_account(ward: world.Ward) -> None:
    known = Client().post("/connexion/", {"username": "secretaire", "password": "faux"}).content.decode()
    unknown = Client().post("/connexion/", {"username": "personne", "password": "faux"}).content.decode()
    sentence = "Identifiant ou mot de passe inconnu."
    assert sentence in known and sentence in unknown


def test_too_many_failures_are_told_in_french(ward: world.Ward, settings: object) -> None:
    settings.PSC_DISCOVERY_URL = "http://127.0.0.1:8444/"  # type: ignore[attr-defined]
    client = Client()
    for _ in range(5):
        answer = client.post("/connexion/", {"username": "secretaire", "password": "faux"})
    page = answer.content.decode()
    assert answer.status_code == 429 and "Connexion bloquée pendant 15 minutes" in page
    assert 'href="/psc/connexion/"' in page


def test_pro_sante_connect_is_offered_where_it_is_configured(db: None, settings: object) -> None:
    settings.PSC_DISCOVERY_URL = ""  # type: ignore[attr-defined]
    assert "Pro Santé Connect" not in Client().get("/connexion/").content.decode()
    settings.PSC_DISCOVERY_URL = "http://127.0.0.1:8444/"  # type: ignore[attr-defined]
    assert 'href="/psc/connexion/"' in Client().get("/connexion/").content.decode()


def test_a_poll_does_not_keep_the_session_open(ward: world.Ward) -> None:
    client = signed_in(ward.secretary)
    client.get("/sorties/papiers/")
    assert "present_at" not in client.session
    client.get("/sorties/")
    assert "present_at" in client.session


def test_the_probe_answers_without_account_nor_data(db: None) -> None:
    answer = Client().get("/etat")
    assert answer.status_code == 200 and answer.json() == {"service": "perinat", "base": "ok"}


def test_an_unknown_address_is_told_in_french(db: None) -> None:
    answer = Client().get("/nulle-part/")
    assert answer.status_code == 404 and "Cette page n’existe pas" in answer.content.decode()


def test_an_expired_form_is_told_in_french(ward: world.Ward) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ward.secretary)
    answer = client.post("/releve/prise/")
    assert answer.status_code == 403 and "ouverte depuis trop longtemps" in answer.content.decode()


def test_each_person_changes_her_own_password(ward: world.Ward) -> None:
    client = signed_in(ward.secretary)
    assert 'href="/compte/mot-de-passe/"' in client.get("/sorties/").content.decode()
    new = "trois-merles-au-jardin"
    wrong = {"old_password": "faux", "new_password1": new, "new_password2": new}
    page = client.post("/compte/mot-de-passe/", wrong).content.decode()
    assert "pas votre mot de passe actuel" in page
    right = wrong | {"old_password": "mot-de-passe"}
    assert client.post("/compte/mot-de-passe/", right)["Location"] == "/"
    assert client.get("/sorties/").status_code == 200, "her session goes on"
    ward.secretary.refresh_from_db()
    assert ward.secretary.check_password(new)
    assert AuditEntry.objects.filter(action="account.password_changed", by_id=ward.secretary.pk).exists()
