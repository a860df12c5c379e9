"""Facts that never change: what moved, who looked, and the seal of each day."""

from typing import ClassVar

from django.db import models

from coordination.models.base import ImmutableModel, append_only


class Event(ImmutableModel):
    """One passage of one object from a state to another. No foreign key: it never blocks live data."""

    subject = models.CharField(max_length=20)  # lifecycle name
    subject_id = models.UUIDField()
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)
    reason = models.CharField(max_length=200, blank=True)
    by_id = models.BigIntegerField(null=True)
    organisation_id = models.UUIDField(null=True)
    stay_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        triggers: ClassVar = append_only()
        indexes = [models.Index(fields=["subject", "subject_id", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.source}→{self.target}"


class AuditEntry(ImmutableModel):
    """Who did or saw what, on which record. `action` is an event name (`document.opened`)."""

    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    organisation_id = models.UUIDField(null=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["at"]
        triggers: ClassVar = append_only()
        indexes = [models.Index(fields=["at"]), models.Index(fields=["subject", "subject_id"])]

    def __str__(self) -> str:
        return self.action


class AuditSeal(ImmutableModel):
    """The anchor of one day: SHA-256 chain over its events and audit rows, linked to the day before."""

    day = models.DateField(unique=True)
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["day"]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        return f"sceau du {self.day}"
