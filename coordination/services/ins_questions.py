"""Asking INSi: claim a question, ask outside any transaction, record the answer.

    claim     a lease on the row; the older open questions of the same person are set aside
    ask       the IdentityService port; no transaction is open
    record    the answer and what it changes, in one transaction

A process that dies leaves a lease that expires, and the question is asked again: a search changes nothing at the
other side. A service that is silent is left alone; then one question tries, and the others follow at their turn.
"""

from __future__ import annotations

import functools
import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from coordination import audit, deadlines
from coordination.models import IdentityQuestion, Person, QuestionAnswer, Stay, User
from coordination.ports import IdentityService
from coordination.selectors.ins_held import askable
from coordination.services import identities, ins_alerts, ins_answers, ins_calendar
from coordination.services.ins_answers import traits_of
from perinat.standards.national_identity import IdentityAnswer, IdentityResult, IdentityTraits

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=10)  # longer than the longest question (given names asked one by one)
UNFORESEEN = "perinat:unforeseen"
TRAITS_CHANGED = "perinat:traits_changed"


@functools.lru_cache(maxsize=4)
def _load(dotted_path: str) -> IdentityService:
    service: IdentityService = import_string(dotted_path)()
    return service


def due_ids(now: datetime) -> list[UUID]:
    """The newest question of each person that is to be asked now, oldest first.

    By itself perinat asks in the hours of the settings; what somebody asked for goes at any hour.
    """
    if not settings.IDENTITY_SERVICE or ins_calendar.is_resting(now):
        return []
    rows = _free(now).filter(person__in=askable().values("pk"))
    if not ins_calendar.is_open(now):
        rows = rows.filter(asked_by__isnull=False)
    newest = rows.order_by("person", "-planned_on", "asked_by").distinct("person").values("pk")
    return list(IdentityQuestion.objects.filter(pk__in=newest).order_by("due_at", "pk").values_list("pk", flat=True))


def _free(now: datetime) -> QuerySet[IdentityQuestion]:
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    return IdentityQuestion.objects.filter(free, answer="", due_at__lte=now)


def answer(question_id: UUID, now: datetime) -> QuestionAnswer | None:
    """Ask one question and record what comes; None when there is nothing to do (taken, settled, silent service)."""
    question = claim(question_id, now)
    if question is None:
        return None
    traits = traits_of(question.person)
    if traits.sex not in ("F", "M"):  # INSi knows no other
        return record(question, traits, IdentityResult(IdentityAnswer.REFUSED, "perinat:sex"), now)
    return record(question, traits, _load(settings.IDENTITY_SERVICE).ask(traits), now)


@transaction.atomic
def claim(question_id: UUID, now: datetime) -> IdentityQuestion | None:
    """Take a question that is due; the older ones of the same person need not be asked any more."""
    if ins_calendar.is_resting(now):
        return None
    rows = _free(now).filter(pk=question_id, person__in=askable().values("pk"))
    question = rows.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related("person").first()
    if question is None:
        return None
    question.lease_until, question.tries = now + LEASE, question.tries + 1
    question.save(update_fields=["lease_until", "tries"])
    older = IdentityQuestion.objects.filter(person=question.person_id, answer="", planned_on__lte=question.planned_on)
    older.exclude(pk=question.pk).update(answer=QuestionAnswer.NOT_ASKED, answered_at=now, found={})
    return question


@transaction.atomic
def record(
    question: IdentityQuestion, traits: IdentityTraits, result: IdentityResult, now: datetime
) -> QuestionAnswer | None:
    """Write the answer and what it changes; None when the lease was lost, or nothing is known yet."""
    rows = IdentityQuestion.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "asked_by", "stay__maternity"
    )
    row = rows.filter(pk=question.pk, answer="", lease_until=question.lease_until).first()
    if row is None:
        return None
    person = identities.locked(row.person_id)
    said = {"question": str(row.pk), "answer": str(result.answer), "code": result.code}
    audit.record("identity.asked", by=row.asked_by, subject=person, **said)
    row.lease_until, row.code = None, result.code[:80]
    if result.answer is IdentityAnswer.UNAVAILABLE:
        row.failed_at, row.due_at = now, now + deadlines.INS_ASK_AGAIN
        logger.warning("identity.unavailable question=%s code=%s", row.pk, result.code)
    elif traits_of(person) != traits:  # corrected while the service was thinking: its answer is about others
        row.code, row.due_at = TRAITS_CHANGED, now
    else:
        row.answer, row.answered_at = ins_answers.apply(row, person, result), now
        ins_alerts.tell(person, row.stay, row.answer)
    row.save()
    return QuestionAnswer(row.answer) or None


def unforeseen(question_id: UUID, now: datetime) -> None:
    """The edge met an error nobody foresaw: as a service that is silent."""
    question = IdentityQuestion.objects.filter(pk=question_id, answer="", lease_until__isnull=False).first()
    if question is not None:
        record(question, traits_of(question.person), IdentityResult(IdentityAnswer.UNAVAILABLE, UNFORESEEN), now)


@transaction.atomic
def ask_now(person: Person, stay: Stay, *, by: User, now: datetime) -> bool:
    """« Demander maintenant »: one question more, asked within the minute. False: one is already on its way."""
    if not settings.IDENTITY_SERVICE or not askable().filter(pk=person.pk).exists():
        return False
    row = IdentityQuestion(person=person, stay=stay, planned_on=timezone.localdate(now), asked_by=by, due_at=now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    audit.record("identity.question_asked_for", by=by, subject=person, question=str(row.pk))
    return True
