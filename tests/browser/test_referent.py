"""The referent: this month against the last one and the baseline, in one activation after the sign-in page."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coordination.deadlines import at_paris
from coordination.models import Organisation, Role
from coordination.selectors.indicators_counts import first_open_month
from coordination.services import publications
from tests.browser.helpers import Clicks, sign_in
from tests.coordination import world
from tests.factories import past

Accessible = Callable[[Page], None]


@pytest.fixture
def referent(ward: world.Ward) -> None:
    cpam = Organisation.objects.create(kind="CPAM", name="CPAM d'essai", finess="997800412")
    world.user("cpam", Role.CPAM, cpam)


def a_year(ward: world.Ward) -> None:
    """Five closed months of one maternity, improving, as the hourly task published them."""
    chance, month = random.Random(5), first_open_month(timezone.now())
    for step in range(5):
        month = (month - timedelta(days=1)).replace(day=1)
        days: list[datetime] = [at_paris(month.replace(day=1 + i % 28), time(11)) for i in range(150)]
        mothers = [past.ordinary(day, chance, progress=1 - step / 5) for day in days]
        past.record(mothers, maternity=ward.maternity, midwife=ward.midwife, sender=ward.secretary)
    publications.publish_closed_months(timezone.now())


def test_the_page_is_read_in_one_activation(
    page: Page, site: str, ward: world.Ward, referent: None, clicks: Clicks, accessible: Accessible
) -> None:
    # Given a territory with a history
    a_year(ward)

    # When the referent signs in
    sign_in(page, site, "cpam")
    clicks.count += 1  # « Se connecter »

    # Then the result for the mothers is there, against the last month and the baseline
    expect(page.get_by_role("heading", name="Indicateurs du territoire", level=1)).to_be_visible()
    first = page.locator(".p-key").first
    expect(first).to_contain_text("Lettre de liaison lue avant la première visite")
    expect(first).to_contain_text("Référence")
    assert clicks.count == 1
    accessible(page)

    # And the definition is one activation away
    first.get_by_text("Définition").click()
    expect(first.get_by_text("Dénominateur")).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="Maternités").click()
    expect(page.get_by_role("heading", name="Un indicateur, maternité par maternité")).to_be_visible()
    accessible(page)


def test_small_numbers_say_so_calmly(phone: Page, site: str, referent: None, accessible: Accessible) -> None:
    sign_in(phone, site, "cpam")
    expect(phone.get_by_text("Effectifs trop faibles pour être montrés (moins de 11)")).to_be_visible()
    accessible(phone)
