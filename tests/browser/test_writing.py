"""The midwife of the ward writes a structured document on a screen: kept as she types, checked, sent."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from coordination import blobs
from coordination.lifecycles import DocumentStatus
from coordination.models import Document, Draft, Role
from tests.browser.helpers import sign_in
from tests.coordination import world

Accessible = Callable[[Page], None]
SHOTS = os.environ.get("PERINAT_SHOTS", "")  # a folder: the pages are drawn there, to be looked at


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_a_summary_is_written_and_leaves(page: Page, site: str, ward: world.Ward, accessible: Accessible) -> None:
    # Given a mother in the ward, and its midwife
    person = world._professional("89900001093", "Iris", "NOISETIER", "G15_50", ward.maternity)
    world.user("hospitaliere", Role.HOSPITAL_MIDWIFE, ward.maternity, person)
    stay = world.stay(ward)
    sign_in(page, site, "hospitaliere")
    page.goto(f"{site}/sejours/{stay.pk}/")
    page.get_by_text("Écrire un document").first.click()
    accessible(page)
    page.get_by_role("button", name="Synthèse Suites de Couches Mère").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Synthèse Suites de Couches Mère")
    accessible(page)
    shot(page, "writing-empty")

    # When she types, what she typed is kept without any button
    page.locator("[name='body.acts.acts[0].act.code']").fill("JNMD002")
    page.locator("[name='body.acts.acts[0].act.label']").fill("Révision de la cavité de l'utérus")
    page.locator("[name='body.acts.acts[0].act.label']").blur()
    expect(page.get_by_role("status").filter(has_text="à compléter")).to_be_visible()
    kept = blobs.read_json(Draft.objects.get().body)
    assert kept["acts"]["acts"][0]["act"]["code"] == "JNMD002"

    # Finishing too early leads to what is missing
    page.get_by_role("button", name="Valider et envoyer").click()
    expect(page.get_by_role("alert")).to_contain_text("à compléter ou à corriger")
    accessible(page)
    shot(page, "writing-missing")
    page.locator("[name='body.events.problems[0].problem.code']").fill("O70.0")  # proposed: its label comes with it
    page.get_by_role("button", name="Valider et envoyer").click()

    # Then it is a document like any other
    expect(
        page.get_by_text("« Synthèse Suites de Couches Mère » est terminé. Il est en cours d’envoi.")
    ).to_be_visible()
    assert Document.objects.get().status == DocumentStatus.VALIDATED


def test_it_fits_a_phone(page: Page, site: str, ward: world.Ward, accessible: Accessible) -> None:
    person = world._professional("89900001093", "Iris", "NOISETIER", "G15_50", ward.maternity)
    world.user("hospitaliere", Role.HOSPITAL_MIDWIFE, ward.maternity, person)
    stay = world.stay(ward)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, site, "hospitaliere")
    page.goto(f"{site}/sejours/{stay.pk}/")
    page.get_by_text("Écrire un document").first.click()
    page.get_by_role("button", name="Lettre de liaison").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lettre de liaison")
    accessible(page)
    shot(page, "writing-letter-360")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
