"""A NUL typed, pasted or forged in a search is a word that finds nothing strange, never an incident."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from coordination import blobs
from coordination.models import PatientReply, Role
from coordination.views.plain_text import without_nul
from tests.coordination.api.conftest import sign_in
from tests.coordination.api.territories import Territory, territory
from tests.coordination.api.walk import addresses, posted_names

pytestmark = pytest.mark.django_db
SEARCHED = {
    "paper", "paper_search", "stay", "care_team_search", "mail_inbox", "mail_document", "transmissions",
    "transmissions_export", "patient_reply", "patient_write", "admin_accounts", "admin_professionals", "admin_sites",
    "visits", "board", "discharge_list", "outside", "document",
}  # fmt: skip
READ_BY_SELECTORS = ("patiente", "texte", "type", "nature", "resultat", "site", "depuis", "jusqu", "q", "qui", "page")
TYPED = "ac\0a"


@pytest.fixture
def here(settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, db: None) -> Territory:
    settings.BLOB_DIR, settings.BLOB_KEYS_DIR = tmp_path / "blobs", tmp_path / "keys"
    settings.ANS_PACK, settings.PSC_DISCOVERY_URL = "", ""
    caplog.set_level(logging.ERROR, logger="django.request")
    blobs._current_key.cache_clear()
    found = territory("A", 1, ("ACANTHE", "AZELIN", "ANCOLIE", "ANSELME"))
    PatientReply.objects.update(person=None, stay=None, letter=None)  # only then is somebody searched
    return found


def test_each_search_as_every_role(here: Territory) -> None:
    pages = [one for one in addresses() if one.name in SEARCHED]
    assert {one.name for one in pages} == SEARCHED
    names, answers = [*posted_names(), *READ_BY_SELECTORS], {}
    assert {"recherche", "motif", "boite"} <= set(names)
    for role, user in here.users.items():
        client = sign_in(user)
        client.raise_request_exception = False
        for page in pages:
            path = page.path(here.cases[0].rows)
            for ask in (client.get, client.post):
                answers[role, page.name, ask.__name__] = ask(path, dict.fromkeys(names, TYPED)).status_code
    assert [asked for asked, status in answers.items() if status >= 500] == []
    read = {name for (_, name, _), status in answers.items() if status == 200}
    assert SEARCHED - {"patient_write"} <= read, "the walk would be at peace with pages that refuse everything"


def test_the_word_is_searched_without_it(here: Territory) -> None:
    reply = PatientReply.objects.filter(organisation=here.users[Role.SECRETARY].organisation).first()
    assert reply is not None
    shown = sign_in(here.users[Role.SECRETARY]).post(
        reverse("patient_reply", args=[reply.pk]), {"recherche": "aca\0nthe"}
    )
    assert "C’est " in shown.content.decode() and 'value="acanthe"' in shown.content.decode()


def test_somebody_who_is_not_signed_in(db: None) -> None:
    typed = {"username": "a\0b", "password": "c\0d"}
    assert Client().post(reverse("login"), typed).status_code == 200


def test_what_holds_none_is_left_as_it_is() -> None:
    plain, forged = QueryDict("a=1&a=2"), QueryDict("a=1%00&a=2&b=%00")
    assert without_nul(plain) is plain
    assert without_nul(forged) == QueryDict("a=1&a=2&b=")
    with pytest.raises(AttributeError):
        without_nul(forged)["a"] = "3"
