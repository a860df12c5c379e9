"""The seal of the days: whatever is changed behind the triggers is found, and only that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import InternalError, ProgrammingError
from django.utils import timezone

from coordination import audit
from coordination.models import AuditEntry, AuditSeal, Event, Shipment
from coordination.ports import ReceiptKind
from coordination.services import outbox, receipts
from tests.conftest import PARIS
from tests.coordination import world
from tests.coordination.services.helpers import receipt, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
FIRST = date(2026, 3, 16)


@pytest.fixture
def days(clock: time_machine.Traveller, ward: world.Ward, fakes: dict[str, FakeChannel]) -> time_machine.Traveller:
    """Three days of work, sealed; it is the morning of the fourth."""
    stay = world.stay(ward)
    validated(ward, stay)
    for _ in range(2):
        clock.shift(timedelta(days=1))
        for shipment in Shipment.objects.filter(status="QUEUED")[:1]:
            outbox.deliver(shipment.pk)
        audit.record("document.opened", by=ward.secretary, subject=stay)
    clock.shift(timedelta(days=1))
    audit.seal_until(timezone.localdate() - timedelta(days=1))
    return clock


def sql(statement: str) -> None:
    """As somebody who owns the database would: triggers off for one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")


def day_of(model: type[Event] | type[AuditEntry], number: int) -> str:
    start = datetime.combine(FIRST + timedelta(days=number), datetime.min.time(), tzinfo=PARIS)
    row = model.objects.filter(at__gte=start, at__lt=start + timedelta(days=1)).first()
    assert row is not None
    return str(row.pk)


def test_three_days_are_sealed_once(days: time_machine.Traveller) -> None:
    assert [seal.day for seal in AuditSeal.objects.all()] == [FIRST + timedelta(days=n) for n in range(3)]
    assert audit.seal_until(timezone.localdate()) == 0 and audit.verify() is None
    assert AuditSeal.objects.first().rows > 3  # type: ignore[union-attr]


ALTERATIONS: dict[str, tuple[int, Callable[[], str]]] = {
    "a reason": (0, lambda: f"UPDATE coordination_event SET reason = 'x' WHERE id = '{day_of(Event, 0)}'"),
    "who": (0, lambda: f"UPDATE coordination_event SET by_id = 424242 WHERE id = '{day_of(Event, 0)}'"),
    "where": (0, lambda: f"UPDATE coordination_event SET organisation_id = NULL WHERE id = '{_placed()}'"),
    "which stay": (0, lambda: f"UPDATE coordination_event SET stay_id = NULL WHERE id = '{_placed()}'"),
    "a minute": (1, lambda: f"UPDATE coordination_event SET at = at + interval '1 s' WHERE id = '{day_of(Event, 1)}'"),
    "an access": (1, lambda: f"DELETE FROM coordination_auditentry WHERE id = '{day_of(AuditEntry, 1)}'"),
    "whose site": (
        1,
        lambda: f"UPDATE coordination_auditentry SET organisation_id = NULL WHERE id = '{day_of(AuditEntry, 1)}'",
    ),
    "an event": (1, lambda: f"DELETE FROM coordination_event WHERE id = '{day_of(Event, 1)}'"),
    "moved to another day": (
        0,
        lambda: f"UPDATE coordination_event SET at = at + interval '1 d' WHERE id = '{day_of(Event, 0)}'",
    ),
    "one more": (
        2,
        lambda: (
            "INSERT INTO coordination_auditentry (id, at, action, subject, subject_id, data) "
            "VALUES (gen_random_uuid(), '2026-03-18 12:00+01', 'document.opened', '', '', '{}')"
        ),
    ),
    "a seal rewritten": (1, lambda: "UPDATE coordination_auditseal SET digest = 'x' WHERE day = '2026-03-17'"),
    "a seal removed": (2, lambda: "DELETE FROM coordination_auditseal WHERE day = '2026-03-17'"),
    "the first seal removed": (1, lambda: "DELETE FROM coordination_auditseal WHERE day = '2026-03-16'"),
}


def _placed() -> str:
    return str(Event.objects.filter(organisation_id__isnull=False, stay_id__isnull=False).earliest("at").pk)


@pytest.mark.parametrize("what", ALTERATIONS)
def test_what_is_changed_behind_the_triggers_is_found(days: time_machine.Traveller, what: str) -> None:
    number, statement = ALTERATIONS[what]
    sql(statement())
    assert audit.verify() == FIRST + timedelta(days=number)


@pytest.mark.parametrize("table", ["event", "auditentry", "auditseal", "reading", "shipmentattempt"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_triggers_refuse_what_the_seal_would_find(
    days: time_machine.Traveller, ward: world.Ward, table: str, verb: str
) -> None:
    from coordination.services import readings

    readings.open_version(Shipment.objects.first().versions.first(), by=ward.midwife_user)  # type: ignore[union-attr,arg-type]
    name = f"coordination_{table}"
    statement = f"DELETE FROM {name}" if verb == "DELETE" else f"UPDATE {name} SET id = gen_random_uuid()"
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_receipt_of_yesterday_does_not_look_like_a_fraud(days: time_machine.Traveller) -> None:
    mail = Shipment.objects.get(channel="mssante")
    outbox.deliver(mail.pk)
    receipts.store(receipt(ReceiptKind.DELIVERED, mail, at=timezone.now() - timedelta(days=2)))
    assert audit.verify() is None


def test_a_day_is_sealed_after_its_last_commits(clock: time_machine.Traveller, ward: world.Ward) -> None:
    audit.record("document.opened", by=ward.secretary)
    assert audit.seal_until(timezone.localdate()) == 0, "today is not over"
    clock.move_to(datetime(2026, 3, 17, 0, 5, tzinfo=PARIS))
    assert audit.seal_until(FIRST) == 0, "a transaction of midnight may still commit"
    clock.move_to(datetime(2026, 3, 17, 0, 11, tzinfo=PARIS))
    assert audit.seal_until(FIRST) == 1 and audit.verify() is None


def test_accesses_before_any_event_are_sealed_too(clock: time_machine.Traveller, ward: world.Ward) -> None:
    audit.record("account.created", by=ward.secretary)
    clock.shift(timedelta(days=3))
    assert audit.seal_until(timezone.localdate()) == 3 and AuditSeal.objects.earliest("day").rows == 1


def test_nothing_to_seal(db: None) -> None:
    assert audit.seal_until(timezone.localdate()) == 0 and audit.verify() is None


def test_the_day_of_the_change_of_hour_has_all_its_rows(clock: time_machine.Traveller, ward: world.Ward) -> None:
    for hour in (datetime(2026, 3, 29, 0, 0, tzinfo=PARIS), datetime(2026, 3, 29, 23, 59, 59, tzinfo=PARIS)):
        clock.move_to(hour)
        audit.record("document.opened", by=ward.secretary)
    clock.shift(timedelta(days=1))
    audit.seal_until(timezone.localdate())
    assert AuditSeal.objects.get(day=date(2026, 3, 29)).rows == 2
