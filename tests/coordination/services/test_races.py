"""Two people, or two workers, at the same instant: real threads, real transactions."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from coordination import blobs
from coordination.lifecycles import HandoverStatus as H
from coordination.lifecycles import OfferStatus as O
from coordination.models import AuditEntry, Document, Handover, Offer, PatientReply, Reading, Shipment
from coordination.services import (
    collection,
    deposits,
    documents,
    handovers,
    patient_replies,
    readings,
    receipts,
    transitions,
)
from coordination.services import outbox as outbox_service
from perinat.standards.patient_box import address_of
from tests.coordination import world
from tests.coordination.services.helpers import professional, receipt, shipment, validated
from tests.coordination.services.patient_messages import arrive, reply
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Each act in a thread and a connection of its own, started together; what it gave, or its error."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=10)
            results[index] = act()  # type: ignore[call-overload]
        except Exception as error:
            results[index] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return list(results)


@pytest.fixture
def asked(ward: world.Ward, fakes: dict[str, FakeChannel]) -> tuple[Offer, Offer]:
    handover = Handover.objects.get(stay=world.stay(ward, with_midwife=False))
    return (
        handovers.ask(handover, ward.midwife, by=ward.coordinator),
        handovers.ask(handover, professional(ward.practice), by=ward.coordinator),
    )


def test_two_yes_one_midwife(asked: tuple[Offer, Offer], ward: world.Ward) -> None:
    results = at_once(*(lambda o=offer: handovers.accept(o, by=ward.midwife_user) for offer in asked))  # type: ignore[misc]
    assert sorted(type(r).__name__ for r in results) == ["NoneType", "StaleStateError"]
    statuses = sorted(Offer.objects.values_list("status", flat=True))
    assert statuses == [O.ACCEPTED, O.WITHDRAWN]
    winner = Offer.objects.get(status=O.ACCEPTED)
    assert Handover.objects.get().midwife == winner.midwife


def test_two_no_and_the_mother_is_not_forgotten(asked: tuple[Offer, Offer], ward: world.Ward) -> None:
    at_once(*(lambda o=offer: handovers.decline(o, by=ward.midwife_user, reason="Absente") for offer in asked))  # type: ignore[misc]
    assert set(Offer.objects.values_list("status", flat=True)) == {O.DECLINED}
    assert Handover.objects.get().status == H.TO_PLACE


def test_yes_and_no_never_block_each_other(asked: tuple[Offer, Offer], ward: world.Ward) -> None:
    yes, no = asked
    results = at_once(
        lambda: handovers.accept(yes, by=ward.midwife_user),
        lambda: handovers.decline(no, by=ward.midwife_user, reason="Absente"),
    )
    assert all(r is None or isinstance(r, transitions.StaleStateError) for r in results), results
    assert Handover.objects.get().status == H.ACCEPTED


def test_two_validations_seal_once(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    paper = world.letter(ward, world.stay(ward))
    pages = [Document.objects.get(pk=paper.pk) for _ in range(2)]
    results = at_once(*(lambda p=page: documents.validate(p, by=ward.doctor_user) for page in pages))  # type: ignore[misc]
    assert sorted(type(r).__name__ for r in results) == ["NoneType", "StaleStateError"]
    version = paper.versions.get()
    assert hashlib.sha1(blobs.read(version.cda), usedforsecurity=False).hexdigest() == version.cda_sha1  # type: ignore[arg-type]
    assert Shipment.objects.count() == 2


def test_two_first_openings_are_one_reading(
    ward: world.Ward, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both looked before either wrote: both are served, both are audited, one is the reading."""
    version = validated(ward, world.stay(ward)).current_version
    looked, look = threading.Barrier(2), readings._first_reader

    def look_together(*asked: Any) -> Any:
        found = look(*asked)
        looked.wait(timeout=10)
        return found

    monkeypatch.setattr(readings, "_first_reader", look_together)
    results = at_once(*[lambda: readings.open_version(version, by=ward.midwife_user)] * 2)
    assert results == [world.pdf_a()] * 2
    assert Reading.objects.get().professional == ward.midwife
    assert AuditEntry.objects.filter(action="document.opened").count() == 2


def test_two_workers_send_one_shipment_once(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    validated(ward, world.stay(ward))
    one = shipment("dmp")
    at_once(*[lambda: outbox_service.deliver(one.pk)] * 4)
    assert fakes["dmp"].submits == 1 and Shipment.objects.get(pk=one.pk).attempts.count() == 1


def test_two_collectors_store_each_mail_once(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    """While one collects, the other does nothing: it does not wait, and fetches nothing."""
    validated(ward, world.stay(ward))
    outbox_service.deliver(shipment().pk)
    inside, leave = threading.Event(), threading.Event()
    mails = [receipt(receipts.ReceiptKind.DELIVERED, shipment())]

    def slow_collect() -> object:
        inside.set()
        leave.wait(timeout=10)
        yield from mails

    fakes["mssante"].collect = slow_collect  # type: ignore[method-assign]

    def second() -> int:
        inside.wait(timeout=10)
        count = collection.collect("mssante")
        leave.set()
        return count

    assert at_once(lambda: collection.collect("mssante"), second) == [1, 0]
    fakes["mssante"].collect = lambda: iter(())  # type: ignore[method-assign]
    assert collection.collect("mssante") == 0, "the lock is free again"


def test_two_workers_read_one_file_once(ward: world.Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    (dropped,) = deposits.receive([("vide.pdf", b"")], by=ward.secretary)
    results = at_once(*[lambda: deposits.read(dropped.pk)] * 3)
    assert sorted(str(r) for r in results) == ["None", "None", "REFUSED"]


def test_a_paper_undone_or_sent_never_both(ward: world.Ward, fakes: dict[str, FakeChannel], settings: object) -> None:
    paper = validated(ward, world.stay(ward))
    dmp = shipment("dmp")
    undone, sent = at_once(lambda: deposits.undo([paper], by=ward.doctor_user), lambda: outbox_service.deliver(dmp.pk))
    assert (undone == 1) == (sent is None), (undone, sent)
    assert fakes["dmp"].submits == (0 if undone else 1)


def test_a_message_of_hers_is_said_to_be_of_one_person(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    arrive(fakes, reply(sender=f"Louise <{address_of(world.ins(9))}>"))
    found, child = PatientReply.objects.get(), stay.newborns.get().person
    people = (stay.mother, child)
    results = at_once(
        *(lambda p=person: patient_replies.attach(found, person=p, stay=stay, by=ward.secretary) for person in people)  # type: ignore[misc]
    )
    assert sorted(type(r).__name__ for r in results) == ["LetterRefusedError", "NoneType"]
    assert PatientReply.objects.get().person == people[results.index(None)]
