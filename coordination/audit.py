"""What must be provable: acts and accesses, written in the caller's transaction, and sealed by day.

The seal is a SHA-256 chain over the day's events and audit rows in order, linked to the seal of the
day before: a row changed, added or removed behind the triggers' back changes every later digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from coordination.models import AuditEntry, AuditSeal, Event, User

LATE_COMMITS = timedelta(minutes=10)


def record(action: str, *, by: User | None, subject: Any = None, **data: str | int | bool | None) -> None:
    """Write one audit row. `action` is an event name; `data` holds ids and codes, never a content."""
    AuditEntry.objects.create(
        at=timezone.now(),
        by_id=by.pk if by else None,
        organisation_id=by.organisation_id if by else None,
        action=action,
        subject=type(subject).__name__ if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        data=data,
    )


def _bounds(day: date) -> tuple[datetime, datetime]:
    start = timezone.make_aware(datetime.combine(day, time.min))
    return start, start + timedelta(days=1)


def _rows(day: date) -> Iterator[list[Any]]:
    start, end = _bounds(day)
    for event in Event.objects.filter(at__gte=start, at__lt=end).order_by("at", "id").iterator():
        yield [
            "event", str(event.id), event.subject, str(event.subject_id), event.source, event.target,
            event.reason, event.by_id, event.organisation_id, event.stay_id, event.data, event.at.isoformat(),
        ]  # fmt: skip
    for entry in AuditEntry.objects.filter(at__gte=start, at__lt=end).order_by("at", "id").iterator():
        yield [
            "audit", str(entry.id), entry.action, entry.subject, entry.subject_id, entry.by_id,
            entry.organisation_id, entry.data, entry.at.isoformat(),
        ]  # fmt: skip


def digest_of(day: date, previous: str) -> tuple[int, str]:
    """Number of rows and chained digest of a day, starting from the digest of the day before."""
    digest, count = previous, 0
    for row in _rows(day):
        line = json.dumps([digest, row], sort_keys=True, ensure_ascii=True, default=_plain)
        digest = hashlib.sha256(line.encode()).hexdigest()
        count += 1
    return count, digest


def _plain(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def _first_day() -> date | None:
    """The day of the first event or audit row (somebody signs in before anything moves)."""
    instants = [model.objects.aggregate(first=Min("at"))["first"] for model in (Event, AuditEntry)]
    return min((timezone.localdate(at) for at in instants if at is not None), default=None)


@transaction.atomic
def seal_until(day: date) -> int:
    """Seal every day from the last seal up to `day` included; return the number of seals written.

    A day is sealed once it is over and its last transactions had the time to commit.
    """
    day = min(day, timezone.localdate(timezone.now() - LATE_COMMITS) - timedelta(days=1))
    last = AuditSeal.objects.order_by("-day").first()
    first = _first_day() if last is None else last.day + timedelta(days=1)
    if first is None:
        return 0
    current = first
    previous, sealed = (last.digest if last else ""), 0
    while current <= day:
        rows, digest = digest_of(current, previous)
        AuditSeal.objects.create(day=current, rows=rows, digest=digest, previous_digest=previous)
        previous, current, sealed = digest, current + timedelta(days=1), sealed + 1
    return sealed


def verify() -> date | None:
    """The first sealed day whose rows no longer give its digest; None when all do."""
    previous = ""
    for seal in AuditSeal.objects.order_by("day"):
        if (seal.previous_digest, seal.digest) != (previous, digest_of(seal.day, previous)[1]):
            return seal.day
        previous = seal.digest
    return None
