"""The outbox: a Shipment is what is claimed, retried and identified; attempts and receipts are facts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from coordination.lifecycles import ShipmentStatus
from coordination.models.base import ImmutableModel, UuidModel, append_only
from coordination.models.directory import Mailbox, Organisation, Professional
from coordination.models.documents import Blob, DocumentVersion
from coordination.models.people import Person
from coordination.models.stays import Stay
from coordination.models.visibility import VisibleQuerySet
from coordination.ports import Action, ReceiptKind


class ChannelName(models.TextChoices):
    DMP = "dmp", "DMP"
    MSSANTE = "mssante", "MSSanté"


class HoldReason(models.TextChoices):
    """Why a shipment waits; each is released by a fact, not by a person's patience."""

    NONE = "", ""
    INS = "INS", "INS non qualifiée"
    ADDRESS = "ADDRESS", "Adresse MSSanté manquante"
    CONSENT = "CONSENT", "Information de la mère à tracer"


class Shipment(UuidModel):
    """Envoi: one patient × one channel × one recipient × one action, 1..n document versions.

    `set_unique_id` (OID of the lot) and `message_id` are stable over all attempts. `in_doubt`: the
    channel may have received it, so `find` comes before any resend. `recipient` is the professional it is
    meant for, whatever her name and her address become; empty for the DMP and for the box of an organisation.
    `recipient_name` is her name as it was written on the envelope. `to_patient`: to the box of the person herself in
    Mon espace santé, whose address is no row (ADR 0024). `excused`: tries that failed because the whole
    channel was down; they are not counted against this shipment. `fallback_of`: the sending that did not arrive, and
    that this one follows to another address of the same person (ADR 0022). `sent_from`: her own box, when the sending
    left or leaves from it and not from that of the structure (ADR 0021).
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="shipments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="shipments")
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="shipments")
    channel = models.CharField(max_length=10, choices=ChannelName.choices)
    action = models.CharField(max_length=8, choices=[(a.value, a.value) for a in Action], default=Action.SEND)
    mailbox = models.ForeignKey(Mailbox, null=True, blank=True, on_delete=models.PROTECT, related_name="shipments")
    recipient = models.ForeignKey(
        Professional, null=True, blank=True, on_delete=models.PROTECT, related_name="received_shipments"
    )
    recipient_name = models.CharField(max_length=120, blank=True)
    to_patient = models.BooleanField(default=False)
    sender = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    sent_from = models.CharField(max_length=254, blank=True)
    versions = models.ManyToManyField(DocumentVersion, related_name="shipments")
    reason = models.CharField(max_length=200, blank=True)
    fallback_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="next_steps")

    status = models.CharField(max_length=12, choices=ShipmentStatus.choices(), default=ShipmentStatus.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    hold_reason = models.CharField(max_length=10, choices=HoldReason.choices, blank=True)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    in_doubt = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    excused = models.PositiveSmallIntegerField(default=0)
    waited = models.PositiveSmallIntegerField(default=0, help_text="Nouveaux essais d'une boîte pleine (ADR 0022)")
    last_code = models.CharField(max_length=120, blank=True)
    last_message = models.TextField(blank=True)
    functional = models.BooleanField(default=False, help_text="Réponse normale du canal, rien n'a échoué")

    set_unique_id = models.CharField(max_length=64, unique=True)
    message_id = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    integrated_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(name="held_shipment_says_why", condition=~Q(status="HELD") | Q(hold_reason__gt="")),
            models.CheckConstraint(
                name="sending_shipment_has_lease", condition=~Q(status="SENDING") | Q(lease_until__isnull=False)
            ),
            models.CheckConstraint(
                name="shipment_to_a_patient_has_no_box",
                condition=Q(to_patient=False) | Q(channel="mssante", mailbox__isnull=True, recipient__isnull=True),
            ),
            models.UniqueConstraint(
                name="one_living_next_step", fields=["fallback_of"], condition=~Q(status="CANCELLED")
            ),
            models.CheckConstraint(
                name="next_step_is_a_mail_to_a_person",
                condition=Q(fallback_of__isnull=True)
                | Q(channel="mssante", mailbox__isnull=False, recipient__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="shipment_claim", fields=["due_at"], condition=Q(status="QUEUED")),
            models.Index(name="shipment_leases", fields=["lease_until"], condition=Q(status="SENDING")),
            models.Index(fields=["stay"]),
        ]

    def __str__(self) -> str:
        return f"envoi {self.id}"


class ShipmentAttempt(ImmutableModel):
    """What one try answered: remote code, digests, raw answer (encrypted, restricted)."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=12)  # ACCEPTED, FOUND, PERMANENT, TEMPORARY, UNCERTAIN
    code = models.CharField(max_length=120, blank=True)
    remote_id = models.CharField(max_length=200, blank=True)
    message_fr = models.TextField(blank=True)
    digests = models.JSONField(default=dict)
    raw = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["started_at"]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        return f"tentative {self.number} de {self.shipment_id}"


class Receipt(UuidModel):
    """A DSN or MDN, always stored; `shipment` is empty while nobody knows what it speaks of.

    `mailbox`: the box it came into when no site owns that box; emptied when an administrator gives it to one.
    """

    shipment = models.ForeignKey(Shipment, null=True, blank=True, on_delete=models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in ReceiptKind])
    at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    mailbox = models.CharField(max_length=254, blank=True)
    code = models.CharField(max_length=120, blank=True)
    message_fr = models.TextField(blank=True)
    digest = models.CharField(max_length=64, unique=True)
    raw = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    applied = models.BooleanField(default=False)

    class Meta:
        ordering = ["received_at"]
        indexes = [
            models.Index(name="receipt_nobodys", fields=["mailbox"], condition=Q(shipment__isnull=True, applied=False))
        ]

    def __str__(self) -> str:
        return f"accusé {self.id}"


class ChannelSwitch(UuidModel):
    """The stop switch of a channel; the row without a channel row means open."""

    channel = models.CharField(max_length=10, choices=ChannelName.choices, unique=True)
    stopped = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    changed_by = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.channel


class ChannelBreaker(UuidModel):
    """What the workers know together of a channel that fails (ADR 0020); no row: it never failed.

    `since`: first failure after its last sign of life; `failing`: shipments it has failed since, each once;
    `opened_at`: nothing leaves any more but one shipment at a time, the next at `probe_at`. After it closes, what
    waited leaves at a bounded rate until `releasing_until`, in order for each patient.
    """

    channel = models.CharField(max_length=10, choices=ChannelName.choices, unique=True)
    failures = models.PositiveIntegerField(default=0)
    failing = models.JSONField(default=list)
    since = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    probe_at = models.DateTimeField(null=True, blank=True)
    releasing_until = models.DateTimeField(null=True, blank=True)
    last_code = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="open_breaker_says_since_when",
                condition=Q(opened_at__isnull=True) | Q(since__isnull=False, probe_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.channel
