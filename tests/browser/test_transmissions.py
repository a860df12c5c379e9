"""The history of the transmissions in a browser: the head of a ward searches and exports, at 360 px too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coordination.models import Role, Stay, User
from coordination.ports import PermanentChannelError
from tests.browser.helpers import deliver, sign_in
from tests.coordination import world
from tests.coordination.services.helpers import validated
from tests.coordination.services.letters_in import letter
from tests.fakes import FakeChannel

SHOTS = os.environ.get("PERINAT_SCREENSHOTS", "")
NO_SCROLL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    """A sending refused, a document received; the doctor is the head of the ward."""
    fakes["mssante"].failures = [PermanentChannelError("550 5.7.1", "La boîte refuse ce message.")]
    User.objects.filter(pk=ward.doctor_user.pk).update(is_ward_head=True)
    stay = world.stay(ward)
    validated(ward, stay)
    letter(fakes)
    deliver()
    return stay


def test_the_head_of_the_ward_searches_and_exports(page: Page, site: str, stay: Stay, accessible: object) -> None:
    sign_in(page, site, "medecin")
    page.get_by_role("link", name="Courrier reçu").click()
    page.get_by_role("link", name="Historique des transmissions").click()
    expect(page.get_by_text("refusé : 550 5.7.1")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    shot(page, "transmissions")
    page.get_by_label("Nature").select_option("recu")
    page.get_by_role("button", name="Montrer").click()
    expect(page.get_by_text("gardé : 1 document")).to_be_visible()
    expect(page.get_by_text("refusé : 550 5.7.1")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter").click()
    assert download.value.suggested_filename == "transmissions-mssante.csv"


def test_the_administrator_reads_it_on_a_phone(phone: Page, site: str, ward: world.Ward, stay: Stay) -> None:
    world.user("admin", Role.ADMINISTRATOR, ward.cpts)
    sign_in(phone, site, "admin")
    phone.goto(f"{site}/transmissions/")
    expect(phone.get_by_text("refusé : 550 5.7.1")).to_be_visible()
    expect(phone.get_by_text("ACACIA")).to_have_count(0)
    shot(phone, "transmissions-telephone")
    assert phone.evaluate(NO_SCROLL)
