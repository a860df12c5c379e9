"""The outbox against every way a channel can fail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import InternalError, ProgrammingError
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import ChannelSwitch, Event, Shipment, ShipmentAttempt, WorkItem
from coordination.ports import PermanentChannelError, TemporaryChannelError, UncertainChannelError
from coordination.services import documents, outbox, transitions
from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Shipment:
    """A letter validated by its doctor; its DMP shipment."""
    stay = world.stay(ward)
    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    return Shipment.objects.get(channel="dmp")


def later(shipment: Shipment) -> None:
    Shipment.objects.filter(pk=shipment.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def test_one_validation_makes_one_shipment_per_channel(sent: Shipment) -> None:
    assert set(Shipment.objects.values_list("channel", "status")) == {("dmp", S.QUEUED), ("mssante", S.QUEUED)}


def test_accepted(sent: Shipment, fakes: dict[str, FakeChannel]) -> None:
    assert outbox.deliver(sent.pk) == S.ACCEPTED
    parcel = fakes["dmp"].kept[sent.set_unique_id]
    assert parcel.documents[0].unique_id == sent.versions.get().unique_id
    assert ShipmentAttempt.objects.get(shipment=sent).outcome == "ACCEPTED"
    assert outbox.deliver(sent.pk) is None, "an accepted shipment is not to be had"
    assert fakes["dmp"].submits == 1


def test_not_due_yet_is_left_alone(sent: Shipment, fakes: dict[str, FakeChannel]) -> None:
    Shipment.objects.filter(pk=sent.pk).update(due_at=timezone.now() + timedelta(minutes=1))
    assert outbox.deliver(sent.pk) is None
    assert fakes["dmp"].submits == 0


def test_temporary_failure_waits_then_leaves(sent: Shipment, fakes: dict[str, FakeChannel]) -> None:
    fakes["dmp"].failures = [TemporaryChannelError("busy", "Le DMP est occupé.")]
    assert outbox.deliver(sent.pk) == S.QUEUED
    sent.refresh_from_db()
    assert sent.due_at > timezone.now() and not sent.in_doubt
    later(sent)
    assert outbox.deliver(sent.pk) == S.ACCEPTED
    assert fakes["dmp"].finds == 0, "surely not received: no need to ask"


def test_uncertain_asks_before_sending_again(sent: Shipment, fakes: dict[str, FakeChannel]) -> None:
    channel = fakes["dmp"]
    channel.failures, channel.keep_despite_failure = [UncertainChannelError("timeout", "Pas de réponse.")], True
    assert outbox.deliver(sent.pk) == S.QUEUED
    later(sent)
    assert outbox.deliver(sent.pk) == S.ACCEPTED
    assert (channel.submits, channel.finds, len(channel.kept)) == (1, 1, 1)


def test_permanent_failure_becomes_a_line_for_a_person(sent: Shipment, fakes: dict[str, FakeChannel]) -> None:
    fakes["dmp"].failures = [PermanentChannelError("bad", "Le document est refusé.")]
    assert outbox.deliver(sent.pk) == S.REJECTED
    assert WorkItem.objects.get(shipment=sent).message == "Le document est refusé."
    sent.refresh_from_db()
    outbox.retry(sent, by=sent.sender)
    assert outbox.deliver(sent.pk) == S.ACCEPTED
    assert WorkItem.objects.get(shipment=sent).status == "DONE"


def test_functional_refusal_is_nobodys_work(sent: Shipment, fakes: dict[str, FakeChannel]) -> None:
    fakes["dmp"].failures = [PermanentChannelError("closed", "Le DMP est fermé.", functional=True)]
    assert outbox.deliver(sent.pk) == S.REJECTED
    assert not WorkItem.objects.filter(shipment=sent).exists()
    sent.refresh_from_db()
    assert sent.functional


def test_exhausted_tries_end_on_a_worklist(sent: Shipment, fakes: dict[str, FakeChannel]) -> None:
    fakes["dmp"].failures = [TemporaryChannelError("busy", "Le DMP est occupé.")] * 20
    for _ in range(20):
        later(sent)
        outbox.deliver(sent.pk)
    sent.refresh_from_db()
    assert sent.status == S.FAILED and sent.tries == 6
    assert WorkItem.objects.filter(shipment=sent, status="OPEN").count() == 1


def test_lost_lease_comes_back_in_doubt_and_finds(sent: Shipment, fakes: dict[str, FakeChannel]) -> None:
    claimed = outbox.claim(sent.pk)
    assert claimed is not None
    fakes["dmp"]._keep(_parcel(claimed))  # the worker died between the remote's storing and our record
    Shipment.objects.filter(pk=sent.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert outbox.recover_lost_leases() == 1
    later(sent)
    assert outbox.deliver(sent.pk) == S.ACCEPTED
    assert fakes["dmp"].submits == 0 and fakes["dmp"].finds == 1


def test_late_answer_after_a_lost_lease_is_believed(sent: Shipment, fakes: dict[str, FakeChannel]) -> None:
    claimed = outbox.claim(sent.pk)
    assert claimed is not None
    answer = outbox.ask(claimed)
    Shipment.objects.filter(pk=sent.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    outbox.recover_lost_leases()
    assert outbox.record(claimed, answer) == S.QUEUED, "its lease was lost: only the attempt is kept"
    fakes["dmp"].kept.clear()  # even if the remote forgot, our own proof stands
    later(sent)
    assert outbox.deliver(sent.pk) == S.ACCEPTED
    assert fakes["dmp"].submits == 1


def test_stopped_channel_sends_nothing(sent: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    ChannelSwitch.objects.create(channel="dmp", stopped=True, changed_by=ward.secretary, changed_at=timezone.now())
    assert outbox.deliver(sent.pk) is None
    assert sent.pk not in outbox.due_ids()
    ChannelSwitch.objects.update(stopped=False)
    assert outbox.deliver(sent.pk) == S.ACCEPTED


def test_second_worker_finds_nothing_to_claim(sent: Shipment, fakes: dict[str, FakeChannel]) -> None:
    assert outbox.claim(sent.pk) is not None
    assert outbox.claim(sent.pk) is None


def test_forbidden_passage_and_stale_row_are_refused(sent: Shipment) -> None:
    with pytest.raises(transitions.ForbiddenTransitionError), transaction.atomic():
        transitions.move(sent, S.DELIVERED)
    other = Shipment.objects.get(pk=sent.pk)
    transitions.move(other, S.CANCELLED)
    with pytest.raises(transitions.StaleStateError), transaction.atomic():
        transitions.move(sent, S.CANCELLED)


@pytest.mark.parametrize("statement", ["UPDATE coordination_event SET reason = 'x'", "DELETE FROM coordination_event"])
def test_events_cannot_be_rewritten(sent: Shipment, statement: str) -> None:
    assert Event.objects.exists()
    with pytest.raises((InternalError, ProgrammingError)), connection.cursor() as cursor:
        cursor.execute(statement)


def test_unforeseen_error_is_uncertain_and_bounded(
    sent: Shipment, fakes: dict[str, FakeChannel], settings: object
) -> None:
    from coordination import tasks

    fakes["dmp"].failures = [RuntimeError("nobody foresaw this")] * 20
    for _ in range(20):
        later(sent)
        tasks.deliver(str(sent.pk))
    sent.refresh_from_db()
    assert sent.status == S.FAILED and sent.in_doubt


def _parcel(shipment: Shipment):  # type: ignore[no-untyped-def]
    from coordination.selectors import parcels

    return parcels.parcel(shipment, parcels.load(shipment))
