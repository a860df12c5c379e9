"""« Confidentialité »: folded, with the keyboard alone, on a phone; who will see a paper, before it leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from coordination import blobs
from coordination.lifecycles import DepositStatus
from coordination.models import Delegation, Deposit, Document, Stay
from coordination.services import confidentiality, documents
from perinat.standards import codes
from perinat.standards.confidentiality import FROM_PATIENT, FROM_REPRESENTATIVES, MASKED, SECRET
from tests.browser.helpers import Clicks, deliver, sign_in
from tests.coordination import world
from tests.coordination.services.helpers import deliver_all
from tests.fakes import FakeChannel

Accessible = Callable[[Page], None]
VOICE, HIDDEN = "#annonce-confidentialite", "invisible à la patiente pour l'instant"
SMALL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    """A mother of seventeen; the secretary has a delegation."""
    today = timezone.localdate()
    Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
        recorded_by=ward.secretary,
    )  # fmt: skip
    made = world.stay(ward)
    made.mother.birth_date = date(today.year - 17, 1, 1)
    made.mother.save()
    return made


@pytest.fixture
def paper(ward: world.Ward, stay: Stay) -> Deposit:
    """A letter read, in the tray."""
    blob = blobs.store(world.pdf_a(), media_type="application/pdf")
    return Deposit.objects.create(
        organisation=ward.maternity, deposited_by=ward.secretary, file_name="lettre.pdf", blob=blob, readable=blob,
        status=DepositStatus.READY, person=stay.mother, stay=stay, type_code=codes.LETTRE_DE_LIAISON_SORTIE.code,
    )  # fmt: skip


def test_closed_by_default_the_normal_case_is_one_activation(
    page: Page, site: str, paper: Deposit, clicks: Clicks, fakes: dict[str, FakeChannel]
) -> None:
    sign_in(page, site, "secretaire")
    expect(page.get_by_text("Confidentialité : visible, sans restriction")).to_be_visible()
    expect(page.get_by_text("Qui verra ce document ?")).to_be_hidden()
    expect(page.locator(".p-ready > div + div")).to_contain_text("ne peut plus être caché au patient ensuite")
    clicks.press(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page.get_by_text("1 papier part.")).to_be_visible()
    assert (clicks.count, clicks.typed) == (1, 0) and Document.objects.get().masks == []


def test_chosen_with_the_keyboard_alone(
    page: Page, site: str, paper: Deposit, accessible: Accessible, fakes: dict[str, FakeChannel]
) -> None:
    # Given the secretary on the fold
    sign_in(page, site, "secretaire")
    page.locator(".p-conf summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Qui verra ce document ?")).to_be_visible()
    expect(page.get_by_text("Claire AUBÉPINE, sage-femme choisie : MSSanté, perinat")).to_be_visible()
    accessible(page)

    # When she ticks « not to the patient », then « not to the professionals », with the space bar
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Ne pas montrer à la patiente pour l'instant")).to_be_focused()
    expect(page.get_by_text("Confidentialité : invisible à la patiente pour l'instant")).to_be_visible()
    expect(page.locator(".p-conf__readers li", has_text="Mme ACACIA")).to_contain_text("ne le verra pas")
    expect(page.locator(VOICE)).to_have_text(HIDDEN)  # said once the fold answers again
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")

    # Then both are refused with the reason, her ticks are still there, and nothing was kept of the second
    expect(page.get_by_text("plus personne ne pourrait le lire").first).to_be_visible()
    expect(page.locator(VOICE)).to_contain_text("plus personne ne pourrait le lire")
    expect(page.get_by_label("Masquer aux professionnels")).to_be_checked()
    accessible(page)
    assert Deposit.objects.get().masks == [FROM_PATIENT]
    page.keyboard.press("Space")
    expect(page.locator(".p-conf", has_text="plus personne ne pourrait le lire")).to_have_count(0)
    expect(page.locator(VOICE)).to_have_text(HIDDEN)

    # And the secret connection of a minor is explained, chosen, and leaves
    page.get_by_label("Connexion secrète").check()
    expect(page.get_by_text("connexion secrète").first).to_be_visible()
    expect(page.locator(".p-conf__readers li", has_text="Ses représentants")).to_contain_text("ne le verra pas")
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_text("1 papier part.")).to_be_visible()
    assert Document.objects.get().masks == [FROM_PATIENT, FROM_REPRESENTATIVES, SECRET]


def test_on_a_phone_nothing_overflows(phone: Page, site: str, paper: Deposit, accessible: Accessible) -> None:
    sign_in(phone, site, "secretaire")
    phone.locator(".p-conf summary").click()
    expect(phone.get_by_text("Qui verra ce document ?")).to_be_visible()
    assert phone.evaluate(SMALL)
    accessible(phone)


def test_without_a_script_it_is_kept_by_a_button(browser: Browser, site: str, paper: Deposit) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    sign_in(page, site, "secretaire")
    page.locator(".p-conf summary").click()
    page.get_by_label("Masquer aux professionnels").check()
    page.get_by_role("button", name="Garder ce choix").click()
    expect(page.get_by_text("Confidentialité : masqué aux professionnels").first).to_be_visible()
    context.close()
    assert Deposit.objects.get().masks == [MASKED]


def test_after_the_announcement_the_doctor_makes_it_visible(
    page: Page, phone: Page, site: str, ward: world.Ward, stay: Stay, accessible: Accessible, settings: object
) -> None:
    settings.UNDO_SECONDS = 0  # type: ignore[attr-defined]
    letter = world.letter(ward, stay)
    confidentiality.choose(letter, [FROM_PATIENT], by=ward.doctor_user)
    documents.validate(letter, by=ward.doctor_user)
    deliver_all()
    # Given the doctor on the page of the stay, which says that the patient does not see it
    sign_in(page, site, "medecin")
    page.goto(f"{site}/sejours/{stay.pk}/")
    expect(page.get_by_text("Invisible à la patiente pour l'instant")).to_be_visible()
    page.get_by_role("link", name="Qui peut le lire").click()
    accessible(page)
    # When she unticks, looks, forgets the reason, then gives it
    page.get_by_label("Ne pas montrer à la patiente").uncheck()
    page.get_by_role("button", name="Voir qui le verra alors").click()
    expect(page.get_by_text("Avec ce choix, qui verra ce document ?")).to_be_visible()
    page.get_by_role("button", name="Changer et envoyer").click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez pourquoi")
    accessible(page)
    page.get_by_label("Pourquoi cela change").select_option(label="L'annonce a été faite")
    page.get_by_role("button", name="Changer et envoyer").click()
    # Then a new version leaves, and the secretary reads why
    expect(page.get_by_text("Une nouvelle version du papier part")).to_be_visible()
    deliver()
    letter.refresh_from_db()
    assert letter.masks == []
    sign_in(phone, site, "secretaire")
    phone.goto(f"{site}/sejours/{stay.pk}/")
    phone.get_by_text("Versions (2)").click()
    expect(phone.get_by_text("L'annonce a été faite")).to_be_visible()
    phone.get_by_role("link", name="Qui peut le lire").click()
    expect(phone.get_by_text("demandez à")).to_be_visible()
    assert phone.evaluate(SMALL)
    accessible(phone)
