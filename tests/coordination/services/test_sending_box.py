"""What a town professional validates leaves from her own box while she is there, else from that of her practice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from coordination.models import Mailbox, Shipment, Stay
from coordination.ports import Parcel, TemporaryChannelError, UncertainChannelError
from coordination.services import documents, follow_up, outbox
from tests import fake_vault
from tests.coordination import world
from tests.coordination.services.helpers import validated
from tests.coordination.test_visibility import MOTHER, carer
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
SHARED = "cabinet@essai.mssante.example"


@pytest.fixture(autouse=True)
def nobody(settings: Any) -> Iterator[set[str]]:
    settings.ACCESS_TOKENS = "tests.fake_vault"
    fake_vault.SIGNED_IN.clear()
    yield fake_vault.SIGNED_IN
    fake_vault.SIGNED_IN.clear()


@pytest.fixture
def box(ward: world.Ward) -> str:
    """Her personal box, declared; her practice has one too."""
    ward.practice.mailbox = SHARED
    ward.practice.save()
    address = "claire@essai.mssante.example"
    Mailbox.objects.filter(address=address).update(opened_since=timezone.now())
    return address


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    return world.stay(ward, general_practitioner=carer(1, ward.maternity, "DOUGLAS"))


def visit(ward: world.Ward, stay: Stay) -> Shipment:
    """She writes after a visit; the mail to the general practitioner, not sent yet."""
    made = follow_up.write(
        "HOME_VISIT", stay=stay, person=stay.mother, done_at=timezone.now(), answers=MOTHER, by=ward.midwife_user
    )  # type: ignore[arg-type]
    return made.document.versions.get().shipments.get(channel="mssante")


def sent(fakes: dict[str, FakeChannel], shipment: Shipment) -> Parcel:
    return fakes["mssante"].kept[shipment.set_unique_id]


def test_from_her_own_box(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], box: str, nobody: set[str]
) -> None:
    nobody.add(str(ward.midwife_user.pk))
    shipment = visit(ward, stay)
    outbox.deliver(shipment.pk)
    parcel = sent(fakes, shipment)
    assert parcel.sender.mailbox == box and parcel.sender.name == f"Claire AUBÉPINE {ward.practice.name}"
    shipment.refresh_from_db()
    assert (shipment.sent_from, shipment.status) == (box, "ACCEPTED")


def test_from_the_practice_when_she_has_left(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], box: str, nobody: set[str]
) -> None:
    nobody.add(str(ward.midwife_user.pk))
    shipment = visit(ward, stay)
    fakes["mssante"].failures = [TemporaryChannelError("UNREACHABLE", "Injoignable.")]
    outbox.deliver(shipment.pk)
    shipment.refresh_from_db()
    assert shipment.sent_from == box and shipment.status == "QUEUED"
    nobody.clear()
    Shipment.objects.update(due_at=timezone.now())
    assert outbox.due_ids() == [shipment.pk]
    outbox.deliver(shipment.pk)
    assert sent(fakes, shipment).sender.mailbox == SHARED
    shipment.refresh_from_db()
    assert shipment.sent_from == ""


@pytest.mark.parametrize("code", ["SIGN_IN", "AUTH", "TOKEN", "535 5.7.8"])
def test_from_the_practice_when_the_operator_does_not_open_hers(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], box: str, nobody: set[str], code: str
) -> None:
    """She is signed in all the while: asking whether she is there does not say that her box opens."""
    nobody.add(str(ward.midwife_user.pk))
    shipment = visit(ward, stay)
    for failure in (code, "UNREACHABLE"):  # then the practice's operator is down: hers is not tried again
        fakes["mssante"].failures = [TemporaryChannelError(failure, "Refus.")]
        outbox.deliver(shipment.pk)
        Shipment.objects.update(due_at=timezone.now())
    outbox.deliver(shipment.pk)
    shipment.refresh_from_db()
    assert (shipment.sent_from, shipment.status) == ("", "ACCEPTED")
    assert sent(fakes, shipment).sender.mailbox == SHARED


def test_in_doubt_a_refused_box_is_waited_for(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], box: str, nobody: set[str]
) -> None:
    nobody.add(str(ward.midwife_user.pk))
    shipment = visit(ward, stay)
    for failure in (UncertainChannelError("CUT", "Coupé."), TemporaryChannelError("TOKEN", "Refus.")):
        fakes["mssante"].failures = [failure]
        outbox.deliver(shipment.pk)
        Shipment.objects.update(due_at=timezone.now())
    outbox.deliver(shipment.pk)
    assert sent(fakes, shipment).sender.mailbox == box


def test_in_doubt_it_waits_for_her(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], box: str, nobody: set[str]
) -> None:
    """The same mail, from the same box: another sender under the same Message-ID would be another mail."""
    nobody.add(str(ward.midwife_user.pk))
    shipment = visit(ward, stay)
    fakes["mssante"].failures = [UncertainChannelError("CUT", "Coupé.")]
    outbox.deliver(shipment.pk)
    nobody.clear()
    Shipment.objects.update(due_at=timezone.now())
    assert outbox.due_ids() == []
    nobody.add(str(ward.midwife_user.pk))
    assert outbox.due_ids() == [shipment.pk]
    outbox.deliver(shipment.pk)
    assert sent(fakes, shipment).sender.mailbox == box


def test_without_any_other_box_it_waits_for_her(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], box: str, nobody: set[str]
) -> None:
    ward.practice.mailbox = ""
    ward.practice.save()
    shipment = visit(ward, stay)
    fakes["mssante"].failures = [TemporaryChannelError("SIGN_IN", "L'envoi attend.")]
    outbox.deliver(shipment.pk)
    shipment.refresh_from_db()
    assert (shipment.sent_from, shipment.status, shipment.last_message) == (box, "QUEUED", "L'envoi attend.")
    Shipment.objects.update(due_at=timezone.now())
    assert outbox.due_ids() == []
    nobody.add(str(ward.midwife_user.pk))
    assert outbox.due_ids() == [shipment.pk]
    outbox.deliver(shipment.pk)
    assert sent(fakes, shipment).sender.mailbox == box


def test_a_replacement_follows_from_the_same_box(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], box: str, nobody: set[str]
) -> None:
    shipment = visit(ward, stay)
    outbox.deliver(shipment.pk)
    assert sent(fakes, shipment).sender.mailbox == SHARED
    nobody.add(str(ward.midwife_user.pk))
    document = shipment.versions.get().document
    documents.withdraw(document, by=ward.midwife_user, reason="Erreur de personne")
    recall = Shipment.objects.get(action="WITHDRAW", channel="mssante")
    outbox.deliver(recall.pk)
    recall.refresh_from_db()
    assert recall.sent_from == "", "the practice sent it: the practice takes it back"


def test_a_hospital_sends_from_its_own(
    ward: world.Ward, fakes: dict[str, FakeChannel], box: str, nobody: set[str]
) -> None:
    Mailbox.objects.create(
        address="helene@essai.mssante.example", kind="PER", professional=ward.doctor, opened_since=timezone.now()
    )
    nobody.add(str(ward.doctor_user.pk))
    paper = validated(ward, world.stay(ward))
    shipment = paper.versions.get().shipments.get(channel="mssante")
    outbox.deliver(shipment.pk)
    assert sent(fakes, shipment).sender.mailbox == ward.maternity.mailbox
