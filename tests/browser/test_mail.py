"""« Courrier reçu » in a browser: three activations from the home to a filed document, at 360 px too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coordination.models import ReceivedDocument
from tests.browser.helpers import Clicks, sign_in
from tests.coordination import world
from tests.coordination.services.letters_in import arrive, letter
from tests.fakes import FakeChannel
from tests.mssante.archives import archive, attached, mail, with_archive

SHOTS = os.environ.get("PERINAT_SCREENSHOTS", "")
NO_SCROLL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def received(ward: world.Ward, fakes: dict[str, FakeChannel]) -> ReceivedDocument:
    """A letter filed, one whose given name differs, a PDF alone, an archive refused."""
    world.stay(ward)
    letter(fakes)
    waiting = letter(fakes, "1.2.250.1.999.9.2", number=2, ins=None, birth_given_names="LOUISE")
    arrive(fakes, mail(attached("application/pdf", "resultat-biologie.pdf", world.pdf_a()), subject="Résultat"))
    arrive(fakes, with_archive(archive(b"<a/>", digest="0" * 40), number=4))
    ReceivedDocument.objects.filter(status="FILED").update(alerts=[{"code": "HH", "what": "Potassium"}])
    return waiting


def test_compared_and_filed_in_three_activations(
    page: Page, site: str, received: ReceivedDocument, clicks: Clicks, accessible: object
) -> None:
    sign_in(page, site, "secretaire")
    clicks.press(page.get_by_role("link", name="Courrier reçu"))
    expect(page.get_by_role("heading", name="À classer (3)")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    shot(page, "courrier")
    clicks.press(page.locator(f"a[href$='/courrier/{received.pk}/']"))
    expect(page.get_by_role("cell", name="LOUISE MARIE")).to_be_visible()
    accessible(page)  # type: ignore[operator]
    shot(page, "courrier-document")
    clicks.press(page.get_by_role("button", name="Classer pour"))
    expect(page.get_by_text("Le document est classé dans le dossier.")).to_be_visible()
    assert clicks.count == 3


def test_on_a_phone(phone: Page, site: str, received: ReceivedDocument) -> None:
    sign_in(phone, site, "secretaire")
    for address in ("/courrier/", f"/courrier/{received.pk}/"):
        phone.goto(site + address)
        shot(phone, f"telephone{address.replace('/', '-')[:12]}")
        assert phone.evaluate(NO_SCROLL)


def test_sorted_and_filtered_with_a_thumb(phone: Page, site: str, received: ReceivedDocument) -> None:
    sign_in(phone, site, "secretaire")
    phone.goto(f"{site}/courrier/")
    phone.get_by_text("Trier et filtrer").click()
    phone.get_by_label("Personne : premières lettres du nom").fill("aca")
    phone.get_by_label("État").select_option("classes")
    phone.get_by_role("button", name="Montrer").click()
    expect(phone.get_by_role("heading", name="1 document trouvé")).to_be_visible()
    expect(phone.get_by_text("Professionnel : Cabinet d'essai")).to_be_visible()
    shot(phone, "courrier-filtre-telephone")
    assert "aca" not in phone.url.lower(), "a name is never in an address"
    assert phone.evaluate(NO_SCROLL)
