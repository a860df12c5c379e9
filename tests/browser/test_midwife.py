"""The libérale midwife on her phone (360 pixels): the letter in one tap, the visit in twelve, scripts or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from coordination.models import CareTeamMember, Encounter, Handover, LetterRequest, Reading, Shipment, Stay
from coordination.services import claims, documents, handovers
from tests.browser.helpers import Clicks, deliver, sign_in
from tests.coordination import world
from tests.fakes import FakeChannel

Accessible = Callable[[Page], None]
LETTER_TAPS, VISIT_TAPS = 1, 12


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    """Louise chose Claire; her letter is validated and has left."""
    stay = world.stay(ward)
    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    deliver()
    return stay


@pytest.fixture
def unscripted(browser: Browser) -> Iterator[Page]:
    """The same phone, its browser without JavaScript."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="fr-FR", timezone_id="Europe/Paris", java_script_enabled=False
    )
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    context.close()


def fits(phone: Page) -> None:
    """Nothing to scroll sideways at 360 pixels."""
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_letter_in_one_tap_and_the_ward_sees_it_read(
    phone: Page, page: Page, site: str, stay: Stay, clicks: Clicks, accessible: Accessible
) -> None:
    # Given a midwife who signs in on her phone
    sign_in(phone, site, "sagefemme")
    expect(phone.get_by_role("heading", name="Mes visites", level=1)).to_be_visible()
    expect(phone.get_by_text("Arrivée")).to_be_visible()
    accessible(phone)
    fits(phone)

    # When she opens the letter
    clicks.press(phone.get_by_role("link", name="Lire la lettre"))

    # Then it is there to read, without a PDF viewer, and the ward knows it
    sheet = phone.get_by_role("img", name="Page 1 sur 1")
    sheet.scroll_into_view_if_needed()
    expect(sheet).to_be_visible()
    expect(sheet).to_have_js_property("complete", True)
    assert sheet.evaluate("image => image.naturalWidth") > 50
    assert clicks.count == LETTER_TAPS
    accessible(phone)
    fits(phone)
    assert Reading.objects.get().version.document.stay == stay
    sign_in(page, site, "secretaire")
    page.goto(f"{site}/sejours/{stay.pk}/")
    expect(page.get_by_text("Claire AUBÉPINE").first).to_be_visible()
    expect(page.get_by_text("Lue").first).to_be_visible()


def test_a_desk_shows_the_pdf_itself(page: Page, site: str, stay: Stay, clicks: Clicks, accessible: Accessible) -> None:
    sign_in(page, site, "sagefemme")
    with page.expect_response(lambda answer: "/fichier/" in answer.url) as served:
        clicks.press(page.get_by_role("link", name="Lire la lettre"))
    assert served.value.headers["content-type"] == "application/pdf"
    assert clicks.count == LETTER_TAPS
    expect(page.locator("object[type='application/pdf']")).to_be_visible()
    expect(page.locator(".p-sheet__pages")).to_be_hidden()
    accessible(page)


def test_a_normal_visit_mother_and_child(
    phone: Page, site: str, stay: Stay, clicks: Clicks, accessible: Accessible
) -> None:
    # Given the midwife back from Louise's home
    sign_in(phone, site, "sagefemme")
    clicks.press(phone.get_by_role("link", name="Visite faite"))
    expect(phone.get_by_role("heading", name="Qui le verra")).to_be_visible()
    expect(phone.get_by_text("votre structure ne dépose pas dans le DMP")).to_be_visible()
    accessible(phone)
    fits(phone)

    # When she says that all is normal for the mother, then for the child
    clicks.press(phone.get_by_role("button", name="Tout normal"))
    clicks.press(phone.get_by_role("button", name="Valider et envoyer"))
    expect(phone.get_by_text("Synthèse validée pour Louise")).to_be_visible()
    clicks.press(phone.get_by_role("button", name="Tout normal"))
    clicks.type(phone.get_by_label("Poids (grammes)"), "3380")
    clicks.press(phone.get_by_text("Allaitement maternel"))
    clicks.press(phone.get_by_role("button", name="Valider et envoyer"))

    # Then both syntheses are on their way and the first visit is done
    expect(phone.get_by_role("heading", name="Mes synthèses pour Louise A.")).to_be_visible()
    accessible(phone)
    fits(phone)
    assert clicks.count <= VISIT_TAPS and clicks.typed <= 60
    assert Encounter.objects.count() == 2
    assert Handover.objects.get().status == "SEEN"


