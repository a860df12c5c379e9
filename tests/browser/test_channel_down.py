"""A DMP that does not answer: the ward is told that nothing is lost, the administrator when it is tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coordination.models import ChannelBreaker, ChannelSwitch, Role
from coordination.services import documents
from tests.browser.helpers import sign_in
from tests.coordination import world
from tests.fakes import FakeChannel

Accessible = Callable[[Page], None]
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
SILENT = "Le DMP ne répond plus depuis"
NOTHING_LOST = "rien n’est perdu, les envois reprendront seuls"


@pytest.fixture
def silent(ward: world.Ward, fakes: dict[str, FakeChannel]) -> ChannelBreaker:
    """A letter waits, and the breaker of the DMP is open."""
    world.user("admin", Role.ADMINISTRATOR, ward.cpts)
    documents.validate(world.letter(ward, world.stay(ward)), by=ward.doctor_user)
    now = timezone.now()
    return ChannelBreaker.objects.create(
        channel="dmp",
        failures=7,
        since=now,
        opened_at=now,
        probe_at=now + timedelta(minutes=3),
        last_code="UNREACHABLE",
    )


def test_the_ward_is_told_once_and_calmly(
    phone: Page, site: str, silent: ChannelBreaker, accessible: Accessible
) -> None:
    sign_in(phone, site, "secretaire")
    told = phone.get_by_role("note").filter(has_text=SILENT)
    expect(told).to_have_count(1)
    expect(told).to_contain_text(NOTHING_LOST)
    assert not phone.evaluate(WIDE)
    accessible(phone)
    silent.delete()
    phone.reload()
    expect(phone.get_by_text(SILENT)).to_have_count(0)


def test_the_administrator_knows_what_happens_next(
    phone: Page, site: str, silent: ChannelBreaker, accessible: Accessible
) -> None:
    sign_in(phone, site, "admin")
    expect(phone.get_by_text("DMP ne répond plus")).to_be_visible()
    phone.goto(f"{site}/administration/canaux/")
    panel = phone.get_by_role("region", name="DMP", exact=True)
    expect(panel.get_by_text("Ne répond plus", exact=True)).to_be_visible()
    expect(panel.get_by_role("note")).to_contain_text("Prochain essai")
    expect(panel.get_by_role("note")).to_contain_text("UNREACHABLE")
    assert not phone.evaluate(WIDE)
    accessible(phone)


def test_the_reason_of_a_stop_is_told_to_the_ward(
    page: Page, site: str, silent: ChannelBreaker, ward: world.Ward
) -> None:
    ChannelSwitch.objects.create(
        channel="dmp", stopped=True, reason="Maintenance", changed_by=ward.secretary, changed_at=timezone.now()
    )
    sign_in(page, site, "secretaire")
    told = page.get_by_role("note").filter(has_text="Maintenance")
    expect(told).to_contain_text("Rien n’est perdu")
    expect(page.get_by_text(SILENT)).to_have_count(0)
