"""A box that its holder opens with Pro Santé Connect: declared with the keyboard, told to her at 360 px."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from coordination.models import Mailbox
from coordination.models.users import Role
from tests import fake_vault
from tests.browser.helpers import sign_in
from tests.coordination import world

SHOTS = os.environ.get("PERINAT_SCREENSHOTS", "")
NO_SCROLL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
BOX = "une.adresse.assez.longue.de.sage-femme@sages-femmes.mssante.example"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture(autouse=True)
def nobody(settings: Any) -> Iterator[set[str]]:
    settings.ACCESS_TOKENS, settings.PSC_DISCOVERY_URL = "tests.fake_vault", "https://psc.example/.well-known/x"
    fake_vault.SIGNED_IN.clear()
    yield fake_vault.SIGNED_IN
    fake_vault.SIGNED_IN.clear()


def test_declared_with_the_keyboard_and_told_to_her(
    page: Page, phone: Page, site: str, ward: world.Ward, accessible: Any, nobody: set[str]
) -> None:
    world.user("admin", Role.ADMINISTRATOR, ward.maternity)
    sign_in(page, site, "admin")
    page.goto(f"{site}/administration/adresses/")
    page.get_by_role("link", name="Ouvrir une boîte dans perinat").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ouvrir une boîte dans perinat")).to_be_visible()
    accessible(page)
    page.get_by_label("Adresse MSSanté").focus()
    page.keyboard.type(BOX)
    page.get_by_label("Professionnel titulaire").select_option(label=str(ward.midwife))
    shot(page, "boite-declarer")
    page.get_by_role("button", name="Ouvrir cette boîte").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Relevée ici depuis le")).to_be_visible()
    accessible(page)
    shot(page, "boites")
    assert Mailbox.objects.get(address=BOX).professional == ward.midwife

    sign_in(phone, site, "sagefemme")
    phone.goto(f"{site}/courrier/")
    expect(phone.get_by_text("n’est pas relevée en ce moment")).to_be_visible()
    expect(phone.get_by_role("link", name="Se connecter avec Pro Santé Connect")).to_be_visible()
    shot(phone, "boite-fermee-telephone")
    assert phone.evaluate(NO_SCROLL)
    nobody.add(str(ward.midwife_user.pk))
    phone.reload()
    expect(phone.get_by_text("est relevée tant que")).to_be_visible()
    shot(phone, "boite-ouverte-telephone")
    accessible(phone)
