"""When INSi is asked about whom: one row per planned question, written before the day comes.

People who wait are those with papers held for their INS. Days are data (`deadlines.INS_OF_NEWBORN`); what an outage
made miss is not asked twice: the newest question of a person takes the place of those before it.
"""

from __future__ import annotations

from datetime import date, datetime, time

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate
from django.utils import timezone

from coordination import deadlines
from coordination.models import IdentityQuestion, Newborn, Person
from coordination.selectors.ins_held import askable, held

AT_ONCE = 200  # people planned in one go: the next tick goes on


def plan(now: datetime) -> int:
    """Write the questions to come of who has none since her papers wait; return how many rows. Idempotent."""
    oldest = held().filter(person=OuterRef("pk")).order_by("created_at")
    planned = IdentityQuestion.objects.filter(
        person=OuterRef("pk"), asked_by__isnull=True, planned_on__gte=OuterRef("waits_since")
    )
    people = askable().annotate(
        waits_since=Subquery(oldest.annotate(day=TruncDate("created_at")).values("day")[:1]),
        waits_in=Subquery(oldest.values("stay")[:1]),
    )
    rows = [
        IdentityQuestion(person=person, stay_id=person.waits_in, planned_on=day, due_at=_opens(day))
        for person in people.filter(~Exists(planned)).select_related("newborn")[:AT_ONCE]
        for day in _days(person, person.waits_since, timezone.localdate(now))
    ]
    IdentityQuestion.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _days(person: Person, waits_since: date, today: date) -> list[date]:
    """The days left of her calendar; once it is over, papers that come late are asked about once, at once."""
    birth: Newborn | None = getattr(person, "newborn", None)
    if birth is None:
        days = deadlines.INS_OF_OTHERS.after(waits_since, not_before=today)
    else:
        days = deadlines.INS_OF_NEWBORN.after(timezone.localdate(birth.born_at), not_before=today)
    return days or [today]


def _opens(day: date) -> datetime:
    return deadlines.at_paris(day, time(settings.IDENTITY_HOURS[0]))


def is_open(now: datetime) -> bool:
    """Whether perinat asks by itself at this hour."""
    first, last = settings.IDENTITY_HOURS
    return bool(first <= timezone.localtime(now).hour < last)


def is_resting(now: datetime) -> bool:
    """The service has just failed to answer: everything waits, one question tries again later."""
    return IdentityQuestion.objects.filter(failed_at__gt=now - deadlines.INS_SILENT).exists()


def is_over(now: datetime) -> Q:
    """People whose last planned day is past, or whose last planned question is answered."""
    rows = IdentityQuestion.objects.filter(person=OuterRef("pk"), asked_by__isnull=True)
    to_come = rows.filter(answer="", planned_on__gte=timezone.localdate(now))
    return Q(Exists(rows), ~Exists(to_come))
