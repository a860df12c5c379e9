"""A temporary password opens the page where it is replaced, and nothing else: no page, no act, no API."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.test import Client
from django.urls import reverse

from coordination.demo import seed
from coordination.models import AuditEntry, Role, User
from coordination.services import accounts
from tests.coordination import world
from tests.coordination.api.conftest import sign_in
from tests.coordination.api.walk import NOT_WALKED, addresses

pytestmark = pytest.mark.django_db
MINE = "trois-merles-au-jardin"
PASSWORD_PAGE = "/compte/mot-de-passe/"
OPEN = NOT_WALKED | {"password", "presence", "health"}


@pytest.fixture
def admin(ward: world.Ward) -> User:
    return world.user("admin", Role.ADMINISTRATOR, ward.cpts)


@pytest.fixture
def newcomer(ward: world.Ward, admin: User) -> tuple[User, str]:
    entry = accounts.AccountEntry(
        "nadia", "Nadia", "OSIER", "nadia@perinat.example", Role.HOSPITAL_MIDWIFE, ward.maternity,
        professional=_colleague(ward),
    )  # fmt: skip
    return accounts.create_account(entry, by=admin)


def _colleague(ward: world.Ward) -> Any:
    model = type(ward.doctor)
    return model.objects.create(rpps="89900001044", given_name="Aude", family_name="GENÊT", organisation=ward.maternity)


def enter(username: str, password: str, **more: str) -> tuple[Client, Any]:
    client = Client()
    return client, client.post("/connexion/", {"username": username, "password": password, **more})


def choose(client: Client, old: str, new: str, address: str = PASSWORD_PAGE) -> Any:
    return client.post(address, {"old_password": old, "new_password1": new, "new_password2": new})


def test_the_first_sign_in_leads_to_the_choice_then_to_her_work(newcomer: tuple[User, str]) -> None:
    user, temporary = newcomer
    client, answer = enter("nadia", temporary, next="/releve/?q=1")
    assert answer["Location"] == f"{PASSWORD_PAGE}?retour=%2Freleve%2F%3Fq%3D1"
    page = client.get(answer["Location"]).content.decode()
    assert "Choisir votre mot de passe" in page and "Mot de passe temporaire" in page
    assert "Annuler" not in page and "Navigation principale" not in page
    done = choose(client, temporary, MINE, answer["Location"])
    assert done["Location"] == "/releve/?q=1" and client.get("/releve/").status_code == 200
    user.refresh_from_db()
    assert user.check_password(MINE) and not user.password_is_temporary
    entry = AuditEntry.objects.get(action="account.password_changed", by_id=user.pk)
    assert entry.data == {"temporary": True}
    assert enter("nadia", MINE)[1]["Location"] == "/"


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("", "vous avez déjà"),
        ("merle", "12 caractères"),
        ("1q2w3e4r5t6y", "trop courant"),
    ],
)
def test_what_she_chooses_is_hers_and_strong(newcomer: tuple[User, str], new: str, sentence: str) -> None:
    user, temporary = newcomer
    client, _ = enter("nadia", temporary)
    page = choose(client, temporary, new or temporary).content.decode()
    assert sentence in page
    user.refresh_from_db()
    assert user.password_is_temporary and client.get("/releve/")["Location"].startswith(PASSWORD_PAGE)


def test_no_page_no_act_and_no_address_of_the_api_opens_before(
    newcomer: tuple[User, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, logger="django.request")
    client, _ = enter("nadia", newcomer[1])
    values: dict[str, Any] = {"name": "dmp", "number": 1, "sheet": 1, "rank": 1, "user_id": 1}
    nobody = "00000000-0000-4000-8000-000000000000"
    opened = []
    walked = [one for one in addresses() if one.name not in OPEN]
    for one in walked:
        path = reverse(one.name, kwargs={name: values.get(name, nobody) for name in one.parameters})
        for ask in (client.get, client.post):
            answer = ask(path)
            led = answer.status_code == 302 and answer["Location"].startswith(PASSWORD_PAGE)
            told = answer.status_code == 403 and "mot_de_passe" in answer.content.decode()
            if not (led or told or answer.status_code == 405):
                opened.append((one.name, answer.status_code))
    assert opened == [] and len(walked) > 60


def test_the_api_says_what_to_do(newcomer: tuple[User, str]) -> None:
    client, _ = enter("nadia", newcomer[1])
    answer = client.get("/api/sejours/")
    assert answer.status_code == 403 and "choisissez le vôtre" in answer.json()["erreurs"]["mot_de_passe"][0]
    choose(client, newcomer[1], MINE)
    assert client.get("/api/sejours/").status_code == 200


def test_a_fragment_leads_the_whole_page(newcomer: tuple[User, str]) -> None:
    client, _ = enter("nadia", newcomer[1])
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sorties/"}
    answer = client.get("/sorties/papiers/", headers=headers)
    assert answer.status_code == 204 and answer["HX-Redirect"] == f"{PASSWORD_PAGE}?retour=%2Fsorties%2F"
    assert client.get("/presence/").status_code == 204, "she is typing: her session goes on"


@pytest.mark.parametrize("give", [accounts.reset_password, accounts.reopen_account])
def test_a_password_given_again_is_temporary_too(ward: world.Ward, admin: User, give: Any) -> None:
    password = give(ward.secretary, by=admin)
    client, answer = enter("secretaire", password)
    assert answer["Location"].startswith(PASSWORD_PAGE)
    assert client.get("/sorties/")["Location"].startswith(PASSWORD_PAGE)


def test_pro_sante_connect_is_not_concerned(newcomer: tuple[User, str], settings: Any) -> None:
    """She never used the password that she was given: her card opens her work."""
    client = Client()
    client.force_login(newcomer[0], backend=settings.BACKENDS_WITHOUT_PASSWORD[0])
    assert client.get("/releve/").status_code == 200 and client.get("/api/sejours/").status_code == 200
    assert set(settings.BACKENDS_WITHOUT_PASSWORD) < set(settings.AUTHENTICATION_BACKENDS)
    by_password = sign_in(newcomer[0])
    assert by_password.session[BACKEND_SESSION_KEY] not in settings.BACKENDS_WITHOUT_PASSWORD
    assert by_password.get("/releve/")["Location"].startswith(PASSWORD_PAGE)


def test_the_accounts_of_the_demonstration_are_not_temporary(db: None, settings: Any) -> None:
    settings.SANDBOX = True
    seed.seed()
    assert User.objects.exists() and not User.objects.filter(password_is_temporary=True).exists()
