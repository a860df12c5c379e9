"""A letter that its midwife has not opened before the first visit: a notice to her, then a call by the ward (ADR 0022).

Nothing known is not « not read »: the sentences say so. Each step is done once for each date of the visit, out of the
night, and ends by itself when a reading comes or when the visit is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from coordination import deadlines
from coordination.lifecycles import DocumentStatus, HandoverStatus, PaperStatus, WorkItemStatus
from coordination.models import (
    CareTeamMember,
    Document,
    DocumentVersion,
    Handover,
    LetterNudge,
    Notice,
    NudgeStep,
    PaperDelivery,
    Professional,
    Reading,
    WorkItem,
    WorkItemKind,
)
from coordination.services import notices, routing, worklist
from coordination.services.letters import LETTER

TO_VISIT = (HandoverStatus.ACCEPTED, HandoverStatus.SCHEDULED, HandoverStatus.MISSED)
LINE = WorkItemKind.LETTER_TO_CALL
UNREAD = "Une lettre de liaison vous attend dans perinat avant une visite."
PATH = "/mes-visites/"
LOOKED_AHEAD = deadlines.UNREAD_NOTICE.delay + timedelta(hours=12)  # a night may bring a step forward
PLANNED = "La visite de {who} est prévue {when}"
DUE = "Cette mère est à voir avant {when} par {who}, sans date de visite connue,"
CALL = (
    " et aucune lecture de la lettre de liaison n'est connue. Cela ne veut pas dire que la lettre n'a pas été lue : "
    "appelez {who} pour le savoir, et dites-lui l'essentiel. Téléphone : {phone}."
)
VISIT_AT = Case(
    When(status=HandoverStatus.MISSED, then=F("visit_due_at")), default=Coalesce("scheduled_for", "visit_due_at")
)


def watch(now: datetime) -> int:
    """Do the steps that are due, close the calls that have no object any more. Idempotent; returns how many steps."""
    _close_settled(now)
    return sum(_step(handover, letter, now) for handover, letter in _unread(now))


def _unread(now: datetime) -> Iterator[tuple[Handover, Document]]:
    """The relays whose visit is near and whose letter is here, known by nobody to be read."""
    for handover in _near(now):
        letter = _letter_of(handover)
        if letter is not None and not routing.is_closed_to_carers(letter) and not _is_known(handover, letter):
            yield handover, letter


def _near(now: datetime) -> QuerySet[Handover]:
    informed = CareTeamMember.objects.filter(
        stay=OuterRef("stay"), professional=OuterRef("midwife"), ended_at__isnull=True, informed_at__isnull=False
    )
    rows = Handover.objects.filter(Exists(informed), status__in=TO_VISIT, person=F("stay__mother"))
    rows = rows.annotate(visit_at=VISIT_AT)
    near = rows.filter(visit_at__gt=now, visit_at__lte=now + LOOKED_AHEAD)
    return near.select_related("stay__maternity", "midwife__organisation")


def _planned(handover: Handover) -> datetime | None:
    """The date of the visit to come: that of a visit that was missed says nothing any more."""
    return None if handover.status == HandoverStatus.MISSED else handover.scheduled_for


def _letter_of(handover: Handover) -> Document | None:
    letters = Document.objects.filter(stay=handover.stay_id, person=handover.person_id, type_code=LETTER)
    mine = letters.filter(status=DocumentStatus.VALIDATED).exclude(author=handover.midwife)
    return mine.order_by("-created_at").first()


def _last_version(letter: Document) -> DocumentVersion:
    """The newest that can no longer be undone, or the newest of all."""
    final = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    versions = letter.versions.filter(validated_at__isnull=False).order_by("-validated_at", "-number")
    return versions.filter(validated_at__lte=final).first() or versions[0]


def _is_known(handover: Handover, letter: Document) -> bool:
    """She has read the version in force, or it was handed over to her."""
    validated_at = _last_version(letter).validated_at
    read = Reading.objects.filter(version__document=letter, version__validated_at=validated_at)
    handed = PaperDelivery.objects.filter(
        shipment__versions__document=letter,
        shipment__versions__validated_at=validated_at,
        shipment__recipient=handover.midwife,
        status=PaperStatus.GIVEN,  # opened with its code: by whom, only a reading says
    )
    return read.filter(professional=handover.midwife).exists() or handed.exists()


def _step(handover: Handover, letter: Document, now: datetime) -> int:
    """The call when it is time for it, else the notice; 1 when something was done."""
    visit_at: datetime = handover.visit_at  # type: ignore[attr-defined]
    call_at = deadlines.out_of_the_night(visit_at - deadlines.UNREAD_CALL.delay, before=visit_at)
    notice_at = deadlines.out_of_the_night(visit_at - deadlines.UNREAD_NOTICE.delay, before=call_at)
    if now < notice_at or not _has_had_time(letter, visit_at, now):
        return 0
    night = deadlines.is_quiet(now)
    if now >= call_at:
        too_late = night and deadlines.night_ends(now) + deadlines.QUIET_MARGIN > visit_at
        return _call(handover, visit_at, now) if too_late or not night else 0
    return 0 if night else _notice(handover, visit_at, now)


def _has_had_time(letter: Document, visit_at: datetime, now: datetime) -> bool:
    """A letter that has just come was announced: she is given a moment, unless the visit is as near."""
    arrived_at = _last_version(letter).validated_at
    waits_until = min(arrived_at or now, visit_at - 2 * deadlines.UNREAD_PATIENCE) + deadlines.UNREAD_PATIENCE
    return now >= waits_until


def _notice(handover: Handover, visit_at: datetime, now: datetime) -> int:
    assert handover.midwife_id is not None
    with transaction.atomic():
        if not _first_time(handover, NudgeStep.NOTICE, visit_at, now):
            return 0
        notices.tell(handover.midwife_id, text=UNREAD, path=PATH)
    return 1


def _call(handover: Handover, visit_at: datetime, now: datetime) -> int:
    assert handover.midwife is not None
    sentence = (PLANNED if _planned(handover) else DUE) + CALL
    with transaction.atomic():
        if not _first_time(handover, NudgeStep.CALL, visit_at, now):
            return 0
        worklist.open_item(
            LINE,
            key=str(handover.pk),
            organisation=handover.stay.maternity,
            stay=handover.stay,
            due_at=visit_at,
            message=sentence.format(who=handover.midwife, when=_when(visit_at), phone=_phones(handover.midwife)),
        )
    return 1


def _first_time(handover: Handover, step: NudgeStep, visit_at: datetime, now: datetime) -> bool:
    try:
        with transaction.atomic():
            LetterNudge.objects.create(handover=handover, step=step, visit_at=visit_at, at=now)
    except IntegrityError:
        return False
    return True


def _when(visit_at: datetime) -> str:
    return f"le {timezone.localtime(visit_at, deadlines.PARIS):%d/%m à %-H h %M}"


def _phones(midwife: Professional) -> str:
    known = [one for one in (midwife.phone, midwife.organisation.phone) if one]
    return " ou ".join(dict.fromkeys(known)) or "inconnu de perinat (voir l'annuaire)"


def note_reading(version: DocumentVersion, professional_id: UUID) -> None:
    """She has just read something of this stay: what was about to be said or done about her letter has no object."""
    document = version.document
    if document.type_code != LETTER:
        return
    Notice.objects.filter(professional_id=professional_id, text=UNREAD, sent_at__isnull=True).update(
        sent_at=timezone.now()
    )
    for pk in Handover.objects.filter(stay=document.stay_id, midwife=professional_id).values_list("pk", flat=True):
        worklist.close_items(LINE, key=str(pk), reason="lettre lue")


def _close_settled(now: datetime) -> None:
    """The calls whose letter was read since, whose visit is done or has another date, or whose relay is another's."""
    for item in WorkItem.objects.filter(kind=LINE, status=WorkItemStatus.OPEN):
        identifier = item.key.removeprefix(f"{LINE}:")
        handover = Handover.objects.filter(Q(pk=identifier), status__in=TO_VISIT).select_related("midwife").first()
        letter = _letter_of(handover) if handover else None
        when = (_planned(handover) or handover.visit_due_at) if handover else None
        if handover is None or letter is None or when != item.due_at or _is_known(handover, letter):
            worklist.close_items(LINE, key=identifier, reason="sans objet : lue, vue ou visite déplacée")
