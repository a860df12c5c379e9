"""What a hospital's software pushed in, each message once, as it came; and what is told back of its papers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coordination.models.base import UuidModel
from coordination.models.directory import Organisation
from coordination.models.documents import Blob, Deposit
from coordination.models.shipments import Shipment
from perinat.standards.pushed import ReportKind


class IntakeOutcome(models.TextChoices):
    TAKEN = "TAKEN", "Pris en compte"
    IGNORED = "IGNORED", "Sans objet ici"
    REFUSED = "REFUSED", "Refusé"
    POSTPONED = "POSTPONED", "À renvoyer"


class IntakeMessage(UuidModel):
    """One message of one sender. `digest` (SHA-256 of its bytes) tells a resend from another message of the same id.

    `raw` is empty for what is none of this ward's business: perinat does not keep it. `unique_id` names the
    document that it carried, `replaced_id` the one whose place it takes, and `deposit` what was made of it.
    `refusal`: the answer given, to be given again. `wants_report`, `wants_reading`: what became of the paper, and who
    read it, is to be told back (`IntakeReport`) to who `token` names, in the words of the adapter.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    sender = models.CharField(max_length=200)
    control_id = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    said_at = models.DateTimeField(help_text="Heure du fait pour l'émetteur")
    received_at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=10, choices=IntakeOutcome.choices)
    refusal = models.JSONField(null=True, blank=True)
    fact = models.CharField(max_length=12, blank=True)
    ipp = models.CharField(max_length=40, blank=True)
    stay_number = models.CharField(max_length=40, blank=True)
    unique_id = models.CharField(max_length=200, blank=True)
    replaced_id = models.CharField(max_length=200, blank=True)
    deposit = models.ForeignKey(Deposit, null=True, blank=True, on_delete=models.PROTECT, related_name="pushed")
    raw = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    token = models.CharField(max_length=300, blank=True)
    wants_report = models.BooleanField(default=False)
    wants_reading = models.BooleanField(default=False)

    class Meta:
        ordering = ["received_at"]
        constraints = [models.UniqueConstraint(name="message_taken_once", fields=["sender", "control_id", "digest"])]
        indexes = [
            models.Index(fields=["organisation", "ipp", "said_at"]),
            models.Index(fields=["organisation", "unique_id"]),
        ]

    def __str__(self) -> str:
        return f"message {self.id}"


class IntakeReport(UuidModel):
    """One fact about a paper, told once to the software that pushed it; an outbox of its own (ADR 0025).

    `fact`: the row that proves it (a try of the DMP, a receipt of a mailbox). `ok`: arrived, or read; else `code` and
    `label` say why not, as the channel said it. `address`, `recipient`: the mailbox and the PS_IdNat of who receives.
    Waiting until `sent_at` (taken there) or `refused_at` (with `refusal`): the next try is due at `due_at`.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(IntakeMessage, on_delete=models.PROTECT, related_name="reports")
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=4, choices=[(kind.value, kind.value) for kind in ReportKind])
    fact = models.UUIDField()
    ok = models.BooleanField()
    code = models.CharField(max_length=120, blank=True)
    label = models.TextField(blank=True)
    address = models.CharField(max_length=254, blank=True)
    recipient = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    silent_since = models.DateTimeField(null=True, blank=True)
    last_code = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refusal = models.TextField(blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(name="report_told_once", fields=["message", "kind", "fact"]),
            models.CheckConstraint(
                name="report_taken_or_refused", condition=Q(sent_at__isnull=True) | Q(refused_at__isnull=True)
            ),
        ]
        indexes = [
            models.Index(
                name="report_to_tell", fields=["due_at"], condition=Q(sent_at__isnull=True, refused_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"accusé {self.id}"
