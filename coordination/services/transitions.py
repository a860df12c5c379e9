"""The one function that changes a status: by compare-and-set, leaving one immutable event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from coordination import lifecycles
from coordination.lifecycles import Lifecycle, Status
from coordination.models import (
    Deposit,
    Document,
    Event,
    Handover,
    Offer,
    PaperDelivery,
    ReceivedDocument,
    Shipment,
    User,
    WorkItem,
)

CYCLES: dict[type[models.Model], Lifecycle] = {
    Shipment: lifecycles.SHIPMENT,
    Document: lifecycles.DOCUMENT,
    Deposit: lifecycles.DEPOSIT,
    ReceivedDocument: lifecycles.RECEIVED,
    Handover: lifecycles.HANDOVER,
    Offer: lifecycles.OFFER,
    WorkItem: lifecycles.WORK_ITEM,
    PaperDelivery: lifecycles.PAPER,
}


class ForbiddenTransitionError(Exception):
    """The table does not allow this passage."""


class StaleStateError(Exception):
    """Somebody moved the object since it was read: nothing was written."""


def _place(obj: Any) -> dict[str, Any]:
    """Organisation and stay of the event, when the object knows them."""
    stay_id = getattr(obj, "stay_id", None)
    return {"organisation_id": getattr(obj, "organisation_id", None), "stay_id": stay_id}


def created(obj: Any, *, by: User | None = None, reason: str = "", at: datetime | None = None) -> None:
    """Write the event of an object's birth in its first state (same transaction as its insert)."""
    cycle = CYCLES[type(obj)]
    if obj.status not in cycle.initial:
        raise ForbiddenTransitionError(f"{cycle.name} cannot start in {obj.status}")
    _write_event(obj, cycle, "", obj.status, reason, by, at or timezone.now())


@transaction.atomic(savepoint=False)
def move(
    obj: Any, target: Status, *, reason: str = "", by: User | None = None, at: datetime | None = None, **fields: Any
) -> None:
    """Pass `obj` to `target` and set `fields` with it, in one transaction.

    `attempt` is the fence: it grows at each passage, and the update applies only to the row as it was
    read. Raises ForbiddenTransitionError (table) or StaleStateError (somebody was quicker).
    """
    cycle, source = CYCLES[type(obj)], type(target)[obj.status]
    if not cycle.allows(source, target):
        raise ForbiddenTransitionError(f"{cycle.name}: {source} → {target}")
    changes = {**fields, "status": target, "attempt": obj.attempt + 1}
    rows = type(obj)._base_manager.filter(pk=obj.pk, status=source, attempt=obj.attempt).update(**changes)
    if rows != 1:
        raise StaleStateError(f"{cycle.name} {obj.pk}")
    for name, value in changes.items():
        setattr(obj, name, value)
    _write_event(obj, cycle, source, target, reason, by, at or timezone.now())


def note(obj: Any, *, reason: str, by: User | None = None, at: datetime | None = None) -> None:
    """A fact that moves nothing: one immutable event, from the state to itself."""
    _write_event(obj, CYCLES[type(obj)], obj.status, obj.status, reason, by, at or timezone.now())


def _write_event(
    obj: Any, cycle: Lifecycle, source: str, target: str, reason: str, by: User | None, at: datetime
) -> None:
    Event.objects.create(
        subject=cycle.name,
        subject_id=obj.pk,
        source=source,
        target=target,
        reason=reason[:200],
        by_id=by.pk if by else None,
        at=at,
        **_place(obj),
    )