def test_the_synthesis_is_seen_queued(phone: Page, site: str, ward: world.Ward, stay: Stay) -> None:
    ward.practice.deposits_in_dmp = True
    ward.practice.save()
    sign_in(phone, site, "sagefemme")
    phone.get_by_role("link", name="Visite faite").click()
    phone.get_by_role("button", name="Tout normal").click()
    phone.get_by_role("button", name="Valider et envoyer").click()
    phone.goto(f"{site}/sejours/{stay.pk}/syntheses/")
    expect(phone.get_by_text("À envoyer")).to_be_visible()
    deliver()
    phone.reload()
    expect(phone.get_by_text("Acceptée par le canal")).to_be_visible()
    assert Shipment.objects.filter(organisation=ward.practice).count() == 1


def test_enter_in_a_field_never_says_all_normal(phone: Page, site: str, stay: Stay) -> None:
    sign_in(phone, site, "sagefemme")
    phone.get_by_role("link", name="Visite faite").click()
    phone.get_by_label("Suite prévue").fill("Pesée vendredi")
    with phone.expect_request(lambda one: one.method == "POST") as sent:
        phone.get_by_label("Suite prévue").press("Enter")
    assert "acte=valider" in (sent.value.post_data or "")
    assert Encounter.objects.count() == 0


def test_what_is_missing_takes_the_focus(phone: Page, site: str, stay: Stay, accessible: Accessible) -> None:
    sign_in(phone, site, "sagefemme")
    phone.get_by_role("link", name="Visite faite").click()
    phone.get_by_label("Suite prévue").fill("Pesée vendredi")
    phone.get_by_role("button", name="Valider et envoyer").click()
    summary = phone.get_by_role("alert")
    expect(summary).to_be_focused()
    accessible(phone)
    summary.get_by_role("link", name="Saignements").click()
    expect(phone.get_by_role("group", name="Saignements").get_by_label("Normal")).to_be_focused()
    expect(phone.get_by_label("Suite prévue")).to_have_value("Pesée vendredi")


def test_the_missing_letter_is_asked_for_in_one_tap(
    phone: Page, site: str, ward: world.Ward, clicks: Clicks, accessible: Accessible
) -> None:
    world.stay(ward)
    sign_in(phone, site, "sagefemme")
    clicks.press(phone.get_by_role("button", name="Demander la lettre"))
    expect(phone.get_by_text("Demandée, réponse attendue avant")).to_be_visible()
    accessible(phone)
    assert clicks.count == 1 and LetterRequest.objects.count() == 1


def test_a_request_is_accepted_in_one_tap(
    phone: Page, site: str, ward: world.Ward, fakes: dict[str, FakeChannel], clicks: Clicks, accessible: Accessible
) -> None:
    unplaced = world.stay(ward, with_midwife=False)
    documents.validate(world.letter(ward, unplaced), by=ward.doctor_user)
    handovers.ask(unplaced.handovers.get(), ward.midwife, by=ward.coordinator)
    sign_in(phone, site, "sagefemme")
    expect(phone.get_by_role("heading", name="Valombre")).to_be_visible()
    expect(phone.get_by_text("Louise")).to_have_count(0)
    accessible(phone)
    clicks.press(phone.get_by_role("button", name="Accepter"))
    expect(phone.get_by_role("link", name="Lire la lettre")).to_be_visible()
    assert clicks.count == 1
    assert Handover.objects.get().midwife == ward.midwife


