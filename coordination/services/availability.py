"""« Ma disponibilité » of a midwife, and the notices she has seen."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from coordination import audit
from coordination.models import Notice, Professional, User

MOST = 9


@transaction.atomic
def declare(professional: Professional, weekly: int, *, by: User) -> None:
    """New mothers she can take this week, 0 to MOST; what coordinators read. Raises ValueError."""
    if not 0 <= weekly <= MOST:
        raise ValueError(f"weekly capacity {weekly}")
    professional.weekly_capacity = weekly
    professional.capacity_declared_at = timezone.now()
    professional.save(update_fields=["weekly_capacity", "capacity_declared_at"])
    audit.record("capacity.declared", by=by, subject=professional, weekly=weekly)


def notices_shown(notices: list[Notice]) -> None:
    """The page showed them: the next one will be announced again."""
    Notice.objects.filter(pk__in=[n.pk for n in notices], seen_at__isnull=True).update(seen_at=timezone.now())
