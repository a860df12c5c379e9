"""« En attente d'INS » on a phone and at the keyboard: who waits, what comes next, the piece that was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coordination.models import InsStatus, Person
from coordination.services import ins_questions
from perinat.connectors.insi.sandbox.server import InsiSandbox
from tests.browser.helpers import sign_in
from tests.coordination import world
from tests.coordination.services.ins import CONNECTOR, publish, tick, waits
from tests.fakes import FakeChannel

Accessible = Callable[[Page], None]


@pytest.fixture
def insi(settings: object) -> Iterator[InsiSandbox]:
    with InsiSandbox() as sandbox:
        settings.IDENTITY_SERVICE, settings.INSI_URL = CONNECTOR, sandbox.url  # type: ignore[attr-defined]
        settings.IDENTITY_HOURS = [0, 24]  # type: ignore[attr-defined]
        yield sandbox


@pytest.fixture
def child(ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox) -> Person:
    return waits(ward, days_ago=2)[0]


def fits(page: Page) -> bool:
    """No scroll to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_verified_with_the_keyboard_on_a_phone(
    phone: Page, site: str, ward: world.Ward, child: Person, accessible: Accessible
) -> None:
    # Given the secretary on her home, where the count leads to the list
    tick()
    sign_in(phone, site, "secretaire")
    link = phone.get_by_role("link", name="1 personne en attente d’INS")
    link.focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("En attente d’INS")
    expect(phone.get_by_text("Prochaine question automatique")).to_be_visible()
    assert fits(phone)
    accessible(phone)

    # When she opens the child's page and says which piece she saw, with the keyboard alone
    phone.get_by_role("link", name="Voir ce qui peut être fait").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("INS à compléter")
    assert fits(phone)
    accessible(phone)
    phone.get_by_label("Pièce vue").focus()
    phone.keyboard.press("E")
    phone.keyboard.press("Tab")
    expect(phone.get_by_role("button", name="Les traits sont identiques à la pièce")).to_be_focused()
    phone.keyboard.press("Enter")

    # Then it is said, and nothing more is asked of her
    expect(phone.get_by_text("L’identité est vérifiée")).to_be_visible()
    expect(phone.get_by_label("Pièce vue")).to_have_count(0)
    assert fits(phone)
    accessible(phone)
    child.refresh_from_db()
    assert child.ins_status == InsStatus.VALI


def test_two_identities_side_by_side(
    page: Page, phone: Page, site: str, ward: world.Ward, child: Person, insi: InsiSandbox, accessible: Accessible
) -> None:
    publish(insi, child, given="JULES OSCAR")
    ins_questions.ask_now(child, child.newborn.stay, by=ward.secretary, now=timezone.now())
    assert tick() == ["DIFFERENT"]
    for opened in (page, phone):
        sign_in(opened, site, "secretaire")
        opened.goto(f"{site}/attente-ins/")
        opened.get_by_role("link", name="Comparer").click()
        expect(opened.get_by_role("heading", name="Est-ce la même personne ?")).to_be_visible()
        expect(opened.get_by_text("JULES OSCAR")).to_be_visible()
        assert fits(opened)
        accessible(opened)
    page.get_by_text("Même personne : reprendre").focus()
    page.keyboard.press("Enter")
    accessible(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Il reste à vérifier l’identité sur une pièce", exact=False).first).to_be_visible()
    child.refresh_from_db()
    assert (child.birth_given_names, child.ins_status) == ("JULES OSCAR", InsStatus.RECUP)


def test_nothing_waits(page: Page, site: str, ward: world.Ward, accessible: Accessible) -> None:
    sign_in(page, site, "secretaire")
    page.get_by_role("link", name="Attente d’INS").click()
    expect(page.get_by_text("Aucun document n’attend d’INS")).to_be_visible()
    accessible(page)
