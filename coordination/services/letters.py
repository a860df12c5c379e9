"""The letter that is missing: asked for by the midwife, warned at 16:00, a task at 20:00."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from coordination import audit, deadlines
from coordination.lifecycles import DocumentStatus, WorkItemStatus
from coordination.models import Document, LetterRequest, Professional, Shipment, Stay, User, WorkItem, WorkItemKind
from coordination.services import worklist
from perinat.standards import codes

LETTER = codes.LETTRE_DE_LIAISON_SORTIE.code


def _sent_letters() -> QuerySet[Document]:
    """The mothers' letters: that of a newborn, in the same stay, does not stand for hers."""
    return Document.objects.filter(type_code=LETTER, status=DocumentStatus.VALIDATED, person=F("stay__mother"))


@transaction.atomic
def request(stay: Stay, *, by: User, professional: Professional) -> LetterRequest:
    """One activation; a second one gives the same request. The ward has four working hours."""
    open_one = LetterRequest.objects.filter(stay=stay, asked_by=professional, answered_at__isnull=True).first()
    if open_one is not None:
        return open_one
    now = timezone.now()
    due = deadlines.after_working_hours(now, deadlines.LETTER_REQUEST_HOURS)
    asked = LetterRequest.objects.create(stay=stay, asked_by=professional, asked_at=now, due_at=due)
    worklist.open_item(
        WorkItemKind.LETTER_REQUESTED,
        key=str(asked.pk),
        organisation=stay.maternity,
        stay=stay,
        due_at=due,
        message=f"{professional} demande la lettre de liaison. Déposez-la : elle lui parviendra aussitôt.",
    )
    audit.record("letter.requested", by=by, subject=stay)
    return asked


@transaction.atomic
def answer(stay: Stay) -> None:
    """The letter is validated: every request is answered, every line about it closed."""
    for asked in LetterRequest.objects.filter(stay=stay, answered_at__isnull=True):
        asked.answered_at = timezone.now()
        asked.save(update_fields=["answered_at"])
        worklist.close_items(WorkItemKind.LETTER_REQUESTED, key=str(asked.pk), reason="lettre validée")
        worklist.close_items(WorkItemKind.LETTER_ESCALATED, key=str(asked.pk), reason="lettre validée")
    worklist.close_items(WorkItemKind.LETTER_NOT_SENT, key=str(stay.pk), reason="lettre validée")


AWAITED = (WorkItemKind.LETTER_REQUESTED, WorkItemKind.LETTER_ESCALATED, WorkItemKind.LETTER_NOT_SENT)


def answer_if_awaited(shipment: Shipment) -> None:
    """An accepted shipment that carries the letter answers whoever waits for it on that stay."""
    awaited = WorkItem.objects.filter(
        stay_id=shipment.stay_id, stay__mother=shipment.person_id, kind__in=AWAITED, status=WorkItemStatus.OPEN
    )
    if awaited.exists() and shipment.versions.filter(document__type_code=LETTER).exists():
        answer(shipment.stay)


def escalate(now: datetime) -> int:
    """Overdue requests and unsent letters of today's discharges become tasks of the ward head."""
    return _escalate_requests(now) + _escalate_unsent(now)


def _escalate_requests(now: datetime) -> int:
    opened = 0
    for asked in LetterRequest.objects.filter(answered_at__isnull=True, due_at__lte=now).select_related(
        "stay__maternity", "asked_by"
    ):
        item = worklist.open_item(
            WorkItemKind.LETTER_ESCALATED,
            key=str(asked.pk),
            organisation=asked.stay.maternity,
            stay=asked.stay,
            for_ward_head=True,
            message=f"{asked.asked_by} attend la lettre de liaison depuis plus de quatre heures ouvrées.",
        )
        opened += item is not None
    return opened


def acts_at(leaves_at: datetime) -> datetime:
    """20:00, Paris, the day of discharge."""
    return deadlines.at_paris(leaves_at.astimezone(deadlines.PARIS).date(), deadlines.LETTER_ACTS_AT)


def _escalate_unsent(now: datetime) -> int:
    """Stays that left in the last two weeks without a letter, once 20:00 of that day has passed."""
    opened = 0
    recent = Stay.objects.filter(discharged_at__gte=now - timedelta(days=14), discharged_at__lte=now)
    for stay in recent.exclude(pk__in=_sent_letters().values("stay_id")).select_related("maternity"):
        if stay.discharged_at is None or now < acts_at(stay.discharged_at):
            continue
        item = worklist.open_item(
            WorkItemKind.LETTER_NOT_SENT,
            key=str(stay.pk),
            organisation=stay.maternity,
            stay=stay,
            for_ward_head=True,
            message="La lettre de liaison n'est pas partie le jour de la sortie.",
        )
        opened += item is not None
    return opened
