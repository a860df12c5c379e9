"""The 30-second card on a phone and at a desk, in print; what a letter lacks, told to the ward before it leaves."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coordination.models import Stay
from coordination.papers import specimens
from coordination.papers.specimen_texts import TYPE_CODES, Kind
from coordination.services import deposits, documents
from tests.browser.helpers import Clicks, sign_in
from tests.coordination import world
from tests.factories.papers import AUTHOR, WARD, on_paper
from tests.fakes import FakeChannel

Accessible = Callable[[Page], None]
SHOTS = os.environ.get("SHOTS", "")


def shoot(page: Page, name: str) -> None:
    """For whoever wants to look: SHOTS names a folder."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    """Louise and her twins: a letter that does not say all, the exam of the first child only."""
    born = timezone.now() - timedelta(hours=80)
    twins = (world.newborn(born, given="JULES"), world.newborn(born + timedelta(minutes=7), rank=2, given="ANNA"))
    return world.stay(ward, newborns=twins)


def written(stay: Stay, kind: Kind, person: object, **options: object) -> bytes:
    born = timezone.localtime(stay.birth_at)
    values = {"naissance": f"{born:%d/%m/%Y à %H h %M}", "poids": "3 400 g", "poids_sortie": "3 230 g (− 5 %)"}
    return specimens.paper(
        kind, person=on_paper(person), ward=WARD, author=AUTHOR, written_at=timezone.now(), values=values, **options
    )  # type: ignore[arg-type]


def drop(ward: world.Ward, stay: Stay) -> None:
    """The letter, which forgets something, and the exam of the first child, read and ready."""
    letter = written(stay, Kind.LLS, stay.mother, without=("Remise", "Allergies", "Périnée"))
    exam = written(stay, Kind.CHILD_EXAM, stay.newborns.get(rank=1).person)
    found = deposits.receive([("lettre.pdf", letter), ("examen.pdf", exam)], by=ward.secretary, stay=stay)
    for one, kind in zip(found, (Kind.LLS, Kind.CHILD_EXAM), strict=True):
        deposits.read(one.pk)
        one.refresh_from_db()
        person = stay.mother if kind is Kind.LLS else stay.newborns.get(rank=1).person
        deposits.complete(one, person=person, stay=stay, type_code=TYPE_CODES[kind], by=ward.secretary)


def send(ward: world.Ward, stay: Stay) -> None:
    for document in deposits.send(stay.deposits.all(), by=ward.secretary):
        documents.validate(document, by=ward.doctor_user)


def fits(phone: Page) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_card_in_one_tap(
    phone: Page, page: Page, site: str, ward: world.Ward, stay: Stay, clicks: Clicks, accessible: Accessible
) -> None:
    # Given a midwife whose mother's papers have arrived
    drop(ward, stay)
    send(ward, stay)
    sign_in(phone, site, "sagefemme")
    shoot(phone, "visites-360")

    # When she asks for the essentials
    clicks.press(phone.get_by_role("link", name="L’essentiel"))

    # Then mother and each twin stand apart, each value with its document, and what is not known is said
    assert clicks.count == 1
    expect(phone.get_by_role("heading", name="L’essentiel", level=1)).to_be_visible()
    mother, first, second = (phone.locator(".p-brief__who").nth(rank) for rank in range(3))
    expect(mother).to_contain_text("250 mL")
    expect(mother).to_contain_text("Non trouvé dans les documents")
    expect(first).to_contain_text("premier enfant")
    expect(first).to_contain_text("3 230 g".replace(" ", "\u202f", 1).replace(" g", "\u00a0g"))
    expect(second).not_to_contain_text("3\u202f230")
    accessible(phone)
    fits(phone)
    shoot(phone, "essentiel-360")

    # And a value leads to the page it comes from, in the document
    clicks.press(mother.get_by_role("link", name="Pertes de sang"))
    assert phone.url.endswith("?feuille=1#page-1")
    expect(phone.locator("#page-1")).to_be_visible()
    accessible(phone)
    fits(phone)
    shoot(phone, "lettre-360")

    # And at a desk the card stands beside the letter, and prints
    sign_in(page, site, "sagefemme")
    page.get_by_role("link", name="Lire la lettre").or_(page.get_by_role("link", name="Relire la lettre")).first.click()
    expect(page.get_by_role("heading", name="L’essentiel", level=2)).to_be_visible()
    accessible(page)
    shoot(page, "lettre-1280")
    page.goto(f"{site}/sejours/{stay.pk}/essentiel/")
    accessible(page)
    shoot(page, "essentiel-1280")
    page.emulate_media(media="print")
    shoot(page, "essentiel-imprime")


def test_the_ward_sees_what_the_letter_lacks(
    page: Page, phone: Page, site: str, ward: world.Ward, stay: Stay, clicks: Clicks, accessible: Accessible
) -> None:
    # Given a maternity that asks to confirm, and a letter ready to leave
    ward.maternity.letter_gate = "ACKNOWLEDGE"
    ward.maternity.save()
    drop(ward, stay)
    sign_in(page, site, "secretaire")
    line = page.get_by_text("manquent : remise à la patiente")
    expect(line).to_be_visible()

    # When the secretary opens the detail
    clicks.press(line)

    # Then it opens in place, the three weak criteria first
    expect(page.get_by_text("La trace que la lettre est remise à la patiente")).to_be_visible()
    assert clicks.count == 1
    accessible(page)
    shoot(page, "sorties-1280")
    sign_in(phone, site, "secretaire")
    shoot(phone, "sorties-360")

    # And once she has said that she saw it, it leaves for the doctor, who reads the same
    page.get_by_label("J’ai vu ce qui manque").check()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("attendent la validation")).to_be_visible()
    page.goto(f"{site}/sejours/{stay.pk}/")
    accessible(page)
    shoot(page, "sejour-1280")
    page.context.clear_cookies()
    sign_in(page, site, "medecin")
    page.goto(f"{site}/a-valider/")
    expect(page.get_by_text("manquent : remise à la patiente")).to_be_visible()
    accessible(page)
    shoot(page, "a-valider-1280")
