"""Entering a newborn's INS releases what waited for it, without another act."""

from __future__ import annotations

import pytest
from django.test import Client

from coordination.lifecycles import ShipmentStatus
from coordination.models import Person, Shipment
from coordination.services import documents, holding
from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def child(ward: world.Ward, fakes: dict[str, FakeChannel]) -> tuple[world.Stay, Person]:
    stay = world.stay(ward)
    person = stay.newborns.get().person
    documents.validate(world.letter(ward, stay, person=person), by=ward.doctor_user)
    return stay, person


def address(child: tuple[world.Stay, Person]) -> str:
    return f"/sejours/{child[0].pk}/identite/{child[1].pk}/"


def test_the_held_deposit_leaves(child: tuple[world.Stay, Person], ward: world.Ward, client: Client) -> None:
    held = Shipment.objects.get(channel="dmp")
    assert held.status == ShipmentStatus.HELD
    client.force_login(ward.secretary)
    assert "Saisir l’INS" in client.get(f"/sejours/{child[0].pk}/").content.decode()
    answer = client.post(address(child), {"matricule": world.ins(2).matricule, "nature": "NIR", "verified": "on"})
    assert answer.status_code == 302
    assert holding.release_ready() == 1
    held.refresh_from_db()
    assert held.status == ShipmentStatus.QUEUED
    assert held.versions.get().cda_with_ins


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"matricule": "293047800002", "verified": "on"}, "15 caractères"),
        ({"matricule": "293047890000299", "verified": "on"}, "clé"),
        ({"matricule": ""}, "à renseigner"),
    ],
)
def test_a_wrong_number_is_said_and_kept_in_the_form(
    typed: dict[str, str], sentence: str, child: tuple[world.Stay, Person], ward: world.Ward, client: Client
) -> None:
    client.force_login(ward.secretary)
    text = client.post(address(child), typed).content.decode()
    assert sentence in text and typed["matricule"] in text
    child[1].refresh_from_db()
    assert child[1].ins is None


def test_the_number_of_the_mother_is_refused(
    child: tuple[world.Stay, Person], ward: world.Ward, client: Client
) -> None:
    client.force_login(ward.secretary)
    typed = {"matricule": world.ins().matricule, "nature": "NIR", "verified": "on"}
    assert "déjà celui d" in client.post(address(child), typed).content.decode()


def test_another_ward_has_no_such_page(child: tuple[world.Stay, Person], ward: world.Ward, client: Client) -> None:
    client.force_login(ward.midwife_user)
    assert client.get(address(child)).status_code == 403
