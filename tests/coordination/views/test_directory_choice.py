"""The stay page finds people of the national directory, and the one chosen joins the care team."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.models import (
    CareTeamMember,
    DirectoryMirror,
    Mailbox,
    MirrorMailbox,
    MirrorPerson,
    MirrorPlace,
    MirrorPractice,
    Professional,
    Role,
    User,
)
from perinat.standards.health_directory import fold
from tests.coordination import world

pytestmark = pytest.mark.django_db


def published(specialty: str = "G15_50") -> MirrorPractice:
    now = timezone.now()
    person = MirrorPerson.objects.create(
        key="1", rpps="89900700017", family_name="MORILLE", given_name="Éloïse", specialty_code=specialty,
        search=f" {fold('Éloïse MORILLE Sage-Femme')}", seen_at=now,
    )  # fmt: skip
    place = MirrorPlace.objects.create(key="2", departement="78", name="CABINET MORILLE", city="VALOMBRE", seen_at=now)
    MirrorMailbox.objects.create(address="eloise@essai.mssante.example", kind="PER", person=person)
    return MirrorPractice.objects.create(key="3", person=person, place=place, seen_at=now)


def test_she_is_found_then_chosen_with_her_address(client: Client) -> None:
    ward, practice = world.ward(), published()
    stay = world.stay(ward)
    client.force_login(ward.secretary)
    page = client.post(reverse("care_team_search", args=[stay.pk]), {"recherche": "eloise"}).content.decode()
    assert "Éloïse MORILLE" in page and "89900700017" in page and "eloise@essai.mssante.example" in page
    accounts = User.objects.count()
    answer: Any = client.post(
        reverse("care_team_join", args=[stay.pk]),
        {"role": "MIDWIFE", "informee_le": f"{timezone.localtime() - timedelta(hours=1):%Y-%m-%dT%H:%M}",
         "annuaire": str(practice.pk)},
    )  # fmt: skip
    assert answer.status_code == 302
    midwife = Professional.objects.get(rpps="89900700017")
    assert CareTeamMember.objects.filter(stay=stay, professional=midwife, informed_at__isnull=False).exists()
    assert Mailbox.objects.get(professional=midwife).address == "eloise@essai.mssante.example"
    assert User.objects.count() == accounts


def test_a_doctor_without_speciality_is_shown_and_not_offered(client: Client) -> None:
    ward, practice = world.ward(), published("G15_10")
    stay = world.stay(ward)
    client.force_login(ward.secretary)
    page = client.post(reverse("care_team_search", args=[stay.pk]), {"recherche": "morille"}).content.decode()
    assert "Médecin" in page and str(practice.pk) not in page


def test_the_administrator_reads_the_age_of_the_mirror(client: Client, settings: Any) -> None:
    settings.ANNUAIRE_BASE_URL, settings.ANNUAIRE_DEPARTEMENTS = "http://127.0.0.1:9/fhir/v2", ["78"]
    ward = world.ward()
    client.force_login(world.user("admin", Role.ADMINISTRATOR, ward.maternity))
    mirror = DirectoryMirror.objects.create(departement="78", synced_at=timezone.now())
    assert "Annuaire : à jour du" in client.get(reverse("administration")).content.decode()
    mirror.synced_at, mirror.failure_fr = timezone.now() - timedelta(days=4), "La clé est refusée."
    mirror.save()
    page = client.get(reverse("administration")).content.decode()
    assert "L’Annuaire Santé est en retard" in page and "La clé est refusée." in page
