"""A file sent for one mother, dropped for another: seen, the first taken back, the second gone on; on a phone too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coordination.lifecycles import DocumentStatus
from coordination.models import Delegation, Document, Stay
from coordination.papers.specimen_texts import Kind
from coordination.services import deposits
from perinat.standards import codes
from tests.browser.helpers import deliver, read_papers, sign_in
from tests.coordination import world
from tests.factories import papers
from tests.fakes import FakeChannel

Accessible = Callable[[Page], None]
CRA = codes.CR_ACCOUCHEMENT.code


@pytest.fixture
def alice(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    today = timezone.localdate()
    Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
        recorded_by=ward.secretary,
    )  # fmt: skip
    return world.stay(ward)


@pytest.fixture
def brune(ward: world.Ward, alice: Stay) -> Stay:
    """The second file, dropped on her line, is that of the first mother, already sent."""
    stay = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=(), room="12")
    data = papers.specimens.paper(
        Kind.CRA, person=papers.on_paper(alice.mother), ward=papers.WARD, author=papers.AUTHOR,
        written_at=papers.WRITTEN_AT, code="",
    )  # fmt: skip
    deposits.receive([("accouchement.pdf", data)], by=ward.secretary, stay=alice)
    read_papers()
    first = alice.deposits.get()
    deposits.complete(first, person=alice.mother, stay=alice, type_code=CRA, by=ward.secretary)
    deposits.send([first], by=ward.secretary)
    deposits.receive([("accouchement.pdf", data)], by=ward.secretary, stay=stay)
    read_papers()
    return stay


@pytest.mark.parametrize("on_a_phone", [False, True])
def test_the_first_is_taken_back_and_the_second_goes_on(
    page: Page, phone: Page, site: str, alice: Stay, brune: Stay, accessible: Accessible, on_a_phone: bool
) -> None:
    screen = phone if on_a_phone else page

    # Given the secretary, who chooses the second mother all the same
    sign_in(screen, site, "secretaire")
    expect(screen.get_by_text("Même fichier, autre personne")).to_be_visible()
    screen.get_by_role("button", name="C’est pour Mme ACACIA Louise").click()
    expect(screen.get_by_text("retirez d'abord ce premier envoi")).to_be_visible()
    accessible(screen)
    assert screen.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    # When she takes the first one back, with the keyboard alone
    screen.locator(".p-question summary").focus()
    screen.keyboard.press("Enter")
    screen.get_by_label("Pourquoi ?").fill("erreur de personne")
    screen.keyboard.press("Enter")

    # Then the page of the second says no more of it, and it leaves
    expect(screen.get_by_role("heading", name="Papier à vérifier", level=1)).to_be_visible()
    expect(screen.get_by_text("Même fichier, autre personne")).to_have_count(0)
    screen.get_by_role("button", name="C’est pour Mme ACACIA Louise").click()
    screen.get_by_role("button", name="Envoyer").click()
    expect(screen.get_by_text("1 papier part.")).to_be_visible()
    deliver()
    states = dict(Document.objects.values_list("stay_id", "status"))
    assert states == {alice.pk: DocumentStatus.WITHDRAWN, brune.pk: DocumentStatus.VALIDATED}
