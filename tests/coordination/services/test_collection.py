"""The edge of the collection: whatever one mail does to the storing, the rest of the mailbox is read."""

from __future__ import annotations

import logging

import pytest

from coordination import blobs, tasks
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Blob, Receipt, Shipment, WorkItem
from coordination.ports import Incoming
from coordination.ports import ReceiptKind as K
from coordination.services import collection, receipts
from tests.coordination import world
from tests.coordination.services.helpers import deliver, receipt, shipment, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten() -> None:
    collection._tries.clear()


@pytest.fixture
def mail(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Shipment:
    validated(ward, world.stay(ward))
    deliver(shipment())
    return shipment()


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> Incoming:
    """A mail on which the storing breaks each time, in a way that nobody foresaw."""
    one = receipt(K.DELIVERED, "x@y.example")
    usual = receipts.store

    def surprised(incoming: Incoming) -> Receipt:
        if incoming.digest == one.digest and incoming.kind is K.DELIVERED:
            raise ZeroDivisionError(incoming.raw.decode())
        return usual(incoming)

    monkeypatch.setattr(receipts, "store", surprised)
    return one


def test_the_rest_is_read_at_once_and_the_mail_put_aside_after_three_rounds(
    mail: Shipment, fakes: dict[str, FakeChannel], poisoned: Incoming, caplog: pytest.LogCaptureFixture
) -> None:
    fakes["mssante"].mail = [poisoned, receipt(K.DELIVERED, mail)]
    with caplog.at_level(logging.WARNING):
        tasks.collect_receipts()
        mail.refresh_from_db()
        assert mail.status == S.DELIVERED and poisoned.token not in fakes["mssante"].acknowledged
        for _ in range(collection.MOST_TRIES - 1):
            tasks.collect_receipts()
    kept = Receipt.objects.get(digest=poisoned.digest)
    assert kept.code == f"PUT_ASIDE ZeroDivisionError {poisoned.token}" and kept.shipment is None
    assert blobs.read(kept.raw) == poisoned.raw
    assert poisoned.token in fakes["mssante"].acknowledged
    line = WorkItem.objects.get(kind="RECEIPT_UNKNOWN", status="OPEN")
    assert line.organisation.mailbox == poisoned.mailbox and "mis de côté" in line.message
    assert poisoned.raw.decode() not in caplog.text and "receipt.put_aside" in caplog.text


def test_what_breaks_everywhere_stops_the_round_and_loses_nothing(
    ward: world.Ward, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> Blob:
        raise OSError("No space left on device")

    monkeypatch.setattr(blobs, "store", full)
    fakes["mssante"].mail = [receipt(K.DELIVERED, "x@y.example") for _ in range(collection.MOST_FAILURES + 5)]
    for _ in range(collection.MOST_TRIES + 2):
        tasks.collect_receipts()
    assert fakes["mssante"].acknowledged == [] and not Receipt.objects.exists()
    assert len(fakes["mssante"].mail) == collection.MOST_FAILURES + 5


def test_half_a_character_is_no_reason_to_refuse_a_mail(mail: Shipment, fakes: dict[str, FakeChannel]) -> None:
    fakes["mssante"].mail = [receipt(K.UNKNOWN, "\udcff@x.example", code="5\udcff"), receipt(K.DELIVERED, mail)]
    assert collection.collect("mssante") == 2
    mail.refresh_from_db()
    assert mail.status == S.DELIVERED


def test_an_unreadable_mail_of_the_channel_is_told_in_its_own_words(
    ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    fakes["mssante"].mail = [receipt(K.UNKNOWN, "", code="UNREADABLE 1:42 RecursionError")]
    assert collection.collect("mssante") == 1
    assert WorkItem.objects.get().message == "Phrase du canal." and Receipt.objects.get().code.startswith("UNREADABLE")


def test_a_mail_that_cannot_even_be_put_aside_stays_and_the_others_are_read(
    mail: Shipment, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hopeless, usual = receipt(K.DELIVERED, "x@y.example"), receipts.store

    def surprised(incoming: Incoming) -> Receipt:
        if incoming.digest == hopeless.digest:
            raise ZeroDivisionError(incoming.raw.decode())
        return usual(incoming)

    monkeypatch.setattr(receipts, "store", surprised)
    for _ in range(collection.MOST_TRIES + 1):
        fakes["mssante"].mail = [hopeless, receipt(K.DELIVERED, mail)]
        assert collection.collect("mssante") == 1
    assert hopeless.token not in fakes["mssante"].acknowledged
    assert "receipt.not_put_aside" in caplog.text and hopeless.raw.decode() not in caplog.text
