"""The coordinator: a mother placed in three activations at most, then in difficulty, and a week without a visit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coordination.lifecycles import HandoverStatus as H
from coordination.models import Handover, Organisation, Stay
from coordination.services import availability, handovers
from tests.browser.helpers import Clicks, sign_in
from tests.coordination import world
from tests.fakes import FakeChannel

Accessible = Callable[[Page], None]


@pytest.fixture
def waiting(ward: world.Ward) -> Handover:
    """A mother without a midwife, and a midwife of her commune who has room."""
    Organisation.objects.filter(pk=ward.practice.pk).update(postal_code="78990", city="Valombre")
    availability.declare(ward.midwife, 2, by=ward.midwife_user)
    return Handover.objects.get(stay=world.stay(ward, with_midwife=False, needs=("Jumeaux",)))


def test_a_mother_is_placed_in_three_activations_at_most(
    page: Page, site: str, ward: world.Ward, waiting: Handover, clicks: Clicks, accessible: Accessible
) -> None:
    # Given the coordinator on her board
    sign_in(page, site, "coordinatrice")
    expect(page.get_by_role("heading", name="Orientation", level=1)).to_be_visible()
    accessible(page)

    # When she asks the first midwife of the list
    clicks.press(page.get_by_role("link", name="Demander : Louise A., Valombre").first)
    expect(page.get_by_text("Peut prendre 2 mères cette semaine")).to_be_visible()
    expect(page.get_by_text("Exerce à Valombre, où la mère sera")).to_be_visible()
    accessible(page)
    clicks.press(page.get_by_role("button", name="Demander à Claire AUBÉPINE"))

    # Then the request is made, without the mother's name, and its answer will come by itself
    expect(page.get_by_text("Demande envoyée à Claire AUBÉPINE, sans le nom de la mère")).to_be_visible()
    waiting.refresh_from_db()
    assert waiting.status == H.ASKED
    assert clicks.count <= 3
    accessible(page)

    # And when the midwife says yes, the board says so
    handovers.accept(waiting.offers.get(), by=ward.midwife_user)
    page.goto(f"{site}/orientation/")
    accepted = page.locator(".p-column", has=page.get_by_role("heading", name="Accepté"))
    expect(accepted.get_by_text("Louise A.", exact=True)).to_be_visible()
    expect(accepted.get_by_text("Claire AUBÉPINE")).to_be_visible()


def test_difficulty_has_a_named_reason(
    page: Page, site: str, waiting: Handover, clicks: Clicks, accessible: Accessible
) -> None:
    sign_in(page, site, "coordinatrice")
    page.get_by_role("link", name="Demander : Louise A., Valombre").first.click()
    clicks.press(page.get_by_text("Signaler en difficulté, confier à la PMI"))
    accessible(page)
    panel = page.locator("details[open]")
    clicks.choose(panel.get_by_label("Motif"), "Aucune sage-femme disponible")
    clicks.press(panel.get_by_role("button", name="Signaler en difficulté"))
    expect(page.locator("#messages").get_by_text("est en difficulté : Aucune sage-femme disponible")).to_be_visible()
    waiting.refresh_from_db()
    assert waiting.status == H.ESCALATED and clicks.count == 3


def test_a_week_without_a_visit_is_on_top_of_the_phone(
    phone: Page, site: str, waiting: Handover, fakes: dict[str, FakeChannel], accessible: Accessible
) -> None:
    left = timezone.now() - timedelta(days=7, hours=2)
    born = left - timedelta(hours=80)
    Stay.objects.filter(pk=waiting.stay_id).update(discharged_at=left, birth_at=born, admitted_at=born)
    waiting.stay.refresh_from_db()
    handovers.reset_clock(waiting.stay)
    handovers.watch(timezone.now())
    sign_in(phone, site, "coordinatrice")
    band = phone.locator(".p-late-band")
    expect(band.get_by_text("Louise A.", exact=True)).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    accessible(phone)
