"""Recipients in a browser: found by town in the mirror, a dead box told and tried again, at 360 px too."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coordination.models import (
    DirectoryMirror,
    Mailbox,
    MirrorMailbox,
    MirrorPerson,
    MirrorPlace,
    MirrorPractice,
    Professional,
    Stay,
)
from perinat.standards.health_directory import fold
from tests.browser.helpers import sign_in
from tests.coordination import world
from tests.fakes import FakeChannel

SHOTS = os.environ.get("PERINAT_SCREENSHOTS", "")
NO_SCROLL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel], settings: Any) -> Stay:
    """Her midwife's own box is dead, her practice has one; a doctor of the town is in the mirror."""
    settings.ANNUAIRE_BASE_URL, settings.ANNUAIRE_DEPARTEMENTS = "http://127.0.0.1:9/fhir/v2", ["78"]
    DirectoryMirror.objects.create(departement="78", synced_at=timezone.now() - timedelta(hours=7))
    Mailbox.objects.update(
        dead_since=timezone.now() - timedelta(days=2), dead_reason="La boîte du destinataire est fermée."
    )
    Mailbox.objects.create(
        address="cabinet@essai.mssante.example", kind="ORG", organisation=ward.practice,
        last_success_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    place = MirrorPlace.objects.create(
        key="p1", departement="78", name="Cabinet de la Rivière", postal_code="78992", city="Brégy",
        search=f" {fold('Cabinet de la Rivière Brégy')}",
    )  # fmt: skip
    person = MirrorPerson.objects.create(
        key="m1", rpps="89900001093", family_name="ÉRABLE", given_name="Paule", specialty_code="G15_10/SM54",
        search=f" {fold('Paule ÉRABLE médecin généraliste')} 89900001093",
    )  # fmt: skip
    practice = MirrorPractice.objects.create(key="x1", person=person, place=place)
    MirrorMailbox.objects.create(address="paule.erable@essai.mssante.example", kind="PER", practice=practice)
    return world.stay(ward)


def test_found_by_town_and_declared(page: Page, site: str, stay: Stay, accessible: object) -> None:
    sign_in(page, site, "secretaire")
    page.goto(f"{site}/sejours/{stay.pk}/#equipe")
    page.get_by_label("Rôle").select_option("GP")
    page.get_by_label("Nom, ville, profession ou RPPS").press_sequentially("médecin brégy")
    found = page.get_by_role("listitem").filter(has_text="paule.erable@essai.mssante.example, aucun envoi encore.")
    expect(found).to_be_visible()
    expect(page.get_by_text("Annuaire : à jour du")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    shot(page, "destinataires")
    found.get_by_role("button", name="Choisir").click()
    expect(page.get_by_text("recevra les papiers de ce séjour")).to_be_visible()
    assert Professional.objects.get(rpps="89900001093").mailboxes.count() == 1


def test_a_dead_box_is_told_and_tried_again_with_a_thumb(phone: Page, site: str, stay: Stay) -> None:
    sign_in(phone, site, "secretaire")
    phone.goto(f"{site}/sejours/{stay.pk}/#equipe")
    expect(phone.get_by_text("La boîte du destinataire est fermée.")).to_be_visible()
    expect(phone.get_by_text("cabinet@essai.mssante.example, boîte de sa structure")).to_be_visible()
    shot(phone, "destinataires-telephone")
    assert phone.evaluate(NO_SCROLL)
    phone.get_by_text("Réessayer cette adresse").click()
    phone.get_by_role("button", name="Elle fonctionne").click()
    expect(phone.get_by_text("L’adresse est de nouveau proposée.")).to_be_visible()
    expect(phone.get_by_text("Hors service")).to_have_count(0)
