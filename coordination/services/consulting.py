"""Questions to a shared record (DMP): asked in a page, answered by a worker, so that no page waits. ADR 0018.

An act on a record is made once: a question that was taken and lost is never asked again by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coordination import audit, blobs, doorbell
from coordination.access import CONSULTERS, AccessDeniedError
from coordination.models import ChannelName, Person, QueryKind, RecordQuery, Stay, User
from coordination.ports import ChannelError
from coordination.services import record_acts

ANSWER = "coordination.ask_record"
PATIENCE = timedelta(minutes=3)  # longer than the calls of one question, each with its own timeout
NO_ANSWER = ("NO_ANSWER", "Le DMP n’a pas répondu à temps. Vous pouvez demander à nouveau.")
UNFORESEEN = ("UNFORESEEN", "La demande au DMP n’a pas abouti. L’équipe technique en est prévenue par son journal.")
REASON_MISSING = "Choisissez le motif : il est conservé dans le journal des accès."
NOT_A_PROFESSIONAL = "Le DMP se consulte à titre personnel : votre compte n’est pas celui d’un professionnel de santé."


def ask(
    kind: QueryKind,
    *,
    by: User,
    signed_in_at: datetime,
    stay: Stay | None = None,
    person: Person | None = None,
    document_uid: str = "",
    act: str = "",
    mask: str = "",
    wide: bool = False,
    reason: str = "",
    agreed: bool = False,
) -> RecordQuery:
    """Write the question and ring a worker; the same question that still waits is given back instead.

    `person`: whose record, the mother of `stay` or one of her children. `agreed`: she has just declared the agreement
    of the patient, or of the legal representatives of the child. Raises AccessDeniedError.
    """
    if by.role not in CONSULTERS or by.professional is None or by.organisation is None:
        raise AccessDeniedError(NOT_A_PROFESSIONAL)
    if kind == QueryKind.SEARCH and by.is_hospital and not reason:
        raise AccessDeniedError(REASON_MISSING)
    now = timezone.now()
    asked = {"act": act, "mask": mask, "wide": wide, "reason": reason, "signed_in_at": signed_in_at, "asked_at": now}
    with transaction.atomic():
        _give_up(now, Q(user=by))
        query, created = RecordQuery.objects.get_or_create(
            user=by,
            stay=stay,
            person=person,
            kind=kind,
            document_uid=document_uid,
            answered_at=None,
            defaults={**asked, "agreed_at": now if agreed else None},
        )
        if created:
            told: dict[str, str | bool] = {"kind": str(kind), "document": document_uid, "act": act}
            told["child"] = stay is not None and person is not None and person.pk != stay.mother_id
            audit.record("dmp.asked", by=by, subject=stay, reason=reason, agreed=agreed, **told)
            doorbell.ring(ANSWER, query.pk, queue=ChannelName.DMP)
    return query


def run(query_id: UUID) -> None:
    """Ask the record, once, without any transaction open; keep what it answered."""
    now = timezone.now()
    mine = RecordQuery.objects.filter(pk=query_id, started_at=None, answered_at=None, asked_at__gt=now - PATIENCE)
    if not mine.update(started_at=now):
        return
    rows = RecordQuery.objects.select_related("user__professional", "user__organisation__parent", "stay", "person")
    query = rows.get(pk=query_id)
    try:
        done = record_acts.do(query)
    except (record_acts.ConsultationRefusedError, ChannelError) as refusal:
        if refusal.code in record_acts.STATES:
            _forget(query)
        _close(query_id, refusal.code, refusal.message_fr)
        return
    if query.kind == QueryKind.REVOKE:
        _forget(query)
    _keep(query_id, done)


def _forget(query: RecordQuery) -> None:
    """The record is not open to her: what it gave her is no longer shown, and is erased by the next sweep."""
    if query.person is not None:
        given = RecordQuery.objects.filter(user=query.user, person=query.person, answer__isnull=False)
        given.update(kept_until=timezone.now())


@transaction.atomic
def _keep(query_id: UUID, done: record_acts.Done) -> None:
    """An answer that comes after she was told that none came is dropped."""
    query = RecordQuery.objects.select_for_update().get(pk=query_id)
    if query.answered_at is not None:
        return
    query.answered_at = timezone.now()
    query.message_fr = done.note_fr
    if done.answer:
        query.answer = blobs.store(done.answer, media_type=done.media_type)
        query.kept_until = query.answered_at + timedelta(hours=settings.RECORD_ANSWER_HOURS)
    query.save(update_fields=["answered_at", "message_fr", "answer", "kept_until"])


def unforeseen(query_id: UUID) -> None:
    _close(query_id, *UNFORESEEN)


def _close(query_id: UUID, code: str, message_fr: str) -> None:
    rows = RecordQuery.objects.filter(pk=query_id, answered_at=None)
    rows.update(answered_at=timezone.now(), code=code[:60], message_fr=message_fr)


def waiting_ids() -> list[UUID]:
    """What nobody rang for, or whose bell was not heard."""
    rows = RecordQuery.objects.filter(started_at=None, answered_at=None, asked_at__gt=timezone.now() - PATIENCE)
    return list(rows.order_by("asked_at").values_list("pk", flat=True))


def tidy() -> None:
    """Give up what got no answer, erase the answers whose time is over."""
    now = timezone.now()
    _give_up(now, Q())
    over = RecordQuery.objects.filter(answer__isnull=False, kept_until__lte=now).select_related("answer")
    for query in over.iterator():
        with transaction.atomic():
            kept = query.answer
            RecordQuery.objects.filter(pk=query.pk).update(answer=None)
            if kept is not None:
                blobs.erase(kept)


def _give_up(now: datetime, which: Q) -> None:
    code, said = NO_ANSWER
    late = RecordQuery.objects.filter(which, answered_at=None, asked_at__lte=now - PATIENCE)
    late.update(answered_at=now, code=code, message_fr=said)
