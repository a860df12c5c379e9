"""Taking a paper back: never the others of its pack, never before its own sending, never twice."""

from __future__ import annotations

import pytest

from coordination.lifecycles import DocumentStatus as D
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import AuditEntry, Document, Shipment, WorkItem
from coordination.ports import PermanentChannelError, TemporaryChannelError, UncertainChannelError
from coordination.ports import ReceiptKind as K
from coordination.services import documents, outbox, recalls, receipts, routing, transitions
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import deliver, receipt, shipment, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
WHY = "Papier d'une autre patiente"


@pytest.fixture
def pack(ward: world.Ward, fakes: dict[str, FakeChannel]) -> tuple[Document, Document]:
    """A letter and a birth report of one mother, in the same shipments."""
    stay = world.stay(ward)
    letter = world.letter(ward, stay)
    report = world.letter(ward, stay, type_code=codes.CR_ACCOUCHEMENT.code)
    for paper in (letter, report):
        documents.freeze_and_seal(paper, by=ward.doctor_user)
    routing.dispatch([letter, report], by=ward.doctor_user)
    return letter, report


def sendings() -> list[Shipment]:
    return list(Shipment.objects.exclude(action="WITHDRAW"))


def recalls_made() -> list[Shipment]:
    return list(Shipment.objects.filter(action="WITHDRAW").order_by("channel"))


def test_what_has_not_left_leaves_the_shipment_and_the_others_go(
    pack: tuple[Document, Document], ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    letter, report = pack
    documents.withdraw(report, by=ward.doctor_user, reason=WHY)
    assert report.status == D.WITHDRAWN and recalls_made() == []
    assert {deliver(one) for one in sendings()} == {S.ACCEPTED}
    for channel in fakes.values():
        (parcel,) = channel.kept.values()
        assert [d.unique_id for d in parcel.documents] == [letter.current_version.unique_id]
    assert AuditEntry.objects.filter(action="shipment.document_left_out").count() == 2


def test_the_last_paper_taken_back_cancels_the_shipment(pack: tuple[Document, Document], ward: world.Ward) -> None:
    for paper in pack:
        documents.withdraw(paper, by=ward.doctor_user, reason=WHY)
    assert {one.status for one in sendings()} == {S.CANCELLED} and recalls_made() == []


def test_what_was_sent_is_recalled_once(
    pack: tuple[Document, Document], ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    _, report = pack
    for one in sendings():
        deliver(one)
    documents.withdraw(report, by=ward.doctor_user, reason=WHY)
    assert [(one.channel, one.reason) for one in recalls_made()] == [("dmp", WHY), ("mssante", WHY)]
    for one in recalls_made():
        assert deliver(one) == S.ACCEPTED
    assert fakes["dmp"].withdrawn == fakes["mssante"].withdrawn == [report.current_version.unique_id]
    with pytest.raises(transitions.ForbiddenTransitionError):
        documents.withdraw(report, by=ward.doctor_user, reason=WHY)


def test_a_recall_waits_for_the_sending_it_follows(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    paper = validated(ward, world.stay(ward))
    claimed = outbox.claim(shipment("dmp").pk)
    assert claimed is not None
    documents.withdraw(paper, by=ward.doctor_user, reason=WHY)
    (recall,) = recalls_made()
    assert deliver(recall) is None and fakes["dmp"].withdrawn == []
    assert recall.pk not in outbox.due_ids(), "and it does not clog the queue meanwhile"
    outbox.record(claimed, outbox.ask(claimed))
    assert deliver(recall) == S.ACCEPTED and len(fakes["dmp"].withdrawn) == 1


def test_a_recall_of_what_was_finally_refused_has_no_object(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    paper = validated(ward, world.stay(ward))
    claimed = outbox.claim(shipment("dmp").pk)
    assert claimed is not None
    documents.withdraw(paper, by=ward.doctor_user, reason=WHY)
    (recall,) = recalls_made()
    fakes["dmp"].failures = [PermanentChannelError("bad", "Le document est refusé.")]
    outbox.record(claimed, outbox.ask(claimed))
    assert deliver(recall) is None
    recall.refresh_from_db()
    assert recall.status == S.CANCELLED and fakes["dmp"].withdrawn == []


def test_a_temporary_failure_never_left(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    paper = validated(ward, world.stay(ward))
    fakes["dmp"].failures = [TemporaryChannelError("busy", "Le DMP est occupé.")]
    assert deliver(shipment("dmp")) == S.QUEUED
    documents.withdraw(paper, by=ward.doctor_user, reason=WHY)
    assert shipment("dmp").status == S.CANCELLED and recalls_made() == []


def test_in_doubt_is_stopped_and_recalled(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    paper = validated(ward, world.stay(ward))
    fakes["dmp"].failures, fakes["dmp"].keep_despite_failure = [UncertainChannelError("cut", "Coupure.")], True
    assert deliver(shipment("dmp")) == S.QUEUED
    documents.withdraw(paper, by=ward.doctor_user, reason=WHY)
    assert [one.status for one in sendings() if one.channel == "dmp"] == [S.CANCELLED]
    (recall,) = recalls_made()
    assert deliver(recall) == S.ACCEPTED and len(fakes["dmp"].withdrawn) == 1
    assert fakes["dmp"].submits == 1, "what was withdrawn is not sent again"


def test_a_refused_paper_taken_back_leaves_no_line(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    paper = validated(ward, world.stay(ward))
    fakes["dmp"].failures = [PermanentChannelError("bad", "Le document est refusé.")]
    deliver(shipment("dmp"))
    assert WorkItem.objects.filter(status="OPEN").count() == 1
    documents.withdraw(paper, by=ward.doctor_user, reason=WHY)
    assert not WorkItem.objects.filter(status="OPEN").exists() and recalls_made() == []


def test_a_bounced_mail_is_not_recalled_an_unread_error_is(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    bounced = validated(ward, world.stay(ward))
    deliver(shipment())
    receipts.store(receipt(K.BOUNCED, shipment(), code="5.1.1"))
    assert not recalls.may_have_left(shipment())
    documents.withdraw(bounced, by=ward.doctor_user, reason=WHY)
    assert recalls_made() == []


def test_a_mail_its_reader_could_not_integrate_is_recalled(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    paper = validated(ward, world.stay(ward))
    deliver(shipment())
    receipts.store(receipt(K.NOT_INTEGRATED, shipment(), code="902"))
    documents.withdraw(paper, by=ward.doctor_user, reason=WHY)
    assert [one.channel for one in recalls_made()] == ["mssante"]


def test_the_recall_read_by_the_midwife_is_no_reading_of_the_paper(
    ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    paper = validated(ward, world.stay(ward))
    deliver(shipment())
    documents.withdraw(paper, by=ward.doctor_user, reason=WHY)
    (recall,) = recalls_made()
    deliver(recall)
    receipts.store(receipt(K.DISPLAYED, recall))
    assert not paper.current_version.readings.exists()
