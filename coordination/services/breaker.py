"""The circuit breaker of a channel (ADR 0020): one row that all workers read, never a memory of one process.

    note       after each try: the channel spoke, failed as a whole, or said nothing of itself
    may_pass   when a worker takes a shipment: one probe at a time while open, in order for each patient afterwards
    release    what waited leaves again, at a bounded rate

It opens when several tries of at least two shipments fail one after the other without a sign of life: one poisoned
document stops nobody. An answer about a patient is a sign of life, whatever it says.
"""

from __future__ import annotations

import enum
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When

from coordination import deadlines
from coordination.lifecycles import ShipmentStatus
from coordination.models import ChannelBreaker, Shipment

logger = logging.getLogger(__name__)
SHUT, PROBE, RELEASE, FAILING = "SHUT", "PROBE", "RELEASE", "FAILING"
WITNESSES = 2  # different shipments without which nothing is said of the channel


class Sign(enum.Enum):
    """What a try tells of the channel itself."""

    ALIVE = "alive"
    DOWN = "down"
    NOTHING = "nothing"


def gate(now: datetime) -> Subquery:
    """Annotation `gate` of a shipment: how its channel stands when it is claimed, NULL on an ordinary day."""
    state = Case(
        When(opened_at__isnull=False, probe_at__gt=now, then=Value(SHUT)),
        When(opened_at__isnull=False, then=Value(PROBE)),
        When(releasing_until__gt=now, then=Value(RELEASE)),
        When(failures__gt=0, then=Value(FAILING)),
    )
    return Subquery(ChannelBreaker.objects.filter(channel=OuterRef("channel")).annotate(gate=state).values("gate"))


def may_pass(shipment: Shipment, gate: str | None, now: datetime) -> bool:
    """Whether a shipment that a worker is taking may go as far as its channel is concerned (locked row)."""
    if gate == PROBE:
        lease = timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
        due = ChannelBreaker.objects.filter(channel=shipment.channel, opened_at__isnull=False, probe_at__lte=now)
        return due.update(probe_at=now + lease) == 1
    return gate != RELEASE or not _before(shipment).exists()


def _before(shipment: Shipment) -> QuerySet[Shipment]:
    """Older sendings of the same patient to the same place, which the release is about to take or is sending."""
    until = ChannelBreaker.objects.filter(channel=shipment.channel).values("releasing_until")[:1]
    return Shipment.objects.filter(
        channel=shipment.channel,
        person_id=shipment.person_id,
        recipient_id=shipment.recipient_id,
        status__in=[ShipmentStatus.QUEUED, ShipmentStatus.SENDING],
        created_at__lt=shipment.created_at,
        due_at__lte=Subquery(until),
    )


def note(shipment: Shipment, sign: Sign, *, code: str, started: datetime, now: datetime) -> datetime | None:
    """Record what a try told of its channel (in the transaction that records the try).

    One that lives, as it did when the shipment was claimed, costs no query: a later try closes what opened meanwhile.
    For a failure of the channel that is not to be held against the shipment: since when the channel is silent.
    """
    if sign is Sign.DOWN:
        return _failed(shipment, code=code, started=started, now=now)
    if sign is Sign.ALIVE and getattr(shipment, "gate", FAILING) is None:
        return None
    rows = ChannelBreaker.objects.filter(channel=shipment.channel, failures__gt=0)
    if sign is Sign.NOTHING:
        rows.filter(opened_at__isnull=False, probe_at__gt=now).update(probe_at=now)  # another one may probe
        return None
    row = rows.select_for_update().first()
    if row is not None:
        was_open = row.opened_at is not None
        row.failures, row.failing, row.since, row.opened_at, row.probe_at = 0, [], None, None, None
        row.save()
        if was_open:
            logger.warning("breaker.closed channel=%s", row.channel)
            release(row.channel, now)
    return None


def _failed(shipment: Shipment, *, code: str, started: datetime, now: datetime) -> datetime | None:
    row, _ = ChannelBreaker.objects.select_for_update().get_or_create(channel=shipment.channel)
    known = str(shipment.pk) in row.failing
    row.since = row.since or started
    row.failures += 1
    row.last_code = code[:120]
    if not known and row.opened_at is None:
        row.failing.append(str(shipment.pk))
    enough = row.failures >= settings.OUTBOX_BREAKER_FAILURES and len(row.failing) >= WITNESSES
    if row.opened_at is None and enough:
        row.opened_at = now
        logger.warning("breaker.opened channel=%s code=%s", row.channel, row.last_code)
    if row.opened_at is not None:
        wait = deadlines.growing(now - row.since, deadlines.PROBE_WAIT)
        row.probe_at = now + deadlines.spread(wait, f"{row.channel}:{row.failures}")
    row.save()
    doubted = known and now - row.since < deadlines.DOUBTED_FOR
    return row.since if row.opened_at is not None or doubted else None


@transaction.atomic
def release(channel: str, now: datetime) -> int:
    """Spread what waits on this channel, oldest first; returns how many. Rows held by somebody keep their own time."""
    most = deadlines.OUTAGE_WAIT[1] * (1 + deadlines.JITTER)
    waiting = Shipment.objects.filter(channel=channel, status=ShipmentStatus.QUEUED)
    waiting = waiting.filter(Q(due_at__lte=now) | Q(excused__gt=0, due_at__lte=now + most))
    rows = list(waiting.order_by("created_at").select_for_update(skip_locked=True, no_key=True).only("pk", "due_at"))
    step = timedelta(minutes=1) / settings.OUTBOX_RELEASE_PER_MINUTE
    for place, row in enumerate(rows):
        row.due_at = now + place * step
    Shipment.objects.bulk_update(rows, ["due_at"], batch_size=500)
    until = now + len(rows) * step + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    ChannelBreaker.objects.update_or_create(channel=channel, defaults={"releasing_until": until})
    return len(rows)


def probe_now(channel: str, now: datetime) -> None:
    """Somebody asks: the next shipment may try at once."""
    ChannelBreaker.objects.filter(channel=channel, opened_at__isnull=False).update(probe_at=now)
