"""A version replaces another: who receives what, in which order, on each channel."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from coordination.lifecycles import DocumentStatus as D
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import (
    Document,
    Event,
    Shipment,
    WorkItem,
)
from coordination.ports import (
    Action,
    PermanentChannelError,
    PreviousAbsentError,
    TemporaryChannelError,
    UncertainChannelError,
)
from coordination.ports import ReceiptKind as K
from coordination.services import documents, holding, outbox, receipts, routing, stays
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import child, deliver, deliver_all, follow, professional, receipt, validated
from tests.coordination.services.replacing import CHILD, WHY, Fakes, arrived, named_in, of, paper, replaced, sent

pytestmark = pytest.mark.django_db
__all__ = ["arrived", "paper"]  # fixtures


class TestTheNewVersion:
    def test_same_set_next_number_its_own_identifier_and_the_parent_named(
        self, arrived: Document, ward: world.Ward
    ) -> None:
        first = arrived.current_version
        second = replaced(ward, arrived, comment="Posologie à revoir, dit le Dr")
        assert (second.number, second.replaces, second.reason) == (2, first, "Une information était inexacte")
        assert second.unique_id != first.unique_id and named_in(second) == first.unique_id
        assert arrived.status == D.VALIDATED and arrived.current_version == second
        event = Event.objects.filter(subject="document").latest("at")
        assert (event.source, event.target, event.reason) == ("VALIDATED", "VALIDATED", second.reason)

    def test_who_holds_the_old_one_receives_a_replacement(
        self, arrived: Document, ward: world.Ward, fakes: Fakes
    ) -> None:
        first = arrived.current_version.unique_id
        replaced(ward, arrived, comment="Précision du service")
        deliver_all()
        for fake in fakes.values():
            assert sent(fake) == [("SEND", 1, ""), ("REPLACE", 2, first)]
            told = list(fake.kept.values())[-1]
            assert told.reason == WHY.label and "Précision" not in repr(told)

    def test_the_mail_answers_the_one_it_replaces(self, arrived: Document, ward: world.Ward, fakes: Fakes) -> None:
        old = of("mssante").message_id
        replaced(ward, arrived)
        deliver_all()
        assert list(fakes["mssante"].kept.values())[-1].previous_message_id == old

    def test_who_joined_since_receives_it_as_new(self, arrived: Document, ward: world.Ward, fakes: Fakes) -> None:
        replaced(ward, arrived)
        carer = professional(ward.practice)
        follow(ward, arrived.stay, carer)
        deliver_all()
        assert ("SEND", 3, "") in sent(fakes["mssante"]), "an edition that names nothing she does not have"
        assert Shipment.objects.filter(recipient=carer).count() == 1
        assert sorted(arrived.versions.values_list("number", "replaces__number")) == [(1, None), (2, 1), (3, None)]

    def test_a_third_version_replaces_the_second(self, arrived: Document, ward: world.Ward, fakes: Fakes) -> None:
        second = replaced(ward, arrived)
        deliver_all()
        replaced(ward, arrived, "Troisième")
        deliver_all()
        assert sent(fakes["dmp"])[-1] == ("REPLACE", 3, second.unique_id)


class TestWhatHasNotLeft:
    def test_nobody_receives_the_old_one(self, paper: Document, ward: world.Ward, fakes: Fakes) -> None:
        replaced(ward, paper)
        deliver_all()
        assert [sent(fake) for fake in fakes.values()] == [[("SEND", 2, "")], [("SEND", 2, "")]]
        old = Shipment.objects.filter(versions__number=1)
        assert {one.status for one in old} == {S.CANCELLED}

    def test_the_other_papers_of_the_lot_go_on(self, ward: world.Ward, fakes: Fakes) -> None:
        stay = world.stay(ward)
        letter, report = world.letter(ward, stay), world.letter(ward, stay, type_code=codes.CR_ACCOUCHEMENT.code)
        for one in (letter, report):
            documents.freeze_and_seal(one, by=ward.doctor_user)
        routing.dispatch([letter, report], by=ward.doctor_user)
        replaced(ward, letter)
        deliver_all()
        kept = [{d.unique_id for d in p.documents} for p in fakes["dmp"].kept.values()]
        assert {report.current_version.unique_id} in kept and len(kept) == 2

    def test_held_for_an_address_stays_held_with_the_new_one(self, ward: world.Ward, fakes: Fakes) -> None:
        stay = world.stay(ward, with_midwife=False)
        paper = validated(ward, stay)
        carer = professional(ward.practice, mailbox=False)
        follow(ward, stay, carer)
        deliver_all()
        replaced(ward, paper)
        (held,) = Shipment.objects.filter(recipient=carer, status=S.HELD)
        assert held.versions.get() == paper.current_version
        assert Shipment.objects.get(recipient=carer, status=S.CANCELLED).versions.get().number == 1


class TestInFlight:
    def test_the_replacement_waits_for_the_outcome(self, paper: Document, ward: world.Ward, fakes: Fakes) -> None:
        claimed = outbox.claim(of("dmp").pk)
        assert claimed is not None
        replaced(ward, paper)
        new = of("dmp")
        assert deliver(new) is None and fakes["dmp"].submits == 0
        assert new.pk not in outbox.due_ids(), "it does not clog the queue meanwhile"
        assert outbox.record(claimed, outbox.ask(claimed)) == S.ACCEPTED
        assert deliver(new) == S.ACCEPTED
        assert [row[0] for row in sent(fakes["dmp"])] == ["SEND", "REPLACE"]

    def test_a_refused_old_one_is_never_named(self, paper: Document, ward: world.Ward, fakes: Fakes) -> None:
        claimed = outbox.claim(of("dmp").pk)
        assert claimed is not None
        replaced(ward, paper)
        fakes["dmp"].failures = [PermanentChannelError("bad", "Le document est refusé.")]
        assert outbox.record(claimed, outbox.ask(claimed)) == S.REJECTED
        assert deliver(of("dmp")) == S.ACCEPTED
        assert sent(fakes["dmp"]) == [("SEND", 3, "")]
        assert named_in(of("dmp").versions.get()) == ""

    def test_a_temporary_failure_of_the_old_one_never_sends_it(
        self, paper: Document, ward: world.Ward, fakes: Fakes
    ) -> None:
        claimed = outbox.claim(of("dmp").pk)
        assert claimed is not None
        replaced(ward, paper)
        fakes["dmp"].failures = [TemporaryChannelError("busy", "Le DMP est occupé.")]
        assert outbox.record(claimed, outbox.ask(claimed)) == S.QUEUED
        assert deliver(claimed) is None
        claimed.refresh_from_db()
        assert claimed.status == S.CANCELLED
        assert deliver(of("dmp")) == S.ACCEPTED and [row[0] for row in sent(fakes["dmp"])] == ["SEND"]

    def test_in_doubt_the_old_one_is_settled_first(self, paper: Document, ward: world.Ward, fakes: Fakes) -> None:
        fakes["dmp"].failures, fakes["dmp"].keep_despite_failure = [UncertainChannelError("cut", "Coupure.")], True
        old = of("dmp")
        assert deliver(old) == S.QUEUED
        replaced(ward, paper)
        new = of("dmp")
        assert deliver(new) is None
        assert deliver(old) == S.ACCEPTED and fakes["dmp"].finds == 1 and fakes["dmp"].submits == 1
        assert deliver(new) == S.ACCEPTED and sent(fakes["dmp"])[-1][0] == "REPLACE"

    def test_given_up_in_doubt_the_channel_itself_says_that_it_holds_none(
        self, paper: Document, ward: world.Ward, fakes: Fakes
    ) -> None:
        old = of("dmp")
        Shipment.objects.filter(pk=old.pk).update(status=S.FAILED, in_doubt=True, tries=6)
        replaced(ward, paper)
        new = of("dmp")
        fakes["dmp"].failures = [PreviousAbsentError("absent", "La version n'y est pas.")]
        assert new.action == Action.REPLACE and deliver(new) == S.QUEUED
        assert deliver(new) == S.ACCEPTED and [row[::2] for row in sent(fakes["dmp"])] == [("SEND", "")]
        old.refresh_from_db()
        assert old.status == S.CANCELLED, "nobody sends the old one again"

    def test_a_mail_that_bounced_since_is_not_retried_with_the_old_one(
        self, arrived: Document, ward: world.Ward, fakes: Fakes
    ) -> None:
        old = of("mssante")
        replaced(ward, arrived)
        receipts.store(receipt(K.BOUNCED, old, code="5.7.1"))
        old.refresh_from_db()
        outbox.retry(old, by=ward.secretary)
        assert deliver(old) is None
        old.refresh_from_db()
        assert old.status == S.CANCELLED and not WorkItem.objects.filter(status="OPEN").exists()
        assert deliver(of("mssante")) == S.ACCEPTED and sent(fakes["mssante"])[-1] == ("SEND", 3, "")


class TestNewborn:
    def test_each_place_is_told_of_the_version_it_holds(self, ward: world.Ward, fakes: Fakes) -> None:
        """The midwife holds version 1, without INS; the DMP version 2, with it."""
        stay = world.stay(ward)
        paper = validated(ward, stay, person=child(stay), type_code=codes.CR_EXAMEN_ENFANT.code)
        deliver_all()
        stays.qualify(child(stay), CHILD, by=ward.secretary)  # type: ignore[arg-type]
        holding.release_ready()
        deliver_all()
        assert [row[:2] for row in sent(fakes["dmp"])] == [("SEND", 2)]
        replaced(ward, paper)
        deliver_all()
        held = dict(paper.versions.values_list("number", "unique_id"))
        assert sent(fakes["dmp"])[-1] == ("REPLACE", 3, held[2])
        assert sent(fakes["mssante"])[-1] == ("REPLACE", 4, held[1])
        assert named_in(paper.versions.get(number=4)) == held[1]

    def test_before_the_ins_the_dmp_receives_the_new_one_only(self, ward: world.Ward, fakes: Fakes) -> None:
        stay = world.stay(ward)
        paper = validated(ward, stay, person=child(stay), type_code=codes.CR_EXAMEN_ENFANT.code)
        deliver_all()
        replaced(ward, paper)
        deliver_all()
        stays.qualify(child(stay), CHILD, by=ward.secretary)  # type: ignore[arg-type]
        holding.release_ready()
        deliver_all()
        assert [row[0] for row in sent(fakes["mssante"])] == ["SEND", "REPLACE"]
        ((action, _, parent),) = sent(fakes["dmp"])
        assert (action, parent) == ("SEND", "")
        (parcel,) = fakes["dmp"].kept.values()
        assert parcel.patient.ins == CHILD


class TestWithdrawal:
    def test_the_version_in_force_is_recalled_and_the_replaced_one_left(
        self, arrived: Document, ward: world.Ward, fakes: Fakes
    ) -> None:
        second = replaced(ward, arrived)
        deliver_all()
        documents.withdraw(arrived, by=ward.doctor_user, reason="Papier d'une autre")
        deliver_all()
        for fake in fakes.values():
            assert fake.withdrawn == [second.unique_id]
        assert not Shipment.objects.filter(action="WITHDRAW").exclude(status__in=[S.ACCEPTED, S.CANCELLED]).exists()

    def test_the_replacement_has_not_left_the_old_one_is_recalled(
        self, arrived: Document, ward: world.Ward, fakes: Fakes
    ) -> None:
        first = arrived.current_version.unique_id
        replaced(ward, arrived)
        documents.withdraw(arrived, by=ward.doctor_user, reason="Papier d'une autre")
        deliver_all()
        for fake in fakes.values():
            assert fake.withdrawn == [first]
            assert [row[0] for row in sent(fake)] == ["SEND"]

    def test_the_recall_waits_for_the_replacement_in_flight(
        self, arrived: Document, ward: world.Ward, fakes: Fakes
    ) -> None:
        second = replaced(ward, arrived)
        claimed = outbox.claim(of("dmp").pk)
        assert claimed is not None
        arrived.refresh_from_db()
        documents.withdraw(arrived, by=ward.doctor_user, reason="Papier d'une autre")
        deliver_all()
        assert fakes["dmp"].withdrawn == []
        outbox.record(claimed, outbox.ask(claimed))
        deliver_all()
        assert fakes["dmp"].withdrawn == [second.unique_id]

    def test_a_reason_is_needed(self, arrived: Document, ward: world.Ward) -> None:
        with pytest.raises(documents.DocumentRefusedError, match="pourquoi"):
            documents.withdraw(arrived, by=ward.doctor_user, reason="  ")
        assert arrived.status == D.VALIDATED


def test_a_lot_never_waits_more_than_patience(paper: Document, ward: world.Ward) -> None:
    outbox.claim(of("dmp").pk)
    replaced(ward, paper)
    deliver(of("dmp"))
    assert of("dmp").due_at - timezone.now() < timedelta(seconds=31)
