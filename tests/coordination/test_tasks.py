"""Tasks: ids in, nothing lost when an act fails, one failure never stops the others."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.utils import timezone

from coordination import channels, tasks
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import AuditSeal, Deposit, Notice, Shipment, WorkItem
from coordination.ports import ReceiptKind
from coordination.services import deposits, handovers, holding, letters, notices, stays
from perinat.celery import app
from tests.conftest import PARIS
from tests.coordination import world
from tests.coordination.services.helpers import receipt, shipment, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


def test_the_clock_knows_its_tasks() -> None:
    names = {entry["task"] for entry in app.conf.beat_schedule.values()}
    app.loader.import_default_modules()  # as a worker does when it starts
    assert names <= set(app.tasks)
    ours = {name.removeprefix("coordination.") for name in names if name.startswith("coordination.")}
    assert ours and all(hasattr(tasks, name) for name in ours)


def test_the_sweep_sends_what_nobody_rang_for(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    validated(ward, world.stay(ward))
    tasks.sweep_outbox()
    assert set(Shipment.objects.values_list("status", flat=True)) == {S.ACCEPTED}
    tasks.sweep_outbox()
    assert {channel.submits for channel in fakes.values()} == {1}


def test_each_channel_is_swept_by_its_own_workers(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    """A sweep delivers in place: a silent channel must hold its own only."""
    sweeps = [entry for entry in app.conf.beat_schedule.values() if entry["task"] == "coordination.sweep_outbox"]
    assert sorted((entry["args"], entry["options"]["queue"]) for entry in sweeps) == [
        ((name,), name) for name in sorted(channels.names())
    ]
    validated(ward, world.stay(ward))
    tasks.sweep_outbox("dmp")
    assert (shipment("dmp").status, shipment("mssante").status) == (S.ACCEPTED, S.QUEUED)


def test_one_poisoned_shipment_does_not_stop_the_others(
    ward: world.Ward, fakes: dict[str, FakeChannel], caplog: pytest.LogCaptureFixture
) -> None:
    validated(ward, world.stay(ward))
    fakes["dmp"].failures = [RuntimeError("nobody foresaw this")]
    with caplog.at_level(logging.ERROR):
        tasks.sweep_outbox()
    assert shipment("mssante").status == S.ACCEPTED and shipment("dmp").status == S.QUEUED and shipment("dmp").in_doubt
    assert "task.unforeseen name=deliver" in caplog.text


def test_files_are_read_by_the_sweep(clock: time_machine.Traveller, ward: world.Ward) -> None:
    deposits.receive([("a.pdf", b"x"), ("b.pdf", b"y")], by=ward.secretary)
    tasks.sweep_deposits()
    assert Deposit.objects.filter(status="RECEIVED").count() == 2, "the bell has its time to ring"
    clock.shift(deposits.BELL_TIME)
    tasks.sweep_deposits()
    assert Deposit.objects.filter(status="REFUSED").count() == 2


def test_receipts_and_notices(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    validated(ward, world.stay(ward))
    tasks.sweep_outbox()
    fakes["mssante"].mail = [receipt(ReceiptKind.DELIVERED, shipment())]
    tasks.collect_receipts()
    tasks.send_notices()
    assert shipment().status == S.DELIVERED and not Notice.objects.filter(sent_at__isnull=True).exists()


def test_a_broken_channel_does_not_keep_the_others_from_being_read(
    ward: world.Ward, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> object:
        raise RuntimeError("nobody foresaw this")

    validated(ward, world.stay(ward))
    tasks.sweep_outbox()
    monkeypatch.setattr(fakes["dmp"], "collect", broken)
    fakes["mssante"].mail = [receipt(ReceiptKind.DELIVERED, shipment())]
    tasks.collect_receipts()
    assert shipment().status == S.DELIVERED


def test_deadlines_become_lines(clock: time_machine.Traveller, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward, with_midwife=False)
    stays.discharge(stay, at=timezone.now(), by=ward.secretary)
    handovers.ask(stay.handovers.get(), ward.midwife, by=ward.coordinator)
    letters.request(stay, by=ward.midwife_user, professional=ward.midwife)
    clock.shift(timedelta(days=3))
    for _ in range(2):
        tasks.watch_deadlines()
    kinds = sorted(WorkItem.objects.filter(status="OPEN").values_list("kind", flat=True))
    assert kinds == ["LETTER_ESCALATED", "LETTER_NOT_SENT", "LETTER_REQUESTED", "TO_PLACE", "VISIT_OVERDUE"]


def test_held_shipments_are_looked_at(ward: world.Ward, fakes: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that fails in an unforeseen way does not keep the next from being looked at."""
    first, second = uuid4(), uuid4()
    looked: list[UUID] = []

    def release(identifier: UUID) -> bool:
        looked.append(identifier)
        if identifier == first:
            raise RuntimeError("nobody foresaw this")
        return True

    monkeypatch.setattr(holding, "held_ids", lambda: [first, second])
    monkeypatch.setattr(holding, "release", release)
    tasks.release_held()
    assert looked == [first, second]


def test_yesterday_is_sealed(clock: time_machine.Traveller, ward: world.Ward, fakes: object) -> None:
    world.stay(ward)
    clock.move_to(datetime(2026, 3, 17, 1, 0, tzinfo=PARIS))
    tasks.seal_audit()
    assert AuditSeal.objects.get().day.isoformat() == "2026-03-16"


def test_a_deaf_notifier_keeps_its_notices(ward: world.Ward, settings: object) -> None:
    settings.EMAIL_BACKEND = "tests.coordination.test_tasks.Deaf"  # type: ignore[attr-defined]
    notices.tell(ward.midwife.pk, text="Un document vous attend dans perinat.", path="/")
    tasks.send_notices()
    assert Notice.objects.get().sent_at is None


def Deaf(*_: object, **__: object) -> object:
    """An e-mail server that is down."""
    raise ConnectionRefusedError
