"""What crosses the border: the same parcel at every try, the patient of the sealed bytes, the papers of one person."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from coordination.models import Document, Organisation, Person, Shipment
from coordination.ports import Action, Parcel
from coordination.selectors import matching, parcels
from coordination.services import documents, outbox, routing, stays
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import child, deliver_all, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


def parcel(shipment: Shipment) -> Parcel:
    again = Shipment.objects.get(pk=shipment.pk)
    return parcels.parcel(again, parcels.load(again))


def test_every_try_is_the_same_parcel(
    clock: time_machine.Traveller, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    validated(ward, world.stay(ward))
    shipment = Shipment.objects.get(channel="dmp")
    first = parcel(shipment)
    clock.shift(timedelta(hours=5))
    outbox.claim(shipment.pk)
    Person.objects.update(birth_given_names="CORRIGEE", phone="0600000000")
    Organisation.objects.filter(pk=ward.maternity.pk).update(phone="+33100000000")
    second = parcel(shipment)
    assert second.documents == first.documents and second.patient == first.patient
    assert (second.message_id, second.submission_set) == (first.message_id, first.submission_set)
    assert first.submission_set.unique_id == shipment.set_unique_id and first.message_id == shipment.message_id


def test_the_mail_of_a_newborn_keeps_its_local_number_after_the_ins(
    ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    """The bytes were sealed without INS: the envelope says no more than the paper."""
    stay = world.stay(ward)
    validated(ward, stay, person=child(stay), type_code=codes.CR_EXAMEN_ENFANT.code)
    stays.qualify(child(stay), world.ins(9), by=ward.secretary)  # type: ignore[arg-type]
    sent = parcel(Shipment.objects.get(channel="mssante"))
    assert sent.patient.ins is None and sent.documents[0].entry.patient.ins is None


def test_a_recall_answers_the_mail_it_takes_back(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    paper = validated(ward, world.stay(ward))
    mail = Shipment.objects.get(channel="mssante")
    assert parcel(mail).previous_message_id == ""
    deliver_all()
    documents.withdraw(paper, by=ward.doctor_user, reason="Erreur de patiente")
    recall = parcel(Shipment.objects.get(channel="mssante", action="WITHDRAW"))
    assert (recall.action, recall.previous_message_id) == (Action.WITHDRAW, mail.message_id)
    assert recall.reason == "Erreur de patiente" and recall.message_id != mail.message_id
    assert recall.documents[0].replaces_unique_id == paper.current_version.unique_id
    assert parcel(Shipment.objects.get(channel="dmp", action="WITHDRAW")).previous_message_id == ""


def test_the_papers_of_a_lot_stand_in_their_order(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    papers = [world.letter(ward, stay, type_code=kind) for kind in ("11490-0", "15508-5", "57833-6")]
    for paper in papers:
        documents.freeze_and_seal(paper, by=ward.doctor_user)
    routing.dispatch(list(reversed(papers)), by=ward.doctor_user)
    sent = parcel(Shipment.objects.get(channel="dmp"))
    assert [d.entry.type_code.code for d in sent.documents] == ["11490-0", "15508-5", "57833-6"]


def test_an_unsealed_paper_is_never_sent(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    paper = world.letter(ward, world.stay(ward))
    shipment = Shipment.objects.create(
        organisation=ward.maternity, person=paper.person, stay=paper.stay, channel="dmp", sender=ward.secretary,
        due_at=timezone.now(), set_unique_id="2.25.7", message_id="7@perinat.example",
    )  # fmt: skip
    shipment.versions.set(paper.versions.all())
    Document.objects.update(status="VALIDATED")
    with pytest.raises(parcels.UnsealedVersionError):
        outbox.deliver(shipment.pk)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("aca", 2), ("ACACIA lou", 1), ("jules", 1), ("marie", 1), ("acacia zoe", 0), ("", 0), ("  ", 0), ("%", 0)],
)
def test_people_are_searched_by_the_beginning_of_their_names(ward: world.Ward, typed: str, found: int) -> None:
    stay = world.stay(ward)
    assert len(matching.search(ward.maternity, typed)) == found
    assert matching.search(ward.practice, typed) == []
    assert all(where == stay for _, where in matching.search(ward.maternity, typed))
