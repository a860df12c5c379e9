"""Writing to a mother or her child: frozen, addressed at the last moment, closed by her wish, answered and kept."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import (
    Newborn,
    PatientLetter,
    PatientMessaging,
    PatientReply,
    Person,
    Shipment,
    Stay,
    User,
    WorkItem,
)
from coordination.ports import PermanentChannelError, ReceiptKind
from coordination.selectors import patient_inbox, patient_letters
from coordination.selectors.patient_letters import LetterRefusedError
from coordination.services import documents, patient_boxes, receipts
from coordination.services.patient_letters import retry, send
from perinat.standards import codes
from perinat.standards.patient_box import address_of
from tests.coordination import world
from tests.coordination.services.helpers import deliver, receipt, validated
from tests.coordination.services.patient_messages import (
    Fakes,
    arrive,
    asked,
    child_ins,
    qualified_child,
    reply,
    sent_parcel,
    written,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    return world.stay(ward)


class TestSending:
    def test_it_leaves_for_her_box_alone(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        letter = written(stay, ward.secretary, addition="C'est au sujet du rendez-vous.")
        parcel = sent_parcel(fakes, letter)
        assert parcel.recipient.address == address_of(world.ins()) and parcel.documents == ()
        assert "C'est au sujet du rendez-vous." in parcel.letter.text and not parcel.letter.closes
        assert "Vous pouvez répondre" in parcel.letter.text and "01 90 00 00 00" in parcel.letter.text
        letter.shipment.refresh_from_db()
        assert letter.shipment.status == S.ACCEPTED and letter.shipment.mailbox_id is None
        assert fakes["dmp"].kept == {}

    def test_the_words_are_frozen(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        letter = written(stay, ward.secretary)
        type(ward.maternity).objects.update(phone="+33100000001")
        assert "01 90 00 00 00" in sent_parcel(fakes, letter).letter.text

    def test_a_second_press_sends_nothing_more(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        one = asked(stay)
        assert send(one, by=ward.secretary).pk == send(one, by=ward.secretary).pk
        assert PatientLetter.objects.count() == Shipment.objects.filter(to_patient=True).count() == 1

    def test_her_matricule_is_in_no_row_and_no_log(
        self, ward: world.Ward, stay: Stay, fakes: Fakes, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        deliver(written(stay, ward.secretary).shipment)
        arrive(fakes, reply(letter=PatientLetter.objects.get()))
        number = world.ins().matricule
        models = [m for m in apps.get_app_config("coordination").get_models() if m is not Person]
        rows = {m.__name__: serializers.serialize("json", m._base_manager.all()) for m in models}
        assert [name for name, text in rows.items() if number in text] == []
        assert number not in caplog.text and PatientReply.objects.count() == 1

    def test_the_last_message_closes(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        parcel = sent_parcel(fakes, written(stay, ward.secretary, "end"))
        assert parcel.letter.closes and "Vous ne pouvez pas répondre" in parcel.letter.text

    @pytest.mark.parametrize("how", ["last message", "setting"])
    def test_what_cannot_be_answered_asks_for_no_answer(
        self, ward: world.Ward, stay: Stay, fakes: Fakes, settings: Any, how: str
    ) -> None:
        settings.MSSANTE_PATIENT_MAY_ANSWER = how != "setting"
        letter = written(stay, ward.secretary, "searching", closes=how == "last message")
        said = sent_parcel(fakes, letter).letter.text
        assert said.count("pond") == 1 and "Vous ne pouvez pas répondre" in said and "en réponse" not in said

    def test_a_field_that_nobody_knows_refuses(self, ward: world.Ward, fakes: Fakes) -> None:
        stay = world.stay(ward, with_midwife=False)
        with pytest.raises(LetterRefusedError, match="aucune sage-femme"):
            written(stay, ward.secretary, "midwife")
        assert not PatientLetter.objects.exists()

    def test_a_deadline_that_is_over_is_not_recalled(self, ward: world.Ward, stay: Stay) -> None:
        past = timezone.now() - timedelta(days=60)
        Stay.objects.update(admitted_at=past, birth_at=past)
        stay.refresh_from_db()
        with pytest.raises(LetterRefusedError, match="période est passée"):
            written(stay, ward.secretary, "early-interview")

    def test_too_many_words(self, ward: world.Ward, stay: Stay) -> None:
        with pytest.raises(LetterRefusedError, match="400"):
            written(stay, ward.secretary, addition="x" * 401)

    def test_a_midwife_writes_from_the_box_of_her_practice(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        type(ward.practice).objects.filter(pk=ward.practice.pk).update(phone="+33190000009")
        ward.midwife_user.organisation.refresh_from_db()
        parcel = sent_parcel(fakes, written(stay, ward.midwife_user))
        assert parcel.sender.mailbox == "perinat@cabinet.mssante.example"
        assert "Claire AUBÉPINE, sage-femme" in parcel.letter.text

    def test_without_a_box_it_is_not_offered(self, ward: world.Ward, stay: Stay) -> None:
        type(ward.practice).objects.filter(pk=ward.practice.pk).update(mailbox="")
        user = User.objects.get(pk=ward.midwife_user.pk)
        with pytest.raises(LetterRefusedError, match="pas de boîte MSSanté"):
            written(stay, user)


class TestPapers:
    def test_they_go_with_her_ins(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        paper = validated(ward, stay)
        letter = written(stay, ward.secretary, "documents", papers=[paper])
        parcel = sent_parcel(fakes, letter)
        assert len(parcel.documents) == 1 and parcel.patient.ins == world.ins()
        assert "Un document est joint" in parcel.letter.text

    def test_hidden_from_her_it_stays(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        paper = world.letter(ward, stay)
        paper.masks = [codes.INVISIBLE_PATIENT.code]
        paper.save()
        paper.versions.update(masks=paper.masks)
        documents.validate(paper, by=ward.doctor_user)
        found = patient_letters.joinable(stay, stay.mother, ward.secretary)
        assert "non visible" in found[0].refusal
        with pytest.raises(LetterRefusedError, match="non visible"):
            patient_letters.chosen_papers(stay, stay.mother, ward.secretary, [str(paper.pk)])

    def test_a_letter_that_she_received_answers_no_request_of_a_midwife(
        self, ward: world.Ward, stay: Stay, fakes: Fakes
    ) -> None:
        paper = validated(ward, stay)
        letter = written(stay, ward.secretary, "documents", papers=[paper])
        deliver(letter.shipment)
        assert paper.versions.get().readings.count() == 0

    def test_taken_back_it_is_recalled_from_her_box(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        paper = validated(ward, stay)
        deliver(written(stay, ward.secretary, "documents", papers=[paper]).shipment)
        documents.withdraw(paper, by=ward.doctor_user, reason="erreur")
        recall = Shipment.objects.get(to_patient=True, action="WITHDRAW")
        deliver(recall)
        recall.refresh_from_db()
        assert recall.status == S.ACCEPTED and fakes["mssante"].withdrawn


class TestClosed:
    def test_an_ins_that_is_not_qualified(self, ward: world.Ward, fakes: Fakes) -> None:
        stay = world.stay(ward, mother=world.mother(qualified=False))
        with pytest.raises(LetterRefusedError, match="pas qualifiée"):
            written(stay, ward.secretary)

    def test_no_longer_qualified_when_it_leaves(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        letter = written(stay, ward.secretary)
        Person.objects.filter(pk=stay.mother_id).update(ins_status="VALI")
        deliver(letter.shipment)
        letter.shipment.refresh_from_db()
        assert letter.shipment.status == S.REJECTED and fakes["mssante"].submits == 0
        assert WorkItem.objects.get(shipment=letter.shipment).message.startswith("Le message n'est pas remis")

    def test_her_opposition_stops_everything(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        letter = written(stay, ward.secretary)
        patient_boxes.oppose(stay.mother, by=ward.secretary)
        deliver(letter.shipment)
        letter.shipment.refresh_from_db()
        assert letter.shipment.status == S.REJECTED and letter.shipment.functional
        assert "Opposition" in letter.shipment.last_message and fakes["mssante"].submits == 0
        with pytest.raises(LetterRefusedError, match="Opposition"):
            written(stay, ward.secretary)
        patient_boxes.lift_opposition(stay.mother, by=ward.secretary)
        assert written(stay, ward.secretary)

    def test_who_opposed_and_when_is_kept(self, ward: world.Ward, stay: Stay) -> None:
        patient_boxes.oppose(stay.mother, by=ward.secretary)
        patient_boxes.oppose(stay.mother, by=ward.doctor_user)
        row = PatientMessaging.objects.get(person=stay.mother)
        assert row.opposed_by == ward.secretary and row.opposed_at is not None

    def test_her_opposition_between_carers(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        patient_boxes.oppose_between_carers(stay.mother, by=ward.secretary)
        paper = validated(ward, stay)
        mail, dmp = (paper.versions.get().shipments.get(channel=name) for name in ("mssante", "dmp"))
        deliver(mail), deliver(dmp)
        mail.refresh_from_db(), dmp.refresh_from_db()
        assert (mail.status, dmp.status) == (S.REJECTED, S.ACCEPTED) and mail.functional
        patient_boxes.lift_opposition_between_carers(stay.mother, by=ward.secretary)
        deliver(mail)
        mail.refresh_from_db()
        assert mail.status == S.ACCEPTED

    def test_the_newborn_has_a_box_of_its_own(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        person = qualified_child(stay)
        parcel = sent_parcel(fakes, written(stay, ward.secretary, "child-appointments", person=person))
        assert parcel.recipient.address == address_of(child_ins(stay)) != address_of(world.ins())
        assert "ACACIA" not in parcel.letter.text and "sage-femme" not in parcel.letter.text

    def test_mother_and_child_stay_apart(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        person = qualified_child(stay)
        with pytest.raises(LetterRefusedError, match="n'existe pas"):
            written(stay, ward.secretary, "signs", person=person)
        with pytest.raises(LetterRefusedError, match="n'existe pas"):
            written(stay, ward.secretary, "child-appointments")
        with pytest.raises(LetterRefusedError, match="rien ne s'y ajoute"):
            written(stay, ward.secretary, "documents", person=person, addition="Sa mère est fatiguée")
        paper = validated(ward, stay)
        with pytest.raises(LetterRefusedError, match="plus disponible"):
            patient_letters.chosen_papers(stay, person, ward.secretary, [str(paper.pk)])

    def test_a_child_whose_link_ended(self, ward: world.Ward, stay: Stay) -> None:
        person = qualified_child(stay)
        Newborn.objects.update(link_ended_at=timezone.now())
        with pytest.raises(LetterRefusedError, match="a pris fin"):
            written(stay, ward.secretary, "child-appointments", person=person)
        assert patient_letters.audience_of(stay, person.pk) is None

    def test_a_matricule_that_says_another_person(self, ward: world.Ward, stay: Stay) -> None:
        Person.objects.filter(pk=stay.mother_id).update(birth_date="1990-01-02")
        stay.mother.refresh_from_db()
        with pytest.raises(LetterRefusedError, match="Confirmez"):
            written(stay, ward.secretary)
        assert written(stay, ward.secretary, confirmed=True)


BOUNCES = [("5.2.1", "CLOSED"), ("5.1.1", "NOT_FOUND"), ("5.1.3", "INVALID")]


class TestBounces:
    @pytest.mark.parametrize(("code", "fault"), BOUNCES)
    def test_her_box_takes_nothing(self, ward: world.Ward, stay: Stay, fakes: Fakes, code: str, fault: str) -> None:
        letter = written(stay, ward.secretary)
        deliver(letter.shipment)
        receipts.store(receipt(ReceiptKind.BOUNCED, letter.shipment, code=code))
        row = PatientMessaging.objects.get(person=stay.mother)
        assert row.fault == fault and row.unavailable_since is not None
        assert "Appelez" in WorkItem.objects.get(shipment=letter.shipment).message
        with pytest.raises(LetterRefusedError, match="ne reçoit rien depuis"):
            written(stay, ward.secretary)
        assert Shipment.objects.filter(person=stay.mother).count() == 1, "nothing falls back by itself"
        patient_boxes.reopen(stay.mother, by=ward.secretary)
        retry(PatientLetter.objects.get(), by=ward.secretary)
        letter.shipment.refresh_from_db()
        assert letter.shipment.status == S.QUEUED

    def test_refused_at_the_door(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        fakes["mssante"].failures = [PermanentChannelError("550 5.1.1", "La boîte n'existe pas.")]
        deliver(written(stay, ward.secretary).shipment)
        assert PatientMessaging.objects.get().fault == "NOT_FOUND"

    def test_too_heavy_says_nothing_of_her_box(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        fakes["mssante"].failures = [PermanentChannelError("552 5.3.4", "Trop lourd.")]
        deliver(written(stay, ward.secretary).shipment)
        assert not PatientMessaging.objects.exists() and WorkItem.objects.count() == 1


def test_a_reading_shows_in_the_conversation(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    letter = written(stay, ward.secretary)
    deliver(letter.shipment)
    chips = []
    for kind in (ReceiptKind.DELIVERED, ReceiptKind.DISPLAYED):
        receipts.store(receipt(kind, letter.shipment))
        (one,) = patient_inbox.conversation(stay, stay.mother, ward.secretary)
        chips.append(one.chip.text)
    assert chips[0].startswith("Remis dans sa boîte") and chips[1].startswith("Lu le")
