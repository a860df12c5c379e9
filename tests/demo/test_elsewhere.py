"""The demonstration's midwife consults a DMP for real: her card, her practice's certificate, the mother's record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination import channels, document_source, tasks
from coordination.demo import elsewhere, sandboxes, seed, week, world
from coordination.demo.families import FAMILIES, ins_of
from coordination.models import AuditEntry, Stay
from coordination.services import consulting
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.pro_sante_connect import conf, discovery
from perinat.connectors.pro_sante_connect.sandbox import people
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from tests.connectors.pro_sante_connect.person import AUBEPINE, Person
from tests.journeys import arena as made

pytestmark = pytest.mark.django_db(transaction=True)
LOUISE = FAMILIES[0]


@pytest.fixture
def demo(arena: made.Arena, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[made.Arena]:
    """The accounts, certificates and sandboxes of `make demo`, for one family."""
    settings.PKI_DIR, settings.DMP_BASE_URL = str(arena.folder / "pki"), arena.dmp.base_url
    settings.ANS_PACK, settings.SANDBOX = "", True
    SandboxAuthority(arena.folder / "pki").ensure(world.certified())
    for module in (sandboxes, elsewhere):
        monkeypatch.setattr(module, "FAMILIES", [LOUISE])
    channels._load.cache_clear()
    document_source._load.cache_clear()
    seed.seed()
    sandboxes._prepare_dmp(arena.dmp.admin_url)
    yield arena
    channels._load.cache_clear()
    document_source._load.cache_clear()


@pytest.fixture
def claire(client: Client, settings: Any) -> Iterator[Client]:
    """Signed in with her card at the sandbox of Pro Santé Connect."""
    with PscSandbox() as psc:
        settings.PSC_DISCOVERY_URL = psc.discovery_url
        discovery.forget(conf.load())
        with Person(psc, client) as somebody:
            assert somebody.sign_in(AUBEPINE).status_code == 302
            yield somebody.client


def test_every_professional_of_the_demonstration_has_her_card() -> None:
    cards = people.load()
    for carer in world.CARERS:
        card = cards[f"8{carer.rpps}"]
        assert carer.specialty.startswith(f"G15_{card.profession}"), carer.key
        assert (card.family_name, card.given_name) == (carer.family, carer.given)


def test_practices_and_those_who_write_elsewhere_have_certificates() -> None:
    practices = {f"1{site.finess}" for site in world.SITES if site.kind == "PRACTICE"}
    assert practices and practices <= set(world.certified())
    assert {f"1{one.finess}" for one in world.ELSEWHERE} <= set(world.certified())


def test_a_midwife_consults_the_dmp_end_to_end(demo: made.Arena, claire: Client) -> None:
    # Given a mother she follows, in whose DMP others wrote before
    week._record(LOUISE, timezone.now() - timedelta(hours=1))
    stay = Stay.objects.get()
    assert elsewhere.deposit() == 2
    where = reverse("record", args=[stay.pk])
    assert reverse("record", args=[stay.pk]) in claire.get("/mes-visites/").content.decode()

    # When she asks without the agreement, then declares it
    page = asked(claire, stay)
    assert "Vous n’avez pas encore d’autorisation" in page and "Bilan sanguin" not in page
    page = asked(claire, stay, accord="1")

    # Then both documents are there, the interview first, and her name is in the DMP
    assert "Bilan sanguin du sixième mois" in page and page.index("Entretien prénatal précoce") < page.index('id="dmp"')
    rows = made.call("GET", f"{demo.dmp.admin_url}/authorizations")
    assert [(row["holder"], row["action"]) for row in rows] == [(AUBEPINE, "AJOUT")]
    assert "Elle est d’accord" not in page, "from now on, one activation"

    # And the interview opens
    uid = re.findall(r'name="document" value="([^"]+)"', page)[0]
    opened = claire.post(reverse("record_read", args=[stay.pk]), {"document": uid})["Location"]
    work()
    assert "Anne GENÉVRIER" in claire.get(opened).content.decode()
    assert claire.get(f"{opened}fichier").content.startswith(b"%PDF")
    assert AuditEntry.objects.get(action="dmp.document_opened").data == {"document": uid}
    assert "Bilan sanguin" in asked(claire, stay), where


def test_a_blood_test_hidden_from_the_mother_is_in_the_demonstration(
    demo: made.Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    fatou = next(one for one in FAMILIES if one.number == elsewhere.HIDDEN)
    for module in (sandboxes, elsewhere):
        monkeypatch.setattr(module, "FAMILIES", [fatou])
    sandboxes._prepare_dmp(demo.dmp.admin_url)
    elsewhere.deposit()
    assert ins_of(fatou).oid == "1.2.250.1.213.1.4.10" and configured.SANDBOX
    assert sum("INVISIBLE_PATIENT" in json.dumps(one) for one in uids(demo)) == 1


def asked(browser: Client, stay: Stay, **data: str) -> str:
    assert browser.post(reverse("record_consult", args=[stay.pk]), data).status_code == 302
    work()
    return str(browser.get(reverse("record", args=[stay.pk])).content.decode())


def work() -> None:
    """The worker's part."""
    for identifier in consulting.waiting_ids():
        tasks.ask_record(str(identifier))


def uids(demo: made.Arena) -> list[dict[str, Any]]:
    return list(made.call("GET", f"{demo.dmp.admin_url}/documents"))
