"""Boxes that receive mail and that no site owns: how many wait there, since when. Never what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import Lower

from coordination.models import Organisation, Receipt


@dataclass(frozen=True, slots=True)
class Box:
    """`mails`: kept, seen by nobody yet."""

    address: str
    mails: int
    since: datetime


def waiting() -> QuerySet[Receipt]:
    """What nobody was told of: an automatic reply, which asks nothing of anybody, is not there."""
    return Receipt.objects.filter(shipment__isnull=True, applied=False).exclude(mailbox="")


def boxes() -> list[Box]:
    """The oldest mail first."""
    counted = waiting().order_by().values(box=Lower("mailbox")).annotate(mails=Count("pk"), since=Min("received_at"))
    return [Box(row["box"], row["mails"], row["since"]) for row in counted.order_by("since")]


def takers() -> QuerySet[Organisation]:
    """The sites that have no box yet: one each."""
    kinds = ("MATERNITY", "PRACTICE", "PMI", "HAD")
    return Organisation.objects.filter(mailbox="", kind__in=kinds).order_by("name")
