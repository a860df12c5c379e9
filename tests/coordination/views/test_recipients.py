"""Recipients on the page of a stay: found, last reached when, dead since when and why, tried again, agreed to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from coordination.models import AuditEntry, Mailbox, Organisation
from coordination.selectors.stay_view import professionals
from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(ward: world.Ward) -> Client:
    client = Client()
    client.force_login(ward.secretary)
    return client


def now() -> str:
    return timezone.localtime().strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    "words",
    ["aube", "claire AUBÉ", "89900001051", "sage-femme", "sage femme claire", "cabinet", "valombre aubépine"],
)
def test_professionals_are_found_by_name_town_profession_or_rpps(ward: world.Ward, words: str) -> None:
    Organisation.objects.filter(pk=ward.practice.pk).update(city="Valombre")
    assert [one.id for one in professionals(words)] == [ward.midwife.pk]


@pytest.mark.parametrize("words", ["cormier", " ", "8990000105", "brégy aubépine"])
def test_nobody_else_is_found(ward: world.Ward, words: str) -> None:
    assert professionals(words) == []  # the doctors of the ward are not town


def test_a_card_says_when_she_was_last_reached(ward: world.Ward, secretary: Client) -> None:
    at = datetime(2026, 3, 16, 23, 30, tzinfo=UTC)  # the 17th in Paris
    Mailbox.objects.update(last_success_at=at)
    stay = world.stay(ward)
    told = "claire@essai.mssante.example, dernier envoi accepté le 17/03/2026."
    assert told in secretary.get(f"/sejours/{stay.pk}/").content.decode()
    found = secretary.post(f"/sejours/{stay.pk}/professionnels/", {"recherche": "aube"}).content.decode()
    assert told in found and "RPPS 89900001051" in found and "Annuaire Santé : non relié" in found


def test_a_dead_box_says_since_when_and_why_and_is_tried_again_when_a_person_confirms(
    ward: world.Ward, secretary: Client, fakes: dict[str, FakeChannel]
) -> None:
    stay = world.stay(ward)
    box = ward.midwife.mailboxes.get()
    Mailbox.objects.filter(pk=box.pk).update(
        dead_since=datetime(2026, 3, 16, 8, tzinfo=UTC), dead_reason="La boîte est fermée."
    )
    Mailbox.objects.create(address="cabinet@essai.mssante.example", kind="ORG", organisation=ward.practice)
    shown = secretary.get(f"/sejours/{stay.pk}/").content.decode()
    assert "Hors service" in shown and "16 mars" in shown and "La boîte est fermée." in shown
    assert "cabinet@essai.mssante.example, boîte de sa structure, aucun envoi encore." in shown
    secretary.post(f"/sejours/{stay.pk}/adresses/{box.pk}/reessayer/")
    box.refresh_from_db()
    assert (
        box.dead_since is None and box.dead_reason == "" and AuditEntry.objects.latest("at").action == "mailbox.revived"
    )
    assert "Hors service" not in secretary.get(f"/sejours/{stay.pk}/").content.decode()


def test_only_the_box_of_her_carers_is_tried_again_from_her_page(ward: world.Ward, secretary: Client) -> None:
    stay = world.stay(ward, with_midwife=False)
    box = ward.midwife.mailboxes.get()
    Mailbox.objects.filter(pk=box.pk).update(dead_since=timezone.now())
    assert secretary.post(f"/sejours/{stay.pk}/adresses/{box.pk}/reessayer/").status_code == 404


def test_the_pmi_is_declared_with_the_agreement_of_the_mother(ward: world.Ward, secretary: Client) -> None:
    stay = world.stay(ward)
    told = {"role": "PMI", "informee_le": now(), "professionnel": str(ward.midwife.pk)}
    secretary.post(f"/sejours/{stay.pk}/equipe/", told)
    assert not stay.care_team.filter(role="PMI").exists()
    secretary.post(f"/sejours/{stay.pk}/equipe/", told | {"accord": "oui"})
    assert stay.care_team.filter(role="PMI").exists()
    assert AuditEntry.objects.filter(action="care_team.pmi_agreed", subject_id=str(stay.pk)).exists()
