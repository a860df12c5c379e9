"""Step 10: a month that closes is counted, hidden where it must be, and written down once.

What is shown of a closed month is read from there: a stay corrected afterwards moves no figure, so that
two readings of a page, before and after the correction, cannot be subtracted.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from coordination import audit
from coordination.models import PublishedCell, PublishedMonth
from coordination.selectors import indicators_counts as counts
from coordination.selectors.indicators_masking import Published, publish


def publish_closed_months(now: datetime) -> int:
    """Publish the months closed at `now` that follow the last one published; returns how many were written.

    The first publication begins with the first month that has a discharge. Months are written in order and
    without a gap: what is recorded later about an earlier one is shown nowhere. Idempotent.
    """
    until = counts.first_open_month(now)
    last = PublishedMonth.objects.order_by("-month").values_list("month", flat=True).first()
    since = counts.next_month(last) if last else None
    if since is not None and since >= until:
        return 0
    found = counts.count(now, since=since)
    month, written = since or min(found, default=until), 0
    while month < until:
        written += _write(month, publish(found.get(month, {})), now)
        month = counts.next_month(month)
    return written


def _write(month: date, published: Published[UUID], now: datetime) -> bool:
    """One month and its cells, or nothing when another process has just written it."""
    places = [(None, published.total), *published.rows.items()]
    try:
        with transaction.atomic():
            row = PublishedMonth.objects.create(month=month, published_at=now)
            cells = [
                PublishedCell(
                    month=row, maternity_id=place, indicator=key, numerator=cell.numerator, denominator=cell.denominator
                )
                for place, shown in places
                for key, cell in shown.items()
            ]
            PublishedCell.objects.bulk_create(cells)
            audit.record("indicators.published", by=None, subject=row, month=f"{month:%Y-%m}", cells=len(cells))
    except IntegrityError:
        if not PublishedMonth.objects.filter(month=month).exists():
            raise
        return False
    return True
