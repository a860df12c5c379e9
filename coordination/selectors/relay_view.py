"""Who took the list over last: read from the audit, where the act is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coordination.models import AuditEntry, User

TAKEN = "relay.taken"


@dataclass(frozen=True, slots=True)
class Taken:
    """The last take-over of this ward."""

    by: str
    at: datetime
    lines: int


def last_taken(user: User) -> Taken | None:
    """None when nobody of this ward ever took it, or the account has no ward."""
    if user.organisation_id is None:
        return None
    entry = AuditEntry.objects.filter(action=TAKEN, organisation_id=user.organisation_id).order_by("-at").first()
    if entry is None:
        return None
    who = (
        User.objects.filter(pk__in=[entry.by_id], organisation_id=user.organisation_id).first() if entry.by_id else None
    )
    return Taken(str(who) if who else "une personne qui a quitté le service", entry.at, entry.data.get("lines", 0))
