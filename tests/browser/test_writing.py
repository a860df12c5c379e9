"""The midwife of the ward writes a structured document on a screen: kept as she types, checked, sent."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from coordination import blobs
from coordination.lifecycles import DocumentStatus
from coordination.models import Document, Draft, Role
from tests.browser.helpers import deliver, sign_in
from tests.coordination import world
from tests.coordination.services import written
from tests.fakes import FakeChannel

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


def test_a_sent_summary_is_corrected(
    page: Page, phone: Page, site: str, ward: world.Ward, fakes: dict[str, FakeChannel], accessible: Accessible,
    settings: object,
) -> None:  # fmt: skip
    # Given a summary that its midwife sent, and that was received
    settings.UNDO_SECONDS = 0  # type: ignore[attr-defined]
    stay = world.stay(ward)
    document = written.sent(stay, written.writer(ward, name="hospitaliere"))
    deliver()

    # The secretary reads who can correct it
    sign_in(phone, site, "secretaire")
    phone.goto(f"{site}/sejours/{stay.pk}/")
    expect(phone.get_by_text("un médecin ou une sage-femme de la maternité peut le corriger")).to_be_visible()
    expect(phone.get_by_role("button", name="Corriger")).to_have_count(0)

    # When the midwife corrects one statement, it opens with what she had written
    sign_in(page, site, "hospitaliere")
    page.goto(f"{site}/sejours/{stay.pk}/")
    page.get_by_role("button", name="Corriger").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Corriger : Synthèse Suites de Couches Mère")
    accessible(page)
    shot(page, "correction")
    page.locator("[name='body.acts.acts[0].comment']").fill("Sous péridurale, sans incident.")

    # Without a reason nothing leaves, and the page leads to it
    page.get_by_role("button", name="Valider et remplacer").click()
    expect(page.get_by_role("alert")).to_contain_text("Motif de la correction")
    accessible(page)
    shot(page, "correction-reason")
    page.get_by_label("Motif de la correction").select_option(label="Une information était inexacte")
    page.get_by_role("button", name="Valider et remplacer").dblclick()  # pressed twice: one version

    # Then the new version is on its way, once, and the old one is history
    expect(page.get_by_text("Versions (2)")).to_be_visible()
    accessible(page)
    shot(page, "correction-sent")
    deliver()
    assert document.versions.count() == 2
    assert [parcel.action.value for parcel in fakes["mssante"].kept.values()] == ["SEND", "REPLACE"]


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


def test_a_physician_writes_the_first_certificate(
    page: Page, site: str, ward: world.Ward, accessible: Accessible
) -> None:
    """On a telephone: what is not known is ticked as such, and is kept."""
    stay = world.stay(ward)
    page.set_viewport_size({"width": 360, "height": 780})
    sign_in(page, site, "medecin")
    page.goto(f"{site}/sejours/{stay.pk}/")
    for opened in page.get_by_text("Écrire un document").all():
        opened.click()
    page.get_by_role("button", name="Premier certificat de santé").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Premier certificat de santé")
    page.locator("[name='body.habits.alcohol@inconnu']").check()
    page.locator("[name='body.habits.other_addiction']").select_option(label="Non précisé")
    page.locator("[name='body.habits.tobacco']").fill("3")
    page.locator("[name='body.habits.tobacco']").blur()
    expect(page.get_by_role("status").filter(has_text="à compléter")).to_be_visible()
    accessible(page)
    shot(page, "certificate")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.reload()
    expect(page.locator("[name='body.habits.alcohol@inconnu']")).to_be_checked()
    expect(page.locator("[name='body.habits.other_addiction']")).to_have_value("unknown")
    page.get_by_role("button", name="Valider et envoyer").click()
    expect(page.get_by_role("alert")).to_contain_text("à compléter ou à corriger")
    kept = blobs.read_json(Draft.objects.get().body)
    assert kept["habits"] == {"alcohol": "unknown", "other_addiction": "unknown", "tobacco": 3}


def test_a_history_is_dated_as_people_say_it(page: Page, site: str, ward: world.Ward, accessible: Accessible) -> None:
    """« 2008 » is a date that a form takes; « été 2008 » is kept, and told."""
    stay = world.stay(ward)
    sign_in(page, site, "medecin")
    page.goto(f"{site}/sejours/{stay.pk}/")
    page.get_by_text("Écrire un document").first.click()
    page.get_by_role("button", name="Synthèse antepartum").click()
    named = "body.problems.bleeding"
    page.locator(f"[name='{named}.present']").select_option(label="Oui")
    page.locator(f"[name='{named}.date']").fill("08/2025")
    page.locator("[name='body.problems.false_labour.date']").fill("été 2025")
    page.get_by_role("button", name="Enregistrer et vérifier").click()
    expect(page.locator(f"[name='{named}.date']")).to_have_value("08/2025")
    expect(page.locator("[name='body.problems.false_labour.date']")).to_have_value("été 2025")
    expect(page.locator("#body-problems-false-labour-date-erreur")).to_contain_text("date")
    accessible(page)
    shot(page, "antepartum")
    assert blobs.read_json(Draft.objects.get().body)["problems"]["bleeding"] == {"present": True, "date": "2025-08"}
