"""A paper replaced at the keyboard and with the mouse: form, look, confirmation, and what the midwife then sees."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coordination.models import Delegation, Document
from coordination.papers.specimen_texts import Kind
from coordination.services import readings
from tests.browser.helpers import Clicks, deliver, read_papers, sign_in
from tests.coordination import world
from tests.coordination.services.helpers import deliver_all, validated
from tests.factories import papers
from tests.fakes import FakeChannel

Accessible = Callable[[Page], None]


@pytest.fixture
def letter(ward: world.Ward, fakes: dict[str, FakeChannel], settings: object) -> Document:
    """Received and read by the midwife; the secretary has a delegation."""
    settings.UNDO_SECONDS = 0  # type: ignore[attr-defined]
    today = timezone.localdate()
    Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
        recorded_by=ward.secretary,
    )  # fmt: skip
    made = validated(ward, world.stay(ward))
    deliver_all()
    readings.open_version(made.current_version, by=ward.midwife_user)
    return made


def test_a_letter_is_replaced(
    page: Page, phone: Page, site: str, ward: world.Ward, letter: Document, clicks: Clicks, accessible: Accessible
) -> None:
    # Given the secretary on the page of the stay
    sign_in(page, site, "secretaire")
    page.goto(f"{site}/sejours/{letter.stay_id}/")
    clicks.press(page.get_by_role("link", name="Remplacer"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Remplacer")
    accessible(page)

    # When she forgets the reason, the page says so and takes her there
    page.get_by_role("button", name="Voir avant de remplacer").click()
    expect(page.get_by_role("alert")).to_contain_text("Motif du remplacement")
    accessible(page)

    # Then she chooses the file and the reason with the keyboard alone
    file = {"name": "corrigee.pdf", "mimeType": "application/pdf", "buffer": papers.paper(Kind.LLS, letter.person)}
    page.get_by_label("Nouveau fichier").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_label("Motif du remplacement").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Le poids de sortie")
    page.keyboard.press("Enter")
    expect(page.get_by_text("en cours de lecture")).to_be_visible()
    read_papers()
    expect(page.get_by_role("button", name="Remplacer et envoyer")).to_be_visible()
    expect(page.get_by_text("Claire AUBÉPINE : remplace la version déjà reçue")).to_be_visible()
    accessible(page)
    clicks.press(page.get_by_role("button", name="Remplacer et envoyer"))
    expect(page.get_by_text("Le papier est remplacé.")).to_be_visible()
    deliver()
    page.reload()
    expect(page.get_by_text("Lue (version précédente) par Claire AUBÉPINE")).to_be_visible()
    page.get_by_text("Versions (2)").click()
    expect(page.get_by_text("Le poids de sortie")).to_be_visible()
    accessible(page)
    assert clicks.count == 2

    # And the midwife, on her phone, opens the newest and reads why
    sign_in(phone, site, "sagefemme")
    phone.goto(f"{site}/documents/{letter.pk}/")
    expect(phone.get_by_text("Une information était inexacte").first).to_be_visible()
    expect(phone.get_by_text("Le poids de sortie")).to_have_count(0)
    accessible(phone)
