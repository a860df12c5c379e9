"""The figures of a closed month as they were shown for the first time: written once, read for ever.

They hold what may be shown and nothing else: the raw counts behind a hidden cell are kept nowhere.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from coordination.models.base import ImmutableModel, append_only
from coordination.models.directory import Organisation

SMALLEST_SHOWN = 11  # no count under it is published, nor the complement of one


class PublishedMonth(ImmutableModel):
    """A month that was closed and published, even when every one of its cells is hidden."""

    month = models.DateField(unique=True, help_text="Premier jour du mois")
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["month"]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class PublishedCell(ImmutableModel):
    """One figure of one month: an indicator, for a maternity or (`maternity` empty) for the territory."""

    month = models.ForeignKey(PublishedMonth, on_delete=models.PROTECT, related_name="cells")
    maternity = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    indicator = models.CharField(max_length=20)
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()

    class Meta:
        ordering = ["month__month", "indicator"]
        triggers: ClassVar = append_only()
        constraints = [
            models.UniqueConstraint(
                name="one_published_cell", fields=["month", "maternity", "indicator"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="published_cell_is_not_small",
                condition=Q(numerator__gte=SMALLEST_SHOWN, denominator__gte=F("numerator") + SMALLEST_SHOWN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.numerator}/{self.denominator}"
