"""The exit that nobody recorded: without its hour, neither the letter nor the first visit has a deadline."""

from __future__ import annotations

from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from coordination import deadlines
from coordination.lifecycles import WorkItemStatus
from coordination.models import Stay, User, WorkItem, WorkItemKind
from coordination.services import worklist

_KIND = WorkItemKind.EXIT_NOT_RECORDED
PLANNED = (
    "La sortie prévue est passée depuis plus d'un jour et son heure n'est pas enregistrée : ni la lettre de liaison ni "
    "la première visite ne sont surveillées. Enregistrez la sortie, ou la nouvelle date prévue."
)
NOT_PLANNED = (
    "L'accouchement date de plus de dix jours et aucune sortie n'est prévue ni enregistrée : ni la lettre de liaison "
    "ni la première visite ne sont surveillées. Enregistrez la sortie, ou la date prévue."
)


def watch(now: datetime) -> int:
    """A task of the ward head for each exit long past and not recorded; those that are settled close. Idempotent."""
    key = Concat(Value(f"{_KIND}:"), Cast(OuterRef("pk"), CharField()))
    listed = WorkItem.objects.filter(status=WorkItemStatus.OPEN, key=key)
    opened = 0
    for stay in _forgotten(now).exclude(Exists(listed)).select_related("maternity"):
        item = worklist.open_item(
            _KIND,
            key=str(stay.pk),
            organisation=stay.maternity,
            stay=stay,
            for_ward_head=True,
            message=PLANNED if stay.expected_discharge_at else NOT_PLANNED,
        )
        opened += item is not None
    for item in WorkItem.objects.filter(kind=_KIND, status=WorkItemStatus.OPEN).exclude(stay__in=_late(now)):
        worklist.close_items(_KIND, key=str(item.stay_id), reason="sortie enregistrée ou reportée")
    return opened


def settle(stay: Stay, *, by: User) -> None:
    """The stay was brought up to date: its task closes at once when the exit is recorded, or planned for later."""
    if not _late(timezone.now()).filter(pk=stay.pk).exists():
        worklist.close_items(_KIND, key=str(stay.pk), by=by, reason="sortie enregistrée ou reportée")


def _late(now: datetime) -> QuerySet[Stay]:
    planned = Q(expected_discharge_at__lte=now - deadlines.EXIT_AFTER_PLANNED.delay)
    unplanned = Q(expected_discharge_at__isnull=True, birth_at__lte=now - deadlines.EXIT_AFTER_BIRTH.delay)
    return Stay.objects.filter(planned | unplanned, discharged_at__isnull=True)


def _forgotten(now: datetime) -> QuerySet[Stay]:
    """Late, and recent enough to be acted on: an old register taken in bulk opens no task."""
    oldest = now - deadlines.EXIT_LOOKED_FOR.delay
    return _late(now).filter(Q(expected_discharge_at__gt=oldest) | Q(expected_discharge_at=None, birth_at__gt=oldest))
