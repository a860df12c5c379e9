"""In town, what did not arrive is told to who wrote it: nobody there opens the list of a ward."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import CareRole, Document, Mailbox, Notice, PaperDelivery, Professional, Shipment, WorkItem
from coordination.ports import PermanentChannelError
from coordination.ports import ReceiptKind as K
from coordination.services import documents, receipts, routing, stays, worklist
from tests.coordination.services.helpers import deliver, receipt
from tests.coordination.services.test_fallback import CLOSED
from tests.coordination.views.town.conftest import Home, carer
from tests.coordination.views.town.test_encounters import MOTHER, form, send
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
Fakes = dict[str, FakeChannel]


@pytest.fixture
def doctor(home: Home) -> Professional:
    made = carer("89900001085", "Yves", "DOUGLAS", home.ward.practice, "G15_10/SM54")
    stays.join_care_team(home.stay, made, role=CareRole.GP, informed_at=home.stay.admitted_at, by=home.ward.secretary)
    return made


@pytest.fixture
def synthesis(home: Home, midwife: Client, doctor: Professional, fakes: Fakes) -> Shipment:
    """Of a visit, on its way to her doctor."""
    Mailbox.objects.create(address="yves.douglas@essai.mssante.example", professional=doctor, kind="PER")
    send(midwife, form(home), MOTHER)
    return Shipment.objects.get(channel="mssante", recipient=doctor, organisation=home.ward.practice)


def told(home: Home) -> list[str]:
    return list(Notice.objects.filter(text=worklist.NOT_ARRIVED).values_list("professional__family_name", "path"))


def shown(home: Home, midwife: Client) -> str:
    return midwife.get(reverse("visit_sent", args=[home.stay.pk])).content.decode().replace("&#x27;", "'")


def test_who_wrote_is_told_and_reads_what_to_do(home: Home, midwife: Client, synthesis: Shipment, fakes: Fakes) -> None:
    assert "imprimée" not in shown(home, midwife)
    fakes["mssante"].failures = [CLOSED]
    assert deliver(synthesis) == "REJECTED"
    assert told(home) == [(home.ward.midwife.family_name, reverse("visit_sent", args=[home.stay.pk]))]
    assert "La boîte du destinataire n'existe pas. Remettez la synthèse imprimée" in shown(home, midwife)
    assert not PaperDelivery.objects.filter(shipment=synthesis).exists()
    assert WorkItem.objects.get(shipment=synthesis).kind == "SHIPMENT_REFUSED"


def test_what_her_doctor_could_not_take_in_is_told_once(
    home: Home, midwife: Client, synthesis: Shipment, fakes: Fakes
) -> None:
    assert deliver(synthesis) == "ACCEPTED"
    for _ in range(2):
        receipts.store(receipt(K.NOT_INTEGRATED, synthesis, code="904"))
    assert len(told(home)) == 1 and "Phrase du canal. Remettez" in shown(home, midwife)


def test_a_recall_that_fails_asks_for_a_call(
    home: Home, midwife: Client, doctor: Professional, synthesis: Shipment, fakes: Fakes
) -> None:
    deliver(synthesis)
    documents.withdraw(Document.objects.get(versions__shipments=synthesis), by=synthesis.sender, reason="erreur")
    recall = Shipment.objects.get(action="WITHDRAW", recipient=doctor)
    fakes["mssante"].failures = [CLOSED]
    deliver(recall)
    assert "la synthèse est retirée" in shown(home, midwife) and "imprimée" not in shown(home, midwife)


def test_another_address_first_and_nobody_is_told(
    home: Home, doctor: Professional, synthesis: Shipment, fakes: Fakes
) -> None:
    Mailbox.objects.create(address="autre@essai.mssante.example", professional=doctor, kind="PER")
    fakes["mssante"].failures = [CLOSED]
    deliver(synthesis)
    assert synthesis.next_steps.get().status == "QUEUED" and not told(home)


def test_without_any_address_her_page_says_it(home: Home, midwife: Client, doctor: Professional, fakes: Fakes) -> None:
    send(midwife, form(home), MOTHER)
    waiting = Shipment.objects.get(channel="mssante", recipient=doctor, organisation=home.ward.practice)
    assert waiting.hold_reason == "ADDRESS" and not PaperDelivery.objects.filter(shipment=waiting).exists()
    assert "Aucune adresse MSSanté n'est connue" in shown(home, midwife)
    routing.hand_over(waiting)
    assert not WorkItem.objects.filter(kind="PAPER_TO_GIVE", organisation=home.ward.practice).exists()


def test_a_ward_has_its_list_and_no_notice(home: Home, fakes: Fakes) -> None:
    mail = Shipment.objects.get(channel="mssante", recipient=home.ward.midwife, organisation=home.ward.maternity)
    fakes["mssante"].failures = [PermanentChannelError("530", "Refusé.")]
    deliver(mail)
    assert WorkItem.objects.get(shipment=mail).kind == "SHIPMENT_REFUSED" and not told(home)
