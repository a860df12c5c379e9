"""A midwife signs in with Pro Santé Connect: her own box is read, answered, written from; she leaves, and it is closed.

Real sockets: the provider, the operator that asks it whose the token is, Valkey, PostgreSQL. Nobody says a token aloud.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from coordination import blobs, channels
from coordination.models import Mailbox, ReceivedDocument, ReceivedMail, Shipment
from coordination.services import collection, follow_up, mail_answers, outbox
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.pro_sante_connect import conf, discovery, vault
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from tests.connectors.pro_sante_connect.person import Person
from tests.coordination import world
from tests.coordination.services import letters_in
from tests.coordination.services.test_follow_up import MOTHER
from tests.coordination.test_visibility import carer
from tests.mssante import operator as op
from tests.mssante.operator import World

pytestmark = pytest.mark.django_db(transaction=True)
BOX = "claire@essai.mssante.example"


@pytest.fixture
def operator(authority: SandboxAuthority, tmp_path: Path, settings: Any) -> Iterator[World]:
    with op.running(tmp_path / "operator", authority.directory) as made, PscSandbox() as provider:
        settings.PKI_DIR = str(authority.directory)
        settings.MSSANTE_SMTP_HOST = settings.MSSANTE_IMAP_HOST = "localhost"
        settings.MSSANTE_SMTP_PORT, settings.MSSANTE_IMAP_PORT = made.sandbox.smtp_port, made.sandbox.imap_port
        settings.MSSANTE_MAILBOXES = {}
        settings.PSC_DISCOVERY_URL = provider.discovery_url
        discovery.forget(conf.load())
        made.ask("PUT", "/mailboxes", [{"address": BOX, "kind": "PER", "holders": ["89900001051"]}])
        made.ask(
            "PUT", "/settings", {"psc_introspection": f"{provider.base_url}/protocol/openid-connect/token/introspect"}
        )
        channels._load.cache_clear()
        made.psc = provider  # type: ignore[attr-defined]
        yield made
        channels.get("mssante").close()  # type: ignore[attr-defined]
        channels._load.cache_clear()
        caches["tokens"].clear()


@pytest.fixture
def ward(operator: World, transactional_db: None, settings: Any, tmp_path: Path) -> world.Ward:
    settings.BLOB_DIR, settings.BLOB_KEYS_DIR = tmp_path / "blobs", tmp_path / "keys"
    settings.ANS_PACK = ""
    blobs._current_key.cache_clear()
    made = world.ward()
    Mailbox.objects.filter(address=BOX).update(opened_since=timezone.now())
    return made


@pytest.fixture
def midwife(operator: World, ward: world.Ward, client: Client) -> Iterator[Person]:
    with Person(operator.psc, client) as somebody:  # type: ignore[attr-defined]
        yield somebody


def test_her_day(
    operator: World, ward: world.Ward, midwife: Person, client: Client, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    stay = world.stay(ward, general_practitioner=carer(1, ward.maternity, "DOUGLAS"))
    operator.ask("PUT", "/mailboxes", [{"address": "douglas@essai.mssante.example", "kind": "PER"}])
    operator.channel.submit(op.parcel(BOX, letters_in.content()))
    assert collection.collect("mssante") == 0, "nobody is there"

    midwife.sign_in()
    assert collection.collect("mssante") == 1
    document = ReceivedDocument.objects.get()
    assert (document.status, document.stay, document.holder) == ("FILED", stay, ward.midwife)
    page = client.get("/courrier/").content.decode()
    assert f"La boîte {BOX} est relevée" in page and str(document.pk) in page
    assert [mail_answers.send(pk) for pk in mail_answers.due_ids()] == [True]
    assert {one.kind for one in operator.channel.collect()} >= {"INTEGRATED"}

    visit = follow_up.write(
        "HOME_VISIT", stay=stay, person=stay.mother, done_at=timezone.now(), answers=MOTHER, by=ward.midwife_user
    )  # type: ignore[arg-type]
    mail = visit.document.versions.get().shipments.get(channel="mssante")
    outbox.deliver(mail.pk)
    assert Shipment.objects.get(pk=mail.pk).sent_from == BOX
    sent = [one for one in operator.ask("GET", "/submissions") if one["sender"] == BOX]
    assert len(sent) == 2  # her answer, then her letter

    operator.settle()
    collection.collect("mssante")
    assert Shipment.objects.get(pk=mail.pk).status == "DELIVERED", "its receipt came into her box"

    # The token ends, at the provider and at the operator: it is renewed, and the box opened again.
    operator.channel.submit(op.parcel(BOX, letters_in.content()))
    operator.ask("POST", "/tick", {"seconds": 130})
    operator.psc.provider.clock.offset += 130  # type: ignore[attr-defined]
    monkeypatch.setattr(vault, "MARGIN_SECONDS", 121)
    assert collection.collect("mssante") >= 1 and ReceivedMail.objects.count() == 2

    said = [*operator.psc.provider.memory._access, *operator.psc.provider.memory._refresh]  # type: ignore[attr-defined]
    client.post("/deconnexion/")
    operator.channel.submit(op.parcel(BOX, letters_in.content()))
    assert collection.collect("mssante") == 0 and ReceivedMail.objects.count() == 2, "it waits for her"

    call_command("dumpdata", "sessions", "coordination", "mssante", "axes")
    everything = (
        capsys.readouterr().out + caplog.text + in_valkey() + (operator.sandbox._directory / "events.jsonl").read_text()
    )
    assert len(said) >= 3 and BOX in everything
    assert not [token for token in said if token in everything]


def in_valkey() -> str:
    """Every value of the cache and of the queues."""
    server = redis.Redis.from_url(django_settings.CACHES["tokens"]["LOCATION"])
    found = []
    for key in server.keys("*"):
        kind = server.type(key)
        if kind == b"list":
            found += server.lrange(key, 0, -1)
        elif kind == b"string":
            found.append(server.get(key))
        elif kind == b"hash":
            found += server.hgetall(key).values()
    return "\n".join(one.decode("latin-1") for one in found if one)
