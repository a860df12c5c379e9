"""A file already sent for another mother: the page says for whom, lets her take it back, and go on."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import Delegation, Deposit, Document, Stay
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.views.test_hospital_papers import delegation, drop, secretary, stay, unreadable

__all__ = ["delegation", "secretary", "stay"]  # fixtures
pytestmark = pytest.mark.django_db
CRA = codes.CR_ACCOUCHEMENT.code


@pytest.fixture
def brune(ward: world.Ward, stay: Stay) -> Stay:
    return world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())


def choose(client: Client, deposit: Deposit, on: Stay) -> list[str]:
    answer = client.post(reverse("paper_file", args=[deposit.pk]), {"personne": f"{on.mother_id}:{on.pk}", "type": CRA})
    return [str(message) for message in get_messages(answer.wsgi_request)]


def sent_then_dropped(client: Client, stay: Stay, brune: Stay) -> tuple[Document, Deposit]:
    """The same delivery report: sent for the first mother, then dropped on the line of the second."""
    data = unreadable(stay.mother)
    drop(client, ("cra.pdf", data), sejour=str(stay.pk))
    choose(client, Deposit.objects.get(), stay)
    client.post(reverse("send"), {"papiers": [str(Deposit.objects.get().pk)]})
    drop(client, ("cra.pdf", data), sejour=str(brune.pk))
    return Document.objects.get(), Deposit.objects.get(status=DepositStatus.TO_CHECK)


@pytest.mark.parametrize("signed", [True, False])
def test_told_for_whom_taken_back_and_gone_on(
    ward: world.Ward, stay: Stay, brune: Stay, secretary: Client, delegation: Delegation, signed: bool
) -> None:
    if not signed:
        Delegation.objects.all().delete()
    first, second = sent_then_dropped(secretary, stay, brune)
    assert first.status == (DocumentStatus.VALIDATED if signed else DocumentStatus.TO_VALIDATE)
    for page in (reverse("discharge_list"), reverse("paper", args=[second.pk])):
        shown = secretary.get(page).content.decode()
        assert "Même fichier, autre personne" in shown and f'href="/sejours/{stay.pk}/#papier-{first.pk}"' in shown
        assert reverse("document_withdraw", args=[first.pk]) in shown
    assert any("pour une autre personne" in said for said in choose(secretary, second, brune))
    assert Document.objects.count() == 1
    answer = secretary.post(
        reverse("document_withdraw", args=[first.pk]),
        {"motif": "erreur de personne", "retour": reverse("paper", args=[second.pk])},
    )
    assert answer["Location"] == reverse("paper", args=[second.pk])
    first.refresh_from_db()
    assert first.status == (DocumentStatus.WITHDRAWN if signed else DocumentStatus.ABANDONED)
    assert "Même fichier, autre personne" not in secretary.get(answer["Location"]).content.decode()
    assert choose(secretary, second, brune) == []
    second.refresh_from_db()
    assert (second.status, second.person) == (DepositStatus.READY, brune.mother)


def test_a_paper_that_waits_for_its_signature_is_taken_back_from_its_stay(
    ward: world.Ward, stay: Stay, secretary: Client
) -> None:
    paper = world.letter(ward, stay)
    page = secretary.get(reverse("stay", args=[stay.pk])).content.decode()
    assert "n’a été envoyé à personne" in page and reverse("document_withdraw", args=[paper.pk]) in page
    secretary.post(reverse("document_withdraw", args=[paper.pk]), {"motif": "erreur de personne"})
    paper.refresh_from_db()
    assert paper.status == DocumentStatus.ABANDONED and not paper.current_version.shipments.exists()


def test_taking_back_wants_a_reason(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    paper = world.letter(ward, stay)
    secretary.post(reverse("document_withdraw", args=[paper.pk]), {"motif": " "})
    paper.refresh_from_db()
    assert paper.status == DocumentStatus.TO_VALIDATE
