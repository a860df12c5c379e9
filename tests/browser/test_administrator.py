"""The administrator: a channel stopped and restarted, an account opened, every page within reach of everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from coordination.lifecycles import ShipmentStatus
from coordination.models import AuditEntry, Role, Shipment
from coordination.services import documents
from tests.browser.helpers import Clicks, deliver, sign_in
from tests.coordination import world
from tests.fakes import FakeChannel

Accessible = Callable[[Page], None]
PAGES = (
    "administration", "admin_sites", "admin_site_new", "admin_professionals", "admin_professional_new",
    "admin_mailboxes", "admin_accounts", "admin_account_new", "admin_delegations", "admin_delegation_new",
    "admin_channels", "admin_certificates", "service_state",
)  # fmt: skip


@pytest.fixture
def admin(ward: world.Ward) -> None:
    world.user("admin", Role.ADMINISTRATOR, ward.cpts)


def test_a_channel_is_stopped_then_restarted(
    page: Page,
    site: str,
    ward: world.Ward,
    admin: None,
    fakes: dict[str, FakeChannel],
    clicks: Clicks,
    accessible: Accessible,
) -> None:
    # Given a letter about to leave, and the administrator
    documents.validate(world.letter(ward, world.stay(ward)), by=ward.doctor_user)
    sign_in(page, site, "admin")
    expect(page.get_by_role("heading", name="Administration", level=1)).to_be_visible()
    accessible(page)

    # When she stops the DMP with its reason
    clicks.press(page.get_by_role("link", name="Canaux", exact=True).first)
    panel = page.locator("section", has=page.get_by_role("heading", name="DMP", exact=True))
    clicks.press(panel.get_by_text("Arrêter ce canal"))
    clicks.type(panel.get_by_label("Motif de l’arrêt"), "Maintenance")
    accessible(page)
    clicks.press(panel.get_by_role("button", name="Arrêter", exact=True))

    # Then nothing leaves by it, and the page says who stopped it and why
    expect(page.get_by_text("Arrêté par")).to_contain_text("Maintenance")
    assert clicks.count == 3
    accessible(page)
    deliver()
    assert Shipment.objects.get(channel="dmp").status == ShipmentStatus.QUEUED
    assert Shipment.objects.get(channel="mssante").status == ShipmentStatus.ACCEPTED

    # And restarting is one activation: what waited leaves
    clicks.press(page.get_by_role("button", name="Remettre en marche"))
    expect(page.get_by_text("Canal remis en marche")).to_be_visible()
    deliver()
    assert Shipment.objects.get(channel="dmp").status == ShipmentStatus.ACCEPTED
    acts = AuditEntry.objects.filter(action__startswith="channel.").values_list("action", flat=True)
    assert list(acts) == ["channel.stopped", "channel.restarted"]


def test_an_account_is_opened_and_signs_in(
    page: Page, site: str, ward: world.Ward, admin: None, accessible: Accessible
) -> None:
    sign_in(page, site, "admin")
    page.goto(f"{site}{reverse('admin_account_new')}")
    for label, text in (("Identifiant", "nadia"), ("Prénom", "Nadia"), ("Adresse électronique", "n@perinat.example")):
        page.get_by_label(label).fill(text)
    page.get_by_label("Nom", exact=True).fill("OSIER")
    page.get_by_label("Rôle").select_option(label="Secrétaire de maternité")
    page.get_by_label("Site").select_option(label=ward.maternity.name)
    page.get_by_role("button", name="Ouvrir le compte").click()
    password = page.locator(".p-secret").inner_text()
    accessible(page)
    page.get_by_role("button", name="Changer d’utilisateur").click()
    sign_in(page, site, "nadia", password)
    expect(page.get_by_role("heading", name="Choisir votre mot de passe", level=1)).to_be_visible()
    accessible(page)
    page.get_by_label("Mot de passe temporaire").fill(password)
    page.get_by_label("Nouveau mot de passe", exact=True).fill("trois tilleuls au bord")
    page.get_by_label("Nouveau mot de passe, une seconde fois").fill("trois tilleuls au bord")
    page.get_by_role("button", name="Choisir ce mot de passe").click()
    expect(page.get_by_role("heading", name="Sorties du jour", level=1)).to_be_visible()


def test_a_refused_form_leads_to_its_field(page: Page, site: str, admin: None, accessible: Accessible) -> None:
    sign_in(page, site, "admin")
    page.goto(f"{site}{reverse('admin_professional_new')}")
    page.get_by_role("button", name="Enregistrer la fiche").click()
    expect(page.locator(".p-errors")).to_be_focused()
    accessible(page)
    page.get_by_role("link", name="Numéro RPPS").click()
    expect(page.get_by_label("Numéro RPPS")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_accessible_and_fits(
    page: Page, site: str, ward: world.Ward, admin: None, width: int, accessible: Accessible
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, site, "admin")
    for name in PAGES:
        page.goto(f"{site}{reverse(name)}")
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
