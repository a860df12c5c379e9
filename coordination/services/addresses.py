"""Which MSSanté address reaches a professional: the one order of preference, first sending and next steps alike.

Her own addresses come first, then the shared boxes of the organisation she works for (never a colleague's own); the
ones that the directory still publishes before the others. A dead box is never offered.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import F, QuerySet

from coordination.models import Mailbox, Professional, Shipment
from perinat.standards.fallback import Step, policy


def _boxes(professional: Professional, step: Step) -> QuerySet[Mailbox]:
    latest = (F("left_directory_at").asc(nulls_first=True), F("last_success_at").desc(nulls_last=True))
    if step is Step.PERSONAL:
        rows = professional.mailboxes.all()
    else:
        rows = Mailbox.objects.filter(organisation=professional.organisation_id, kind__in=policy().boxes)
    return rows.filter(dead_since__isnull=True).order_by(*latest, "address")


def live_mailbox(professional: Professional) -> Mailbox | None:
    """The address to use first."""
    return _boxes(professional, Step.PERSONAL).first() or _boxes(professional, Step.ORGANISATION).first()


def next_mailbox(professional: Professional, step: Step, *, tried: Collection[UUID]) -> Mailbox | None:
    """Another address at this step, that was not tried."""
    return _boxes(professional, step).exclude(pk__in=tried).first()


def reachable_mailbox(shipment: Shipment) -> Mailbox | None:
    """Where a shipment goes: its own mailbox, or a live one of the same recipient when that one died."""
    mailbox = shipment.mailbox
    if mailbox is not None and mailbox.dead_since and shipment.recipient is not None:
        return live_mailbox(shipment.recipient) or mailbox
    return mailbox
