"""« Écrire à la mère » in a browser: five activations from the home to a message that leaves, at 360 px too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coordination.models import PatientLetter, PatientReply, Stay
from coordination.ports import ReceiptKind
from coordination.services import receipts
from tests.browser.helpers import Clicks, deliver, sign_in
from tests.coordination import world
from tests.coordination.services.helpers import receipt, validated
from tests.coordination.services.patient_messages import arrive, qualified_child, reply, written
from tests.fakes import FakeChannel

SHOTS = os.environ.get("PERINAT_SCREENSHOTS", "")
NO_SCROLL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    return world.stay(ward)


@pytest.fixture
def talked(ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]) -> PatientReply:
    """A message read, her answer, one that nobody has recognised, a box that refuses for the child."""
    letter = written(stay, ward.secretary, addition="C’est au sujet du rendez-vous de mardi.")
    deliver()
    receipts.store(receipt(ReceiptKind.DELIVERED, letter.shipment))
    receipts.store(receipt(ReceiptKind.DISPLAYED, letter.shipment))
    arrive(fakes, reply(letter=letter, text="Merci. Je peux venir mardi matin, mais pas avant 10 heures."))
    arrive(fakes, reply(sender="Louise A. <290057864610099@patient.mssante.fr>", number=2))
    child = written(stay, ward.secretary, "child-appointments", person=qualified_child(stay))
    deliver()
    receipts.store(receipt(ReceiptKind.BOUNCED, child.shipment, code="5.2.1"))
    return PatientReply.objects.get(letter=letter)


def test_from_the_home_to_a_message_that_leaves(
    page: Page, site: str, ward: world.Ward, stay: Stay, clicks: Clicks, accessible: object
) -> None:
    validated(ward, stay)
    deliver()  # to the DMP: she sees it in Mon espace santé
    sign_in(page, site, "secretaire")
    clicks.press(page.locator(f"a[href='/sejours/{stay.pk}/']").first)
    clicks.press(page.get_by_role("link", name="Écrire à la mère"))
    accessible(page)  # type: ignore[operator]
    shot(page, "messages-choisir")
    clicks.press(page.get_by_role("link", name="Vos documents sont disponibles"))
    accessible(page)  # type: ignore[operator]
    shot(page, "messages-ecrire")
    page.get_by_label("Ajouter quelques mots").fill("À bientôt.")
    clicks.press(page.get_by_role("button", name="Voir ce qui sera reçu"))
    expect(page.get_by_text("À bientôt.")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    shot(page, "messages-avant-d-envoyer")
    assert not PatientLetter.objects.exists()
    clicks.press(page.get_by_role("button", name="Envoyer à Mme ACACIA Louise"))
    expect(page.get_by_text("Envoi en cours")).to_be_visible()
    assert clicks.count == 5


def test_a_reply_is_dealt_with_in_three_activations(
    page: Page, site: str, talked: PatientReply, clicks: Clicks, accessible: object
) -> None:
    sign_in(page, site, "secretaire")
    clicks.press(page.get_by_role("link", name="Messages aux mères"))
    expect(page.get_by_role("heading", name="À traiter (2)")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    shot(page, "messages-liste")
    clicks.press(page.locator(f"a[href$='/reponses/{talked.pk}/']"))
    expect(page.get_by_text("pas avant 10 heures")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    shot(page, "messages-reponse")
    clicks.press(page.get_by_role("button", name="Traité"))
    expect(page.get_by_role("heading", name="À traiter (1)")).to_be_visible()
    assert clicks.count == 3


def test_on_a_phone_with_the_keyboard_alone(
    phone: Page, site: str, stay: Stay, talked: PatientReply, accessible: object
) -> None:
    sign_in(phone, site, "secretaire")
    unknown = PatientReply.objects.get(person__isnull=True)
    child = stay.newborns.get().person
    base = f"/sejours/{stay.pk}/messages"
    pages = {
        "conversation": f"{base}/{stay.mother_id}/",
        "enfant": f"{base}/{child.pk}/",
        "ecrire": f"{base}/{stay.mother_id}/ecrire/?modele=signs",
        "liste": "/messages-patientes/",
        "reponse": f"/messages-patientes/reponses/{talked.pk}/",
        "inconnue": f"/messages-patientes/reponses/{unknown.pk}/",
    }
    for name, address in pages.items():
        phone.goto(site + address)
        shot(phone, f"telephone-messages-{name}")
        assert phone.evaluate(NO_SCROLL), name
        accessible(phone)  # type: ignore[operator]
    phone.goto(site + pages["ecrire"])
    phone.get_by_role("button", name="Voir ce qui sera reçu").press("Enter")
    assert phone.evaluate(NO_SCROLL)
    shot(phone, "telephone-messages-avant")
    phone.get_by_role("button", name="Envoyer à").press("Enter")
    expect(phone.get_by_role("heading", name="Envoyé : Quand appeler, après la sortie")).to_be_visible()
