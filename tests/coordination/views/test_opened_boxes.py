"""Declaring the boxes that their holders open here, and what their holders read of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from coordination.models import AuditEntry, Mailbox
from coordination.models.users import Role
from coordination.selectors import opened_boxes
from tests import fake_vault
from tests.coordination import world

pytestmark = pytest.mark.django_db
PAGE = "/administration/adresses/ouvrir/"
BOX = "odile.charme@essai.mssante.example"


@pytest.fixture(autouse=True)
def nobody(settings: Any) -> Iterator[set[str]]:
    settings.ACCESS_TOKENS, settings.PSC_DISCOVERY_URL = "tests.fake_vault", "https://psc.example/.well-known/x"
    fake_vault.SIGNED_IN.clear()
    yield fake_vault.SIGNED_IN
    fake_vault.SIGNED_IN.clear()


@pytest.fixture
def administrator(ward: world.Ward, client: Client) -> Client:
    client.force_login(world.user("admin", Role.ADMINISTRATOR, ward.maternity))
    return client


def declare(client: Client, ward: world.Ward, **values: Any) -> Any:
    given = {"address": BOX, "kind": "PER", "professional": str(ward.midwife.pk), "organisation": ""}
    return client.post(PAGE, given | values)


def test_declared_then_closed(administrator: Client, ward: world.Ward) -> None:
    assert "Ouvrir une boîte" in administrator.get(PAGE).content.decode()
    assert declare(administrator, ward).status_code == 302
    box = opened_boxes.by_address(BOX)
    assert box is not None and (box.professional, box.kind) == (ward.midwife, "PER") and box.opened_since
    page = administrator.get("/administration/adresses/").content.decode()
    assert "Relevée ici depuis le" in page and f'Ne plus relever<span class="visually-hidden"> {BOX}' in page
    administrator.post(f"/administration/adresses/{box.pk}/fermer/")
    assert opened_boxes.by_address(BOX) is None and Mailbox.objects.filter(address=BOX).exists()
    acts = AuditEntry.objects.filter(action__startswith="mailbox.").values_list("action", flat=True)
    assert {"mailbox.opened_here", "mailbox.closed_here"} <= set(acts)


def test_one_that_is_known_is_offered_as_it_is(administrator: Client, ward: world.Ward) -> None:
    known = Mailbox.objects.filter(professional=ward.midwife).first()
    assert known is not None
    page = administrator.get(PAGE, {"boite": known.address}).content.decode()
    assert known.address in page and f'value="{ward.midwife.pk}" selected' in page
    assert declare(administrator, ward, address=known.address.upper()).status_code == 302
    known.refresh_from_db()
    assert known.opened_since and Mailbox.objects.filter(address__iexact=known.address).count() == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "APP"}, "choix"),
        ({"professional": ""}, "soit le professionnel, soit le site"),
        ({"kind": "ORG"}, "organisationnelle est celle"),
        ({"address": "279035121518989@patient.mssante.fr"}, "Mon espace santé"),
        ({"address": "MATERNITY"}, "applicative"),
        ({"address": "OTHER"}, "autre personne"),
    ],
)
def test_refused(administrator: Client, ward: world.Ward, values: dict[str, str], sentence: str) -> None:
    Mailbox.objects.create(address="prise@essai.mssante.example", professional=ward.doctor)
    names = {"MATERNITY": ward.maternity.mailbox, "OTHER": "prise@essai.mssante.example"}
    given = {name: names.get(value, value) for name, value in values.items()}
    answer = declare(administrator, ward, **given)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not opened_boxes.declared().exists()


def test_what_she_reads_of_it(ward: world.Ward, client: Client, nobody: set[str]) -> None:
    client.force_login(ward.midwife_user)
    assert "relevée" not in client.get("/courrier/").content.decode()
    Mailbox.objects.create(address=BOX, professional=ward.midwife, opened_since="2026-03-01T08:00:00Z")
    waiting = client.get("/courrier/").content.decode()
    assert f"La boîte {BOX} n’est pas relevée" in waiting and "/psc/connexion/?next=/courrier/" in waiting
    nobody.add(str(ward.midwife_user.pk))
    assert f"La boîte {BOX} est relevée tant que" in client.get("/courrier/").content.decode()
    client.force_login(ward.doctor_user)
    assert BOX not in client.get("/courrier/").content.decode()
