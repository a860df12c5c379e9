"""The midwife and the doctor of the ward: sign one or many in one activation, see who has no midwife."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from coordination.lifecycles import DocumentStatus
from coordination.models import AuditEntry, CareTeamMember, Document, Role
from perinat.standards import codes
from tests.browser.helpers import Clicks, deliver, sign_in
from tests.coordination import world
from tests.fakes import FakeChannel

Accessible = Callable[[Page], None]


def test_papers_are_signed_in_one_activation(
    page: Page,
    site: str,
    ward: world.Ward,
    fakes: dict[str, FakeChannel],
    clicks: Clicks,
    accessible: Accessible,
) -> None:
    # Given two papers that wait for the doctor
    stay = world.stay(ward)
    world.letter(ward, stay)
    world.letter(ward, stay, type_code=codes.CR_ACCOUCHEMENT.code)
    sign_in(page, site, "medecin")
    expect(page.get_by_role("heading", name="À valider", level=1)).to_be_visible()
    expect(page.get_by_text("Verront ce papier : DMP ; Claire AUBÉPINE, sage-femme choisie")).to_have_count(2)
    accessible(page)

    # When she validates
    clicks.press(page.get_by_role("button", name="Valider les papiers cochés"))

    # Then both leave
    expect(page.get_by_text("2 papiers validés, ils partent.")).to_be_visible()
    deliver()
    assert not Document.objects.exclude(status=DocumentStatus.VALIDATED).exists()
    assert len(fakes["mssante"].kept) == 2
    assert clicks.count == 1


def test_a_mother_without_midwife_is_first_and_gets_one(
    page: Page, site: str, ward: world.Ward, fakes: dict[str, FakeChannel], clicks: Clicks, accessible: Accessible
) -> None:
    # Given a mother whom nobody follows yet
    world.user("hospitaliere", Role.HOSPITAL_MIDWIFE, ward.maternity)
    stay = world.stay(ward, with_midwife=False)
    sign_in(page, site, "hospitaliere")
    expect(page.get_by_text("Aucune connue")).to_be_visible()

    # When the midwife of the ward declares the one she chose
    clicks.press(page.get_by_role("link", name="La déclarer"))
    page.wait_for_load_state("load")  # the search listens
    clicks.type(page.get_by_label("Nom, ville, profession ou RPPS"), "aub")
    accessible(page)
    clicks.press(page.get_by_role("button", name="Claire AUBÉPINE"))

    # Then the mother has a midwife, with the date of her information
    expect(page.get_by_text("Claire AUBÉPINE recevra les papiers de ce séjour.")).to_be_visible()
    assert CareTeamMember.objects.get(stay=stay).informed_at is not None
    assert clicks.count == 2


def test_the_relay_is_taken_in_one_activation(
    page: Page, site: str, ward: world.Ward, clicks: Clicks, accessible: Accessible
) -> None:
    world.stay(ward)
    sign_in(page, site, "secretaire")
    page.get_by_role("link", name="Relève").click()
    accessible(page)
    clicks.press(page.get_by_role("button", name="J’ai pris la relève"))
    expect(page.get_by_text("Dernière relève : secretaire")).to_be_visible()
    assert AuditEntry.objects.filter(action="relay.taken").count() == 1
    assert clicks.count == 1


def test_the_stay_page_is_accessible_and_prints(
    page: Page, site: str, ward: world.Ward, fakes: dict[str, FakeChannel], accessible: Accessible
) -> None:
    stay = world.stay(ward)
    world.letter(ward, stay)
    sign_in(page, site, "medecin")
    for path in (f"/sejours/{stay.pk}/", f"/sejours/{stay.pk}/imprimer/", f"/sejours/{stay.pk}/modifier/"):
        page.goto(site + path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        accessible(page)
    page.goto(f"{site}/sejours/{stay.pk}/imprimer/")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Verrouiller")).to_be_hidden()


def test_lock_leaves_nothing_and_comes_back_to_the_same_page(
    page: Page, site: str, ward: world.Ward, clicks: Clicks, accessible: Accessible
) -> None:
    stay = world.stay(ward)
    sign_in(page, site, "secretaire")
    page.goto(f"{site}/sejours/{stay.pk}/")
    clicks.press(page.get_by_role("button", name="Verrouiller"))
    expect(page.get_by_role("heading", name="Poste verrouillé")).to_be_visible()
    expect(page.get_by_text("ACACIA")).to_have_count(0)
    accessible(page)
    page.go_back()
    expect(page.get_by_text("ACACIA")).to_have_count(0)
    page.goto(f"{site}/connexion/")
    page.get_by_label("Mot de passe").fill("mot-de-passe")
    page.get_by_role("button", name="Se connecter").click()
    expect(page).to_have_url(f"{site}/sejours/{stay.pk}/")
    assert clicks.count == 1
