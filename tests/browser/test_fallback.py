"""A sending that reached no address, in a browser: told as one line, settled by one activation, read with a code."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coordination.models import Mailbox, Professional, Role, Shipment, Stay
from coordination.ports import PermanentChannelError
from tests.browser.helpers import Clicks, sign_in
from tests.coordination import world
from tests.coordination.services.helpers import RPPS, deliver, validated
from tests.fakes import FakeChannel

SHOTS = os.environ.get("PERINAT_SCREENSHOTS", "")
NO_SCROLL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
FULL = PermanentChannelError("552 5.2.2", "La boîte du destinataire est pleine.")
CLOSED = PermanentChannelError("550 5.1.1", "La boîte du destinataire n'existe pas.")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def last(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Shipment:
    """A full box, waited for in vain, then the closed one of the practice."""
    validated(ward, world.stay(ward))
    Mailbox.objects.create(address="cabinet@essai.mssante.example", kind="CAB", organisation=ward.practice)
    for error in (FULL, FULL, CLOSED):
        fakes["mssante"].failures = [error]
        deliver(Shipment.objects.filter(channel="mssante").latest("created_at"))
    made = Professional.objects.create(rpps=RPPS[1], given_name="Inès", family_name="HOUX", organisation=ward.practice)
    world.user("ville", Role.MIDWIFE, ward.practice, made)
    return Shipment.objects.filter(channel="mssante").latest("created_at")


def test_from_the_list_to_the_sheet_to_the_reading(
    page: Page, site: str, last: Shipment, clicks: Clicks, accessible: object
) -> None:
    sign_in(page, site, "secretaire")
    expect(page.get_by_role("button", name="Remis en main propre")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    shot(page, "remise-liste")
    page.goto(f"{site}/sejours/{Stay.objects.get().pk}/")
    expect(page.get_by_text("refusée (boîte pleine) →")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    shot(page, "remise-sejour")
    clicks.press(page.get_by_role("link", name="Remettre"))
    expect(page.get_by_role("heading", name="Remettre sur papier")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    shot(page, "remise")
    clicks.press(page.get_by_role("button", name="Créer la feuille et son code"))
    expect(page.get_by_role("heading", name="À remettre à Claire AUBÉPINE")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    page.emulate_media(media="print")
    shot(page, "remise-feuille")
    page.emulate_media(media="screen")
    drawn = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{3}", page.locator("main").inner_text())
    assert drawn is not None
    page.context.clear_cookies()
    sign_in(page, site, "ville")
    clicks.press(page.get_by_role("link", name="J’ai un code"))
    page.get_by_label("Code de la feuille").fill("AAAAA-AAAAA-AAA")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ce code n'ouvre rien")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    page.get_by_label("Code de la feuille").fill(drawn.group().lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Lire")).to_be_visible()
    assert drawn.group() not in page.url
    accessible(page)  # type: ignore[operator]
    shot(page, "remise-lecture")
    assert clicks.count == 3


def test_on_a_phone(phone: Page, site: str, last: Shipment) -> None:
    sign_in(phone, site, "secretaire")
    for name, address in (
        ("liste", "/sorties/"),
        ("sejour", f"/sejours/{Stay.objects.get().pk}/"),
        ("remise", f"/sejours/envoi/{last.pk}/papier/"),
    ):
        phone.goto(site + address)
        shot(phone, f"telephone-{name}")
        assert phone.evaluate(NO_SCROLL), address
    phone.get_by_role("button", name="Créer la feuille et son code").click()
    expect(phone.get_by_role("heading", name="À remettre à")).to_be_visible()
    shot(phone, "telephone-feuille")
    assert phone.evaluate(NO_SCROLL)
    phone.context.clear_cookies()
    sign_in(phone, site, "ville")
    phone.goto(f"{site}/code/")
    shot(phone, "telephone-code")
    assert phone.evaluate(NO_SCROLL)
