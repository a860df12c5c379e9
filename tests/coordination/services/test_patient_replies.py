"""What a mother writes back: hers by her matricule, kept once with its files, dealt with in one activation."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from coordination import blobs
from coordination.models import PatientReply, Person, Receipt, Stay, WorkItem
from coordination.selectors import patient_inbox
from coordination.selectors.patient_letters import LetterRefusedError
from coordination.services import patient_replies
from perinat.standards.patient_box import address_of
from tests.coordination import world
from tests.coordination.services.helpers import deliver
from tests.coordination.services.patient_messages import (
    Fakes,
    arrive,
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


class TestReplies:
    def test_it_is_hers_by_her_matricule(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        letter = written(stay, ward.secretary)
        deliver(letter.shipment)
        arrive(fakes, reply(letter=letter))
        found = PatientReply.objects.get()
        assert (found.person, found.stay, found.letter) == (stay.mother, stay, letter)
        assert blobs.read_json(found.body)["text"] == "Merci beaucoup" and not found.after_end
        assert [(one.name, blobs.read(one.blob)) for one in found.files.all()] == [("ordonnance.pdf", b"%PDF-")]
        assert WorkItem.objects.get().kind == "PATIENT_REPLY" and not Receipt.objects.exists()

    def test_the_same_mail_twice_is_one(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        arrive(fakes, reply())
        arrive(fakes, reply())
        assert PatientReply.objects.count() == 1

    @pytest.mark.parametrize("why", ["unknown", "not qualified", "production", "another site"])
    def test_whose_it_is_not_sure_is_for_a_person(
        self, ward: world.Ward, stay: Stay, fakes: Fakes, settings: Any, why: str
    ) -> None:
        sender = f"Inconnue <{address_of(world.ins(9))}>" if why == "unknown" else ""
        if why == "not qualified":
            Person.objects.filter(pk=stay.mother_id).update(ins_status="RECUP")
        settings.IDENTITY_ACCEPTS_PRODUCTION = why == "production"
        one = reply(sender=sender)
        if why == "another site":
            type(ward.practice).objects.filter(pk=ward.practice.pk).update(mailbox="autre@essai.mssante.example")
            stay.care_team.update(ended_at=timezone.now())
            one = replace(one, mailbox="autre@essai.mssante.example")
        arrive(fakes, one)
        found = PatientReply.objects.get()
        assert found.person is None and "rattaché à personne" in WorkItem.objects.get().message

    def test_somebody_says_whose_it_is_then_deals_with_it(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        arrive(fakes, reply(sender=f"Louise <{address_of(world.ins(9))}>"))
        found = PatientReply.objects.get()
        patient_replies.attach(found, person=stay.mother, stay=stay, by=ward.secretary)
        patient_replies.handle(found, by=ward.secretary)
        patient_replies.handle(found, by=ward.doctor_user)
        found.refresh_from_db()
        assert found.person == stay.mother and found.handled_by == ward.secretary
        assert not WorkItem.objects.filter(status="OPEN").exists()

    def test_attached_once_dealt_with_it_opens_no_line(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        arrive(fakes, reply(sender=f"Louise <{address_of(world.ins(9))}>"))
        found = PatientReply.objects.get()
        patient_replies.handle(found, by=ward.secretary)
        patient_replies.attach(found, person=stay.mother, stay=stay, by=ward.doctor_user)
        found.refresh_from_db()
        assert found.person == stay.mother and found.handled_by == ward.secretary
        assert not WorkItem.objects.filter(status="OPEN").exists()

    def test_a_line_left_open_is_closed_by_a_second_press(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        arrive(fakes, reply())
        found = PatientReply.objects.get()
        PatientReply.objects.update(handled_at=timezone.now(), handled_by=ward.secretary)
        patient_replies.handle(found, by=ward.doctor_user)
        found.refresh_from_db()
        assert not WorkItem.objects.filter(status="OPEN").exists() and found.handled_by == ward.secretary

    def test_whose_it_is_is_said_once(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        arrive(fakes, reply(sender=f"Louise <{address_of(world.ins(9))}>"))
        first, second = PatientReply.objects.get(), PatientReply.objects.get()  # two people have the page open
        patient_replies.attach(first, person=stay.mother, stay=stay, by=ward.secretary)
        with pytest.raises(LetterRefusedError, match="déjà rattaché"):
            patient_replies.attach(second, person=qualified_child(stay), stay=stay, by=ward.doctor_user)
        assert PatientReply.objects.get().person == stay.mother

    def test_the_line_supposes_neither_a_mother_nor_a_message_of_ours(
        self, ward: world.Ward, stay: Stay, fakes: Fakes
    ) -> None:
        qualified_child(stay)
        arrive(fakes, reply(sender=f"Jules <{address_of(child_ins(stay))}>"))
        said = WorkItem.objects.get().message
        assert said.startswith("Un message est arrivé") and not re.search(r"\bElle\b|répon", said)

    @pytest.mark.parametrize("whose", ["another mother", "another site", "a child of hers no longer"])
    def test_it_is_filed_in_her_own_stay_of_this_site(
        self, ward: world.Ward, stay: Stay, fakes: Fakes, whose: str
    ) -> None:
        """Both may be visible, and neither be the other's: a list built by hand names any two."""
        arrive(fakes, reply(sender=f"Louise <{address_of(world.ins(9))}>"))
        found, person = PatientReply.objects.get(), stay.mother
        if whose == "another mother":
            person = Person.objects.create(
                birth_family_name="BOULEAU", birth_given_names="INES", birth_date=stay.mother.birth_date, sex="F"
            )
        elif whose == "another site":
            PatientReply.objects.update(organisation=ward.practice)
            stay.care_team.update(informed_at=None)  # so that this practice follows nobody
        else:
            person = qualified_child(stay)
            stay.newborns.update(link_ended_at=timezone.now())
        with pytest.raises(LetterRefusedError, match="pas celui de la personne"):
            patient_replies.attach(found, person=person, stay=stay, by=ward.secretary)
        found.refresh_from_db()
        assert found.person is None and WorkItem.objects.get(status="OPEN").message == patient_replies.LINE_UNKNOWN

    def test_after_the_end_it_is_kept_all_the_same(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        deliver(written(stay, ward.secretary, "end").shipment)
        arrive(fakes, reply())
        assert PatientReply.objects.get().after_end and "fin des échanges" in WorkItem.objects.get().message

    def test_answered_it_is_dealt_with_and_named(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        deliver(written(stay, ward.secretary).shipment)
        arrive(fakes, reply())
        found = PatientReply.objects.get()
        with pytest.raises(LetterRefusedError, match="Écrivez votre réponse"):
            written(stay, ward.secretary, "answer", answers=found)
        letter = written(stay, ward.secretary, "answer", answers=found, addition="Oui, à demain.")
        parcel = sent_parcel(fakes, letter)
        assert parcel.previous_message_id == "mes1@mes.example" and "Oui, à demain." in parcel.letter.text
        found.refresh_from_db()
        assert found.handled_at is not None

    def test_of_her_child_it_is_in_the_conversation_of_the_child(
        self, ward: world.Ward, stay: Stay, fakes: Fakes
    ) -> None:
        person = qualified_child(stay)
        arrive(fakes, reply(sender=f"Jules <{address_of(child_ins(stay))}>"))
        assert PatientReply.objects.get().person == person
        assert patient_inbox.conversation(stay, stay.mother, ward.secretary) == []

    def test_a_box_of_nobody_loses_nothing(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        arrive(fakes, replace(reply(), mailbox="personne@essai.mssante.example"))
        assert not PatientReply.objects.exists() and Receipt.objects.get().kind == "REPLY"
        assert world.ins().matricule not in json.dumps(list(Receipt.objects.values("code", "message_fr")))
