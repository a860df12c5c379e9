"""The mother's DMP on a phone of 360 pixels: two activations the first time, one afterwards, one to read."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from coordination import document_source, tasks
from coordination.models import Stay
from coordination.services import consulting, documents
from perinat.standards import codes
from perinat.standards.shared_record import Authorization
from tests.browser.helpers import Clicks, sign_in
from tests.coordination import world
from tests.coordination.cda.writing import attached, document, section
from tests.coordination.papers.test_pictures import made
from tests.fake_record import FakeRecord, described
from tests.fakes import FakeChannel

PSC = "perinat.connectors.pro_sante_connect.backend.ProSanteConnectBackend"
TABLE = (
    "<table><thead><tr><th>Examen</th><th>Résultat</th></tr></thead>"
    "<tbody><tr><td>Hémoglobine</td><td>12,1 g/dL</td></tr></tbody></table>"
)


@pytest.fixture
def dmp(monkeypatch: pytest.MonkeyPatch) -> FakeRecord:
    blood = described("Bilan sanguin du sixième mois")
    interview = described(
        "Synthèse de l’entretien prénatal précoce", codes.SYNTHESE_EPISODE.code, days_ago=150,
        confidentiality=frozenset({"N", codes.INVISIBLE_PATIENT.code}),
    )  # fmt: skip
    fake = FakeRecord(authorization=Authorization.NONE, documents=[blood, interview])
    fake.bytes_of = {blood.unique_id: document(section(TABLE, title="Numération"))}
    monkeypatch.setattr(document_source, "get", lambda: fake)
    return fake


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    stay = world.stay(ward)
    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    return stay


@pytest.fixture
def claire(phone: Page, site: str, ward: world.Ward) -> Page:
    """Her phone, with a session that Pro Santé Connect opened."""
    client = Client()
    client.force_login(ward.midwife_user, backend=PSC)
    name = settings.SESSION_COOKIE_NAME
    phone.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])
    return phone


def work() -> None:
    for identifier in consulting.waiting_ids():
        tasks.ask_record(str(identifier))


def fits(phone: Page) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_two_activations_then_one(
    claire: Page, site: str, stay: Stay, dmp: FakeRecord, clicks: Clicks, accessible: Callable[[Page], None]
) -> None:
    # Given a mother's documents, those of perinat only
    claire.goto(f"{site}/mes-visites/")
    claire.get_by_role("link", name="Ses documents et son DMP").click()
    expect(claire.get_by_role("heading", name="Dans perinat (1)")).to_be_visible()
    accessible(claire)
    fits(claire)

    # When she declares the agreement: two activations
    clicks.press(claire.get_by_text("Consulter son DMP"))
    expect(claire.get_by_text("vous déclarez que la patiente, informée, vous autorise")).to_be_visible()
    accessible(claire)
    fits(claire)
    clicks.press(claire.get_by_role("button", name="Elle est d’accord : consulter"))
    assert clicks.count == 2
    expect(claire.get_by_text("Recherche en cours dans le DMP, demandée à")).to_be_visible()
    accessible(claire)
    work()

    # Then the list comes by itself, the prenatal interview first
    expect(claire.get_by_role("heading", name="Dans perinat et dans le DMP (3)")).to_be_visible()
    expect(claire.get_by_role("heading", name="Entretien prénatal précoce")).to_be_visible()
    claire.get_by_text("Agir dans le DMP").first.click()
    accessible(claire)
    fits(claire)

    # When she reads a document: one activation
    clicks.press(claire.get_by_role("button", name="Lire Bilan sanguin"))
    assert clicks.count == 3
    expect(claire.get_by_text("Le document arrive du DMP")).to_be_visible()
    work()
    expect(claire.get_by_text("12,1 g/dL")).to_be_visible()
    accessible(claire)
    fits(claire)

    # And one activation for the next search
    claire.get_by_role("link", name="Ses documents", exact=True).click()
    clicks.press(claire.get_by_role("button", name="Chercher les nouveautés"))
    assert clicks.count == 4
    work()
    expect(claire.get_by_text("Liste donnée par le DMP")).to_be_visible()
    assert dmp.calls.count("authorize") == 1 and dmp.calls[-1] == "changes"


def test_with_the_keyboard_alone(claire: Page, site: str, stay: Stay, dmp: FakeRecord) -> None:
    claire.goto(f"{site}/sejours/{stay.pk}/dossier/")
    claire.locator(".p-confirm > summary").focus()
    claire.keyboard.press("Enter")
    claire.keyboard.press("Tab")
    expect(claire.get_by_role("button", name="Elle est d’accord : consulter")).to_be_focused()
    claire.keyboard.press("Enter")
    expect(claire.get_by_text("Recherche en cours dans le DMP, demandée à")).to_be_visible()


def test_a_password_is_told_why_not(
    phone: Page, site: str, stay: Stay, dmp: FakeRecord, accessible: Callable[[Page], None]
) -> None:
    sign_in(phone, site, "sagefemme")
    phone.goto(f"{site}/sejours/{stay.pk}/dossier/")
    expect(phone.get_by_text("Le DMP ne s’ouvre qu’avec Pro Santé Connect")).to_be_visible()
    expect(phone.get_by_text("Lettre de liaison").first).to_be_visible()
    accessible(phone)
    fits(phone)
    phone.goto(f"{site}/dmp/autorisations/")
    accessible(phone)
    fits(phone)


def test_a_picture_and_the_record_of_the_child_on_a_phone(
    claire: Page, site: str, stay: Stay, dmp: FakeRecord, accessible: Callable[[Page], None]
) -> None:
    # Given an ultrasound picture in her DMP, and a file that no page opens
    picture = described("Échographie du troisième trimestre")
    entries = attached("image/png", made("PNG", size=(2400, 1600))) + attached("text/rtf", b"{\\rtf1 x}", "FILE-2")
    dmp.documents, dmp.authorization = [picture], Authorization.VALID
    dmp.bytes_of = {picture.unique_id: document(section("<paragraph>Biométrie</paragraph>", entry=entries))}
    claire.goto(f"{site}/sejours/{stay.pk}/dossier/")
    claire.get_by_text("Consulter son DMP").click()
    claire.get_by_role("button", name="Elle est d’accord : consulter").click()
    work()

    # When she opens it, the picture is drawn within the width of her phone, the other file says why it is not
    claire.get_by_role("button", name="Lire Échographie").click()
    work()
    expect(claire.get_by_role("heading", name="Fichiers joints (2)")).to_be_visible()
    shown = claire.locator(".p-joint__image")
    expect(shown).to_have_count(1)
    claire.wait_for_function("document.querySelector('.p-joint__image').complete")
    assert claire.evaluate("document.querySelector('.p-joint__image').naturalWidth") > 0
    expect(claire.get_by_text("Ce fichier ne s’affiche pas ici, par sûreté")).to_be_visible()
    accessible(claire)
    fits(claire)

    # And her child has a page of its own, one activation away
    claire.get_by_role("link", name="Ses documents", exact=True).click()
    claire.get_by_role("link", name=re.compile("l’enfant")).click()
    expect(claire.get_by_text("INS (identité nationale de santé) de l’enfant n’est pas encore")).to_be_visible()
    expect(claire.get_by_text("Échographie")).to_have_count(0)
    accessible(claire)
    fits(claire)
