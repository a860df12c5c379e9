"""What a state looks like: words first, then a shape, then a colour. Values that the templates show.

A `Chip` says a state, a `Deadline` says until when. Tones are those of docs/guide/design.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from coordination.lifecycles import (
    DepositStatus,
    DocumentStatus,
    HandoverStatus,
    OfferStatus,
    PaperStatus,
    ReceivedStatus,
    ShipmentStatus,
    Status,
    WorkItemStatus,
)

SOON = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Chip:
    """A state. `tone`: quiet, going, wait, todo, done, read or stop. `icon`: a name of templatetags.icons."""

    text: str
    tone: str = "quiet"
    icon: str = "dot"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when, and how near: `tone` is calm, soon or late."""

    at: datetime
    label: str
    tone: str

    @classmethod
    def seen_from(cls, now: datetime, at: datetime, label: str, *, warns_at: datetime | None = None) -> Deadline:
        """The deadline as it stands at `now`; it warns from `warns_at`, or four hours before."""
        if now >= at:
            return cls(at, label, "late")
        return cls(at, label, "soon" if now >= (warns_at or at - SOON) else "calm")


# By class, then by state: the members of two StrEnums with the same value are equal.
LOOKS: dict[type[Status], dict[str, tuple[str, str]]] = {
    ShipmentStatus: {
        "HELD": ("wait", "pause"),
        "QUEUED": ("going", "clock"),
        "SENDING": ("going", "send"),
        "ACCEPTED": ("done", "check"),
        "DELIVERED": ("done", "mailbox"),
        "INTEGRATED": ("done", "check-double"),
        "REJECTED": ("stop", "cross"),
        "FAILED": ("stop", "alert"),
        "CANCELLED": ("quiet", "undo"),
    },
    DocumentStatus: {
        "DRAFT": ("quiet", "pen"),
        "TO_VALIDATE": ("todo", "pen"),
        "VALIDATED": ("done", "check"),
        "REPLACED": ("quiet", "undo"),
        "WITHDRAWN": ("stop", "cross"),
        "ABANDONED": ("quiet", "cross"),
    },
    DepositStatus: {
        "RECEIVED": ("going", "clock"),
        "TO_CHECK": ("todo", "question"),
        "READY": ("done", "check"),
        "FILED": ("done", "check"),
        "REFUSED": ("stop", "cross"),
        "DISCARDED": ("quiet", "cross"),
    },
    ReceivedStatus: {
        "TO_SORT": ("todo", "question"),
        "FILED": ("done", "check"),
        "KNOWN": ("quiet", "check-double"),
        "REPLACED": ("quiet", "undo"),
        "DELETED": ("stop", "cross"),
        "DISCARDED": ("quiet", "cross"),
    },
    HandoverStatus: {
        "TO_PLACE": ("todo", "search"),
        "ASKED": ("going", "send"),
        "ACCEPTED": ("going", "check"),
        "SCHEDULED": ("going", "calendar"),
        "SEEN": ("done", "check-double"),
        "MISSED": ("stop", "alert"),
        "ESCALATED": ("stop", "alert"),
        "CLOSED": ("quiet", "dot"),
        "DECLINED_BY_MOTHER": ("quiet", "pause"),
    },
    OfferStatus: {
        "SENT": ("going", "send"),
        "ACCEPTED": ("done", "check"),
        "DECLINED": ("quiet", "cross"),
        "EXPIRED": ("quiet", "clock"),
        "WITHDRAWN": ("quiet", "undo"),
    },
    PaperStatus: {
        "TO_GIVE": ("todo", "print"),
        "GIVEN": ("done", "users"),
        "OPENED": ("read", "eye"),
        "DROPPED": ("quiet", "dot"),
    },
    WorkItemStatus: {"OPEN": ("todo", "dot"), "DONE": ("done", "check"), "DROPPED": ("quiet", "dot")},
}
BY_MODEL: dict[str, type[Status]] = {
    "Shipment": ShipmentStatus,
    "Document": DocumentStatus,
    "Deposit": DepositStatus,
    "ReceivedDocument": ReceivedStatus,
    "Handover": HandoverStatus,
    "Offer": OfferStatus,
    "WorkItem": WorkItemStatus,
    "PaperDelivery": PaperStatus,
}


def chip_of(status: Status, text: str = "") -> Chip:
    """The chip of a state of any lifecycle; `text` replaces its label."""
    tone, icon = LOOKS[type(status)][status.value]
    return Chip(text or status.label, tone, icon)


def chip_of_row(row: Any, text: str = "") -> Chip:
    """The chip of a row whose model is in BY_MODEL."""
    return chip_of(BY_MODEL[type(row).__name__][row.status], text)
