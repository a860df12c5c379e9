"""A midwife signs in with Pro Santé Connect and reads her patient's DMP: sandboxes, worker and clock for real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import AuditEntry, Document, RecordQuery, Stay, WorkItem
from coordination.services import announcements, confidentiality, documents
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.pro_sante_connect import conf, discovery
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from perinat.standards.codes import MASQUE_PS
from perinat.standards.confidentiality import FROM_PATIENT
from tests.connectors.pro_sante_connect.person import AUBEPINE, CORMIER, Person
from tests.coordination import world
from tests.journeys import arena as made

PRACTICE = "1997800057"


@pytest.fixture
def person(client: Client, settings: Any) -> Iterator[Person]:
    """Claire AUBÉPINE at her browser."""
    with PscSandbox() as psc:
        settings.PSC_DISCOVERY_URL = psc.discovery_url
        discovery.forget(conf.load())
        with Person(psc, client) as somebody:
            yield somebody


@pytest.fixture
def stay(arena: made.Arena, ward: world.Ward, journeys_pki: Path) -> Stay:
    """Louise's letter is in her DMP, where Claire has no authorisation; in perinat Claire may not read it."""
    SandboxAuthority(journeys_pki).ensure([PRACTICE])
    admin = arena.dmp.admin_url
    made.call("PUT", f"{admin}/structures", {"struct_idnat": PRACTICE, "legal": PRACTICE, "name": "Cabinet d'essai"})
    found = world.stay(ward)
    documents.validate(world.letter(ward, found), by=ward.doctor_user)
    arena.start_worker()
    arena.start_clock()
    made.until("the letter in the DMP", lambda: arena.in_dmp())
    Document.objects.update(masks=[MASQUE_PS.code])
    ins = world.ins()
    person = {
        "matricule": ins.matricule, "oid": ins.oid, "state": "NO_AUTHORIZATION", "birth_name": "ACACIA",
        "given_names": "LOUISE MARIE", "sex": "F", "birth_date": "19930412",
    }  # fmt: skip
    made.call("PUT", f"{admin}/people", [person])
    return found


def test_from_the_card_to_the_document(arena: made.Arena, stay: Stay, person: Person) -> None:
    # Given a midwife who signs in with her card
    where = reverse("record", args=[stay.pk])
    assert person.sign_in(AUBEPINE, then=where)["Location"] == where
    browser = person.client
    assert "Elle est d’accord : consulter" in _text(browser, where)

    # When she asks without declaring the agreement, then declares it
    _ask(browser, stay, "record_consult")
    assert "Vous n’avez pas encore d’autorisation" in _text(browser, where)
    _ask(browser, stay, "record_consult", accord="1")

    # Then the letter is in the list, and opens in one activation
    page = _text(browser, where)
    assert "Lettre de liaison" in page and "Dans perinat et dans le DMP (1)" in page and "Masquer" in page
    uid = next(iter(arena.in_dmp()))
    answer = browser.post(reverse("record_read", args=[stay.pk]), {"document": uid})
    _until_answered()
    assert "Ouvrir le PDF" in _text(browser, answer["Location"])
    assert browser.get(f"{answer['Location']}fichier").content.startswith(b"%PDF")
    assert AuditEntry.objects.get(action="dmp.document_opened").data == {"document": uid}

    # When she masks it, only its author and the treating doctor see it from now on
    _ask(browser, stay, "record_change", document=uid, acte="3.3a masquage")
    assert "Lettre de liaison" not in _text(browser, where)

    # And when the DMP is down, its sentence and the hour of the last list
    arena.fault("dmp", kind="http_500", endpoint="patients")
    _ask(browser, stay, "record_consult")
    page = _text(browser, where)
    assert "Le DMP ne répond pas" in page and "Liste donnée par le DMP" in page


def test_the_doctor_makes_visible_what_she_had_hidden(arena: made.Arena, ward: world.Ward, person: Person) -> None:
    # Given her letter, in the DMP, invisible to the mother until it is announced
    stay = world.stay(ward)
    letter = world.letter(ward, stay)
    confidentiality.choose(letter, [FROM_PATIENT], by=ward.doctor_user)
    documents.validate(letter, by=ward.doctor_user)
    arena.start_worker()
    arena.start_clock()
    made.until("the letter in the DMP", lambda: arena.in_dmp())
    made.until("a line on the ward's list", lambda: WorkItem.objects.filter(kind="TO_REVEAL").exists() or watch())

    # When she makes it visible from its own page, with her card
    page = reverse("document_confidentiality", args=[letter.pk])
    person.sign_in(CORMIER, then=page)
    assert "Directement dans le DMP" in _text(person.client, page)
    uid = letter.current_version.unique_id
    _ask(person.client, stay, "record_change", document=uid, acte="3.3b", masque=FROM_PATIENT)

    # Then the DMP shows it to the mother, perinat knows it, and nothing waits any more
    described = made.call("GET", f"{arena.dmp.admin_url}/documents")
    assert [FROM_PATIENT in str(one) for one in described if one["unique_id"] == uid] == [False]
    letter.refresh_from_db()
    assert letter.masks == [] and not WorkItem.objects.filter(kind="TO_REVEAL", status="OPEN").exists()
    assert "Rendre visible à la patiente" not in _text(person.client, page)


def watch() -> None:
    """What the clock does each minute."""
    announcements.watch()


def _ask(browser: Client, stay: Stay, name: str, **data: str) -> None:
    assert browser.post(reverse(name, args=[stay.pk]), data).status_code == 302
    _until_answered()


def _until_answered() -> None:
    made.until("the answer of the DMP", lambda: not RecordQuery.objects.filter(answered_at=None).exists())


def _text(browser: Client, where: str) -> str:
    answer = browser.get(where)
    assert answer.status_code == 200
    return answer.content.decode()
