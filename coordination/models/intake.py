"""What a hospital's software pushed in: each message once, as it came, with what was done of it."""

from __future__ import annotations

from django.db import models

from coordination.models.base import UuidModel
from coordination.models.directory import Organisation
from coordination.models.documents import Blob, Deposit


class IntakeOutcome(models.TextChoices):
    TAKEN = "TAKEN", "Pris en compte"
    IGNORED = "IGNORED", "Sans objet ici"
    REFUSED = "REFUSED", "Refusé"
    POSTPONED = "POSTPONED", "À renvoyer"


class IntakeMessage(UuidModel):
    """One message of one sender. `digest` (SHA-256 of its bytes) tells a resend from another message of the same id.

    `raw` is empty for what is none of this ward's business: perinat does not keep it. `unique_id` names the
    document that it carried, `replaced_id` the one whose place it takes, and `deposit` what was made of it.
    `refusal`: the answer given, to be given again.
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

    class Meta:
        ordering = ["received_at"]
        constraints = [models.UniqueConstraint(name="message_taken_once", fields=["sender", "control_id", "digest"])]
        indexes = [
            models.Index(fields=["organisation", "ipp", "said_at"]),
            models.Index(fields=["organisation", "unique_id"]),
        ]

    def __str__(self) -> str:
        return f"message {self.id}"