def test_availability_in_one_tap(
    phone: Page, site: str, ward: world.Ward, clicks: Clicks, accessible: Accessible
) -> None:
    sign_in(phone, site, "sagefemme")
    clicks.press(phone.get_by_role("button", name="2", exact=True))
    expect(phone.get_by_text("Disponibilité enregistrée")).to_be_visible()
    accessible(phone)
    ward.midwife.refresh_from_db()
    assert clicks.count == 1 and ward.midwife.weekly_capacity == 2


def test_her_patient_by_the_printed_code(
    phone: Page, site: str, ward: world.Ward, clicks: Clicks, accessible: Accessible
) -> None:
    unplaced = world.stay(ward, with_midwife=False)
    sign_in(phone, site, "sagefemme")
    clicks.press(phone.get_by_role("link", name="C’est ma patiente"))
    accessible(phone)
    fits(phone)
    clicks.type(phone.get_by_label("Code imprimé"), claims.stay_code(unplaced.pk))
    clicks.press(phone.get_by_label("Cette patiente m’a choisie"))
    clicks.press(phone.get_by_role("button", name="Déclarer ce suivi"))
    expect(phone.get_by_role("heading", name="Louise A.")).to_be_visible()
    assert clicks.count == 3 and CareTeamMember.objects.filter(professional=ward.midwife).exists()


def test_the_postnatal_interview(
    phone: Page, site: str, ward: world.Ward, clicks: Clicks, accessible: Accessible
) -> None:
    # Given a birth five weeks ago
    left = timezone.now() - timedelta(weeks=5)
    born = left - timedelta(hours=80)
    world.stay(ward, expected_discharge_at=left, birth_at=born, admitted_at=born, newborns=())
    sign_in(phone, site, "sagefemme")
    clicks.press(phone.get_by_role("link", name="Écrire l’entretien"))
    accessible(phone)
    fits(phone)

    # When she fills it without the score, then with it
    clicks.press(phone.get_by_text("À domicile", exact=True))
    for question in ("Co-parent présent", "Questionnaire EPDS rempli"):
        clicks.press(phone.get_by_role("group", name=question).get_by_text("Oui"))
    for question in ("Second entretien proposé", "Avis demandé à un spécialiste"):
        clicks.press(phone.get_by_role("group", name=question).get_by_text("Non"))
    clicks.press(phone.get_by_role("button", name="Valider et envoyer"))
    expect(phone.get_by_role("alert")).to_contain_text("Indiquez le score EPDS.")
    clicks.type(phone.get_by_label("Score EPDS"), "7")
    clicks.press(phone.get_by_role("button", name="Valider et envoyer"))

    # Then it is validated
    expect(phone.get_by_role("heading", name="Mes synthèses pour Louise A.")).to_be_visible()
    assert Encounter.objects.get().form["epds_score"] == "7"


def test_everything_without_scripts(unscripted: Page, site: str, stay: Stay) -> None:
    sign_in(unscripted, site, "sagefemme")
    unscripted.get_by_role("link", name="Lire la lettre").click()
    expect(unscripted.get_by_role("img", name="Page 1 sur 1")).to_be_visible()
    unscripted.goto(f"{site}/mes-visites/")
    unscripted.get_by_role("link", name="Dater").click()
    unscripted.get_by_role("button", name="Enregistrer la date").click()
    expect(unscripted.get_by_text("Visite prévue").first).to_be_visible()
    unscripted.get_by_role("link", name="Visite faite").click()
    unscripted.get_by_role("button", name="Tout normal").click()
    unscripted.get_by_role("button", name="Valider et envoyer").click()
    expect(unscripted.get_by_text("Synthèse validée pour Louise")).to_be_visible()


def test_received_list(phone: Page, site: str, stay: Stay, accessible: Accessible) -> None:
    sign_in(phone, site, "sagefemme")
    phone.goto(f"{site}/recus/")
    expect(phone.get_by_text("1 document à lire")).to_be_visible()
    accessible(phone)
    fits(phone)
    phone.goto(f"{site}/demandes/")
    accessible(phone)
    phone.goto(f"{site}/sejours/{stay.pk}/visite-non-faite/")
    accessible(phone)
    fits(phone)
