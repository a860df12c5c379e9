"""People whose papers wait for an INS, and those about whom INSi may be asked."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from coordination.lifecycles import ShipmentStatus
from coordination.models import HoldReason, IdentityQuestion, InsStatus, Newborn, Person, QuestionAnswer, Shipment

ASKABLE = (InsStatus.PROV, InsStatus.VALI)


def held() -> QuerySet[Shipment]:
    """What waits for an INS."""
    return Shipment.objects.filter(status=ShipmentStatus.HELD, hold_reason=HoldReason.INS)


def waiting() -> QuerySet[Person]:
    """People whose papers wait, without a qualified INS."""
    return Person.objects.filter(pk__in=held().values("person")).exclude(ins_status=InsStatus.QUAL)


def askable() -> QuerySet[Person]:
    """Those about whom INSi may be asked: no INS yet, no answer that a person must look at first.

    Nothing is asked about a child whose link to the mother ended: who may ask is no longer this ward's to say.
    """
    return waiting().filter(~Exists(to_decide()), ~Exists(_apart()), ins_status__in=ASKABLE)


def to_decide() -> QuerySet[IdentityQuestion]:
    """Answers about the person of the outer query that wait for somebody's decision."""
    return IdentityQuestion.objects.filter(
        person=OuterRef("pk"), answer=QuestionAnswer.DIFFERENT, decided_at__isnull=True
    )


def _apart() -> QuerySet[Newborn]:
    return Newborn.objects.filter(person=OuterRef("pk"), link_ended_at__isnull=False)
