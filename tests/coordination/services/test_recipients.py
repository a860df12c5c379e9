"""A recipient is a person: not the spelling of her name, nor the address of the day."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.utils import timezone

from coordination import lifecycles
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Event, Mailbox, Notice, Professional, Reading, Shipment, Stay, WorkItem
from coordination.ports import ReceiptKind as K
from coordination.selectors import delivery, parcels, sending_chips
from coordination.services import documents, holding, outbox, outcomes, readings, receipts, routing
from tests.coordination import world
from tests.coordination.services.helpers import (
    deliver,
    deliver_all,
    follow,
    professional,
    receipt,
    shipment,
    validated,
)
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    return world.stay(ward)


def renamed(one: Professional, family: str = "AUBÉPINE-LAURIER") -> Professional:
    one.family_name = family
    one.save(update_fields=["family_name"])
    return one


def moved(one: Professional, address: str = "claire.nouvelle@essai.mssante.example") -> Mailbox:
    """Her mailbox is closed; she has another one."""
    one.mailboxes.update(dead_since=timezone.now())
    return Mailbox.objects.create(address=address, professional=one)


def test_routing_names_the_person_and_nobody_for_the_dmp(ward: world.Ward, stay: Stay) -> None:
    validated(ward, stay)
    assert shipment().recipient == ward.midwife and shipment("dmp").recipient is None


@pytest.mark.parametrize("change", [renamed, moved])
def test_whoever_changed_name_or_address_is_not_sent_the_same_twice(
    ward: world.Ward, stay: Stay, change: object
) -> None:
    validated(ward, stay)
    deliver_all()
    change(ward.midwife)  # type: ignore[operator]
    assert routing.bring_up_to_date(stay, ward.midwife, by=ward.secretary) == []


def test_renamed_while_she_waits_for_an_address(ward: world.Ward, stay: Stay) -> None:
    lucie = professional(ward.practice, mailbox=False)
    follow(ward, stay, lucie)
    validated(ward, stay)
    renamed(lucie, "BRUYERE")
    Mailbox.objects.create(address="lucie@essai.mssante.example", professional=lucie)
    assert holding.release_ready() == 1
    assert Shipment.objects.get(recipient=lucie).status == S.QUEUED


def test_what_has_not_left_for_a_renamed_person_never_leaves(ward: world.Ward, stay: Stay) -> None:
    lucie = professional(ward.practice, mailbox=False)
    follow(ward, stay, lucie)
    validated(ward, stay)
    stay.care_team.filter(professional=lucie).update(ended_at=timezone.now())
    assert routing.stop_sending_to(stay, renamed(lucie), by=ward.secretary, reason="Fin") == 1


def test_two_people_of_one_name_are_two_recipients(ward: world.Ward, stay: Stay) -> None:
    twins = [professional(ward.practice, number, mailbox=False) for number in (0, 1)]
    for one in twins:
        follow(ward, stay, one)
    validated(ward, stay)
    Mailbox.objects.create(address="premiere@essai.mssante.example", professional=twins[1])
    assert holding.release_ready() == 1
    assert Shipment.objects.get(recipient=twins[1]).status == S.QUEUED
    assert Shipment.objects.get(recipient=twins[0]).status == S.HELD
    assert "3 professionnels" in sending_chips._to_whom(list(Shipment.objects.filter(channel="mssante")))


def test_a_reading_is_that_of_the_recipient_even_when_the_address_passed_to_somebody_else(
    ward: world.Ward, stay: Stay
) -> None:
    validated(ward, stay)
    deliver_all()
    Mailbox.objects.update(professional=professional(ward.practice, mailbox=False))
    receipts.store(receipt(K.DISPLAYED, shipment()))
    assert Reading.objects.get().professional == ward.midwife


def test_the_box_of_a_practice_does_not_say_who_read(ward: world.Ward, stay: Stay) -> None:
    ward.midwife.mailboxes.all().delete()
    Mailbox.objects.create(address="cabinet@essai.mssante.example", kind="CAB", organisation=ward.practice)
    validated(ward, stay)
    deliver_all()
    told = Notice.objects.get(text=outcomes.NOTICE_PAPER)
    assert shipment().recipient == told.professional == ward.midwife
    receipts.store(receipt(K.DISPLAYED, shipment()))
    assert not Reading.objects.exists()


def test_the_ward_sees_that_this_recipient_has_read(ward: world.Ward, stay: Stay) -> None:
    lucie = professional(ward.practice)
    follow(ward, stay, lucie)
    paper = validated(ward, stay)
    deliver_all()
    moved(ward.midwife)
    readings.open_version(paper.current_version, by=ward.midwife_user)
    (line,) = delivery.document_lines(stay, ward.secretary)
    read = {one.recipient for one in line.deliveries if any(step.label.startswith("Lue") for step in one.steps)}
    assert read == {"Claire AUBÉPINE (MSSanté)"}


def test_sent_again_to_the_new_address_of_the_same_person(ward: world.Ward, stay: Stay) -> None:
    validated(ward, stay)
    deliver_all()
    receipts.store(receipt(K.BOUNCED, shipment(), code="5.1.1"))
    new = moved(ward.midwife)
    outbox.retry(shipment(), by=ward.secretary)
    assert shipment().mailbox == new


def test_a_recall_follows_the_person_to_her_new_address(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]
) -> None:
    paper = validated(ward, stay)
    deliver_all()
    mail, new = shipment(), moved(ward.midwife)
    documents.withdraw(paper, by=ward.doctor_user, reason="Erreur de patiente")
    recall = Shipment.objects.get(channel="mssante", action="WITHDRAW")
    assert (recall.recipient, recall.mailbox) == (ward.midwife, new)
    assert parcels.parcel(recall, parcels.load(recall)).previous_message_id == mail.message_id
    assert deliver(recall) == S.ACCEPTED, "it knows what it recalls, sent to the other address"


def test_rows_made_before_the_column_are_given_their_recipient(ward: world.Ward, stay: Stay) -> None:
    lucie, twins = professional(ward.practice, mailbox=False), [
        professional(ward.practice, number, family="SUREAU", mailbox=False) for number in (1, 2)
    ]  # fmt: skip
    for one in (lucie, *twins):
        follow(ward, stay, one)
    validated(ward, stay)
    Shipment.objects.update(recipient=None)
    renamed(ward.midwife)
    importlib.import_module("coordination.migrations.0004_fill_shipment_recipient").fill(apps, None)
    found = dict(Shipment.objects.values_list("recipient_name", "recipient_id"))
    assert found["Claire AUBÉPINE"] == ward.midwife.pk, "by her mailbox, whatever her name today"
    assert found["Lucie BRUYÈRE"] == lucie.pk, "by her name, the only one of the care team"
    assert found["Lucie SUREAU"] is None, "two people bear it: nobody guesses"
    assert found["DMP"] is None


@pytest.fixture
def namesakes(ward: world.Ward, stay: Stay) -> list[Professional]:
    """Two people of one name, each with a paper that waits for her address, on rows made before the column."""
    both = [professional(ward.practice, number, family="SUREAU", mailbox=False) for number in (1, 2)]
    for one in both:
        follow(ward, stay, one)
    validated(ward, stay)
    return both


def fill() -> None:
    importlib.import_module("coordination.migrations.0004_fill_shipment_recipient").fill(apps, None)


def test_a_namesake_who_was_sent_the_same_papers_is_not_the_one_awaited(
    ward: world.Ward, stay: Stay, namesakes: list[Professional]
) -> None:
    served, awaited = namesakes
    box = Mailbox.objects.create(address="servie@essai.mssante.example", professional=served)
    Shipment.objects.filter(recipient=served).update(mailbox=box, status=S.ACCEPTED, hold_reason="")
    Shipment.objects.update(recipient=None)
    fill()
    assert Shipment.objects.get(status=S.HELD).recipient == awaited
    assert not WorkItem.objects.exclude(kind="PAPER_TO_GIVE").exists()


def test_what_waits_for_nobody_knows_whom_is_a_line(
    ward: world.Ward, stay: Stay, namesakes: list[Professional]
) -> None:
    Shipment.objects.update(recipient=None)
    fill()
    fill()
    lines = WorkItem.objects.filter(kind="SHIPMENT_REFUSED", status="OPEN")
    assert {line.shipment for line in lines} == set(Shipment.objects.filter(status=S.HELD))
    assert len(lines) == 2 and {line.organisation for line in lines} == {ward.maternity}
    assert Event.objects.filter(subject=lifecycles.WORK_ITEM.name, subject_id__in=lines).count() == 2
    assert {line.message for line in lines} == {holding.TO_WHOM}


def test_the_release_says_what_it_can_never_release(
    ward: world.Ward, stay: Stay, namesakes: list[Professional]
) -> None:
    one = Shipment.objects.filter(status=S.HELD).first()
    assert one is not None
    Shipment.objects.filter(pk=one.pk).update(recipient=None)
    for _ in range(2):
        assert holding.release_ready() == 0
    line = WorkItem.objects.exclude(kind="PAPER_TO_GIVE").get()
    assert (line.kind, line.shipment, line.message) == ("SHIPMENT_REFUSED", one, holding.TO_WHOM)
