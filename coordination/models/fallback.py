"""What follows a sending that did not arrive (ADR 0022): papers handed over, one-time codes; letters left unread."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from coordination.lifecycles import PaperStatus
from coordination.models.base import ImmutableModel, UuidModel, append_only
from coordination.models.directory import Organisation, Professional
from coordination.models.handovers import Handover
from coordination.models.shipments import Shipment
from coordination.models.stays import Stay
from coordination.models.visibility import VisibleQuerySet


class PaperDelivery(UuidModel):
    """Remise sur papier: the last step of a sending that reached no address. `why`: a reason of the policy."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="papers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=20)
    status = models.CharField(max_length=12, choices=PaperStatus.choices(), default=PaperStatus.TO_GIVE)
    attempt = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_living_paper_per_shipment", fields=["shipment"], condition=~Q(status="DROPPED")
            )
        ]

    def __str__(self) -> str:
        return f"remise {self.id}"


class PaperCode(UuidModel):
    """A one-time code printed for one professional: only its HMAC is kept. `used_by`: who typed it first, for good."""

    paper = models.ForeignKey(PaperDelivery, on_delete=models.PROTECT, related_name="codes")
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(Professional, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(name="one_living_code_per_paper", fields=["paper"], condition=Q(revoked_at=None)),
            models.CheckConstraint(
                name="used_code_says_by_whom",
                condition=Q(used_by__isnull=True, used_at__isnull=True)
                | Q(used_by__isnull=False, used_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"code {self.id}"


class NudgeStep(models.TextChoices):
    NOTICE = "NOTICE", "Avis à la sage-femme"
    CALL = "CALL", "Appel par le service"


class LetterNudge(ImmutableModel):
    """A letter unread before the first visit: what was done about it, once for each date of the visit."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="nudges")
    step = models.CharField(max_length=6, choices=NudgeStep.choices)
    visit_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        triggers: ClassVar = append_only()
        constraints = [
            models.UniqueConstraint(name="one_nudge_per_step_and_visit", fields=["handover", "step", "visit_at"])
        ]

    def __str__(self) -> str:
        return f"rappel {self.id}"
