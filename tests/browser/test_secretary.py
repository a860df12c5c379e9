"""The secretary: a pack dropped and sent in two activations; a paper without code in five."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, FilePayload, Page, expect

from coordination.lifecycles import DepositStatus, DocumentStatus, ShipmentStatus
from coordination.models import Delegation, Deposit, Document, Shipment, Stay
from coordination.papers import specimen_variants
from coordination.papers.specimen_texts import Kind
from coordination.services import stays
from perinat.standards import oids
from perinat.standards.identifiers import Ins, ins_key
from tests.browser.helpers import Clicks, deliver, read_papers, sign_in
from tests.coordination import world
from tests.factories import papers
from tests.fakes import FakeChannel

CHILD = Ins("1260399350001" + ins_key("1260399350001"), oids.INS_NIR_TEST)
Accessible = Callable[[Page], None]


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    """A mother and her son, both with a qualified INS, and a delegation of the doctor."""
    today = timezone.localdate()
    Delegation.objects.create(
        professional=ward.doctor,
        organisation=ward.maternity,
        starts_on=today,
        ends_on=today,
        recorded_by=ward.secretary,
    )
    made = world.stay(ward)
    stays.qualify(made.newborns.get().person, CHILD, by=ward.secretary)
    return made


def payloads(files: list[tuple[str, bytes]]) -> list[FilePayload]:
    return [{"name": name, "mimeType": "application/pdf", "buffer": data} for name, data in files]


def test_a_pack_is_sent_in_two_activations(
    page: Page,
    site: str,
    ward: world.Ward,
    stay: Stay,
    fakes: dict[str, FakeChannel],
    clicks: Clicks,
    accessible: Accessible,
) -> None:
    # Given the secretary on her list
    sign_in(page, site, "secretaire")
    expect(page.get_by_role("heading", name="Sorties du jour", level=1)).to_be_visible()
    accessible(page)

    # When she drops the four papers, perinat reads them and the page tells her so by itself
    clicks.drop(page, payloads(papers.pack(stay)))
    expect(page.get_by_text("4 papiers en cours de lecture")).to_be_visible()
    read_papers()
    expect(page.get_by_text("4 papiers prêts")).to_be_visible()
    expect(page.get_by_text("Verront ces papiers : DMP ; Claire AUBÉPINE, sage-femme choisie")).to_be_visible()
    accessible(page)
    clicks.press(page.get_by_role("button", name="Envoyer"))

    # Then everything leaves, and the list says it in words
    expect(page.get_by_text("4 papiers partent.")).to_be_visible()
    deliver()
    page.reload()
    expect(page.get_by_text("Envoyée au DMP et à 1 professionnel")).to_be_visible()
    accessible(page)
    assert clicks == Clicks(count=2, typed=0)
    assert len(fakes["dmp"].kept) == 2 and len(fakes["mssante"].kept) == 2  # the mother and the child, apart
    assert not Shipment.objects.exclude(status=ShipmentStatus.ACCEPTED).exists()


def test_a_paper_without_code_takes_five_activations_at_most(
    page: Page, site: str, ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], clicks: Clicks
) -> None:
    # Given a delivery report on which no code can be read
    person = papers.on_paper(stay.mother)
    unreadable = papers.specimens.paper(
        Kind.CRA, person=person, ward=papers.WARD, author=papers.AUTHOR, written_at=papers.WRITTEN_AT, code=""
    )
    sign_in(page, site, "secretaire")

    # When she drops it, searches by the first letters and chooses the mother and the type
    clicks.drop(page, payloads([("scan.pdf", unreadable)]))
    read_papers()
    question = page.locator(".p-question").filter(has_text="scan.pdf")
    expect(question).to_be_visible()
    clicks.type(question.get_by_label("premières lettres"), "aca")
    clicks.choose(question.get_by_label("Type de papier"), "CR d'accouchement")
    clicks.press(question.get_by_role("button", name="Mme ACACIA Louise"))
    clicks.press(page.get_by_role("button", name="Envoyer"))

    # Then it has left, for her
    expect(page.get_by_text("1 papier part.")).to_be_visible()
    assert clicks.count <= 5 and clicks.typed <= 10
    assert Document.objects.get().person == stay.mother


def test_enter_in_the_search_searches_and_files_nothing(
    page: Page, site: str, ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], accessible: Accessible
) -> None:
    # Given a paper without code which proposes its candidates, its type already chosen
    person = papers.on_paper(stay.mother)
    unreadable = papers.specimens.paper(
        Kind.CRA, person=person, ward=papers.WARD, author=papers.AUTHOR, written_at=papers.WRITTEN_AT, code=""
    )
    sign_in(page, site, "secretaire")
    Clicks().drop(page, payloads([("JULES_ACACIA.pdf", unreadable)]))
    read_papers()
    question = page.locator(".p-question")
    expect(question.get_by_role("button", name="C’est pour").first).to_be_visible()
    question.get_by_label("Type de papier").select_option(label="CR d'accouchement")

    # When she types the name of another person and presses Enter
    question.get_by_label("premières lettres").fill("aca")
    question.get_by_label("premières lettres").press("Enter")

    # Then the page of the paper shows who was found, and nothing is filed
    expect(page.get_by_role("heading", name="Papier à vérifier", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Mme ACACIA Louise, 12/04/1993")).to_be_visible()
    accessible(page)
    assert Deposit.objects.get().status == DepositStatus.TO_CHECK


def test_a_refresh_waits_while_somebody_types(
    page: Page, site: str, ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]
) -> None:
    # Given one paper to check, and another being read
    sign_in(page, site, "secretaire")
    person = papers.on_paper(stay.mother)
    unreadable = papers.specimens.paper(
        Kind.CRA, person=person, ward=papers.WARD, author=papers.AUTHOR, written_at=papers.WRITTEN_AT, code=""
    )
    Clicks().drop(page, payloads([("scan.pdf", unreadable)]))
    read_papers()
    Clicks().drop(page, payloads([("lettre.pdf", papers.paper(Kind.LLS, stay.mother))]))
    field = page.get_by_label("premières lettres")
    field.fill("zz")

    # When the reading ends while she types, then her field stays as it is
    read_papers()
    page.wait_for_timeout(3000)
    expect(field).to_be_focused()
    expect(field).to_have_value("zz")
    expect(page.get_by_text("1 papier en cours de lecture")).to_be_visible()

    # When she has emptied it and left it, the region follows, and says so outside of itself
    field.fill("")
    field.blur()
    expect(page.get_by_text("1 papier prêt", exact=True)).to_be_visible()
    expect(page.locator("#annonce")).to_have_text("Tous les papiers déposés sont lus.")


def test_a_computer_that_wakes_up_locks_at_the_first_touch(page: Page, site: str, ward: world.Ward) -> None:
    sign_in(page, site, "secretaire")
    expect(page.get_by_role("heading", name="Sorties du jour", level=1)).to_be_visible()
    page.clock.set_system_time(timezone.now() + timedelta(minutes=16))
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Poste verrouillé")).to_be_visible()


def test_locked_in_one_tab_is_hidden_in_the_other(page: Page, site: str, ward: world.Ward) -> None:
    sign_in(page, site, "secretaire")
    other = page.context.new_page()
    other.goto(f"{site}/sorties/")
    page.get_by_role("button", name="Verrouiller").click()
    expect(other.get_by_role("heading", name="Sorties du jour")).to_have_count(0)
    expect(other.get_by_label("Mot de passe")).to_be_visible()


def test_a_session_ended_elsewhere_hides_the_page(page: Page, site: str, ward: world.Ward) -> None:
    sign_in(page, site, "secretaire")
    expect(page.get_by_role("heading", name="Sorties du jour", level=1)).to_be_visible()
    Session.objects.all().delete()
    page.clock.set_system_time(timezone.now() + timedelta(minutes=3))
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Connexion", level=1)).to_be_visible()


def test_two_identities_in_one_file_are_cut_before_anything_leaves(
    page: Page, site: str, ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], clicks: Clicks
) -> None:
    child = stay.newborns.get().person
    joined = specimen_variants.joined([papers.paper(Kind.LLS, stay.mother), papers.paper(Kind.CHILD_EXAM, child)])
    sign_in(page, site, "secretaire")
    clicks.drop(page, payloads([("deux.pdf", joined)]))
    read_papers()
    expect(page.get_by_role("button", name="Couper en 2 papiers")).to_be_visible()
    expect(page.get_by_role("button", name="Envoyer")).to_have_count(0)

    clicks.press(page.get_by_role("button", name="Couper en 2 papiers"))
    read_papers()
    expect(page.get_by_text("2 papiers prêts")).to_be_visible()
    assert clicks.count == 2


def test_what_was_sent_is_taken_back_in_one_activation(
    page: Page, site: str, ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], clicks: Clicks, settings: object
) -> None:
    settings.UNDO_SECONDS = 30  # type: ignore[attr-defined]
    sign_in(page, site, "secretaire")
    clicks.drop(page, payloads([("lettre.pdf", papers.paper(Kind.LLS, stay.mother))]))
    read_papers()
    clicks.press(page.get_by_role("button", name="Envoyer"))
    expect(page.get_by_text("Annulation possible encore")).to_be_visible()

    clicks.press(page.get_by_role("button", name="Annuler l’envoi"))

    expect(page.get_by_text("de nouveau dans « Papiers prêts »")).to_be_visible()
    deliver()
    assert fakes["dmp"].kept == {} and fakes["mssante"].kept == {}
    assert Document.objects.get().status == DocumentStatus.WITHDRAWN


def test_it_works_with_the_keyboard_alone(
    page: Page, site: str, ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], clicks: Clicks
) -> None:
    sign_in(page, site, "secretaire")
    clicks.drop(page, payloads([("lettre.pdf", papers.paper(Kind.LLS, stay.mother))]))
    read_papers()
    expect(page.get_by_role("button", name="Envoyer")).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "envoyer":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 papier part.")).to_be_visible()


def test_the_page_fits_a_phone(phone: Page, site: str, ward: world.Ward, stay: Stay, accessible: Accessible) -> None:
    sign_in(phone, site, "secretaire")
    expect(phone.get_by_role("heading", name="Sorties du jour", level=1)).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    accessible(phone)


def test_it_works_without_javascript(
    browser: Browser, site: str, ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], settings: object
) -> None:
    """The same pack by plain forms: drop, refresh, send, take back."""
    settings.UNDO_SECONDS = 30  # type: ignore[attr-defined]
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.set_default_timeout(10_000)
    sign_in(page, site, "secretaire")
    page.get_by_label("Déposer des papiers").set_input_files(
        payloads([("lettre.pdf", papers.paper(Kind.LLS, stay.mother))])
    )
    page.get_by_role("button", name="Déposer", exact=True).click()
    read_papers()
    page.get_by_role("link", name="Actualiser").click()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("1 papier part.")).to_be_visible()
    page.get_by_role("button", name="Annuler l’envoi").click()
    expect(page.get_by_text("de nouveau dans « Papiers prêts »")).to_be_visible()
    context.close()
