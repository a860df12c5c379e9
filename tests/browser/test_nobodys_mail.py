"""A box that no site owns, in a browser: the administrator gives it to a site with a thumb; words alone are read."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from coordination.models import Organisation, Role
from tests.browser.helpers import sign_in
from tests.coordination import world
from tests.coordination.services.letters_in import arrive, cda
from tests.fakes import FakeChannel
from tests.mssante.archives import archive, with_archive
from tests.mssante.mails import plain

SHOTS = os.environ.get("PERINAT_SCREENSHOTS", "")
NO_SCROLL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_given_to_a_site_with_a_thumb(phone: Page, site: str, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    world.stay(ward)
    world.user("admin", Role.ADMINISTRATOR, ward.cpts)
    Organisation.objects.filter(pk=ward.maternity.pk).update(mailbox="")
    words = plain("Rendez-vous", body="Pouvez-vous rappeler cette patiente ?")
    arrive(fakes, with_archive(archive(cda())), words, mailbox="perdue@essai.mssante.example")
    sign_in(phone, site, "admin")
    phone.get_by_role("link", name="Voir les boîtes").click()
    expect(phone.get_by_text("2 messages, le premier arrivé")).to_be_visible()
    shot(phone, "boites-sans-site-telephone")
    assert phone.evaluate(NO_SCROLL)
    phone.get_by_role("button", name="Donner cette boîte").click()
    expect(phone.get_by_text("2 messages remis à ce site")).to_be_visible()
    phone.context.clear_cookies()
    sign_in(phone, site, "secretaire")
    phone.goto(f"{site}/courrier/")
    phone.get_by_role("link", name="Ouvrir et classer").click()
    expect(phone.get_by_text("Pouvez-vous rappeler cette patiente ?")).to_be_visible()
    shot(phone, "message-sans-document-telephone")
    assert phone.evaluate(NO_SCROLL)
