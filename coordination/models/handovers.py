"""The relay from ward to town: one Handover per person, one Offer per midwife asked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coordination.lifecycles import HandoverStatus, OfferStatus
from coordination.models.base import UuidModel
from coordination.models.directory import Organisation, Professional
from coordination.models.stays import Stay
from coordination.models.visibility import VisibleQuerySet


class Handover(UuidModel):
    """Only SEEN, with a date, is success. `visit_due_at` is the deadline of the first visit."""

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="handovers")
    person = models.ForeignKey("coordination.Person", on_delete=models.PROTECT, related_name="handovers")
    cpts = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="handovers")
    midwife = models.ForeignKey(Professional, null=True, blank=True, on_delete=models.PROTECT, related_name="handovers")
    status = models.CharField(max_length=20, choices=HandoverStatus.choices(), default=HandoverStatus.TO_PLACE)
    attempt = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    visit_due_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        "coordination.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_reason = models.CharField(max_length=200, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["visit_due_at", "opened_at"]
        constraints = [
            models.UniqueConstraint(name="one_handover_per_person_and_stay", fields=["stay", "person"]),
            models.CheckConstraint(
                name="seen_handover_has_date", condition=~Q(status="SEEN") | Q(seen_at__isnull=False)
            ),
            models.CheckConstraint(
                name="accepted_handover_has_midwife",
                condition=~Q(status__in=["ACCEPTED", "SCHEDULED", "SEEN"]) | Q(midwife__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"relais {self.id}"


class Offer(UuidModel):
    """A request to one midwife: commune, due date and needs only, until she accepts."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="offers")
    midwife = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="offers")
    status = models.CharField(max_length=12, choices=OfferStatus.choices(), default=OfferStatus.SENT)
    attempt = models.PositiveIntegerField(default=0)
    sent_by = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=120, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_offer_per_midwife", fields=["handover", "midwife"], condition=Q(status="SENT")
            ),
            models.UniqueConstraint(
                name="one_accepted_offer_per_handover", fields=["handover"], condition=Q(status="ACCEPTED")
            ),
        ]

    def __str__(self) -> str:
        return f"demande {self.id}"
