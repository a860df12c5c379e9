"""What is written to a mother, or to a newborn, in Mon espace santé, what comes back, and what closes that box."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coordination.models.base import UuidModel
from coordination.models.directory import Organisation
from coordination.models.documents import Blob
from coordination.models.people import Person
from coordination.models.shipments import Shipment
from coordination.models.stays import Stay
from coordination.models.visibility import VisibleQuerySet


class PatientReply(UuidModel):
    """A mail from the box of a person, kept once (`digest`) as it came. No column holds an address nor a matricule.

    `body`: who writes, subject and text, as JSON. `person` is empty while nobody has said whose it is. `letter`:
    what it answers, when it says so; `after_end`: it came after the conversation was closed.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="patient_replies")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="replies")
    stay = models.ForeignKey(Stay, null=True, blank=True, on_delete=models.PROTECT, related_name="patient_replies")
    letter = models.ForeignKey(
        "coordination.PatientLetter", null=True, blank=True, on_delete=models.PROTECT, related_name="replies"
    )
    digest = models.CharField(max_length=64, unique=True)
    message_id = models.CharField(max_length=250, blank=True)
    body = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    raw = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    after_end = models.BooleanField(default=False)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        "coordination.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["received_at"]
        indexes = [models.Index(fields=["organisation", "handled_at"]), models.Index(fields=["stay"])]
        constraints = [
            models.CheckConstraint(
                name="handled_reply_says_by_whom",
                condition=Q(handled_at__isnull=True) | Q(handled_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"réponse {self.id}"


class ReplyFile(UuidModel):
    """One file joined to a reply, encrypted as it came."""

    reply = models.ForeignKey(PatientReply, on_delete=models.PROTECT, related_name="files")
    rank = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=60)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(name="reply_file_rank_unique", fields=["reply", "rank"])]

    def __str__(self) -> str:
        return f"pièce jointe {self.id}"


class PatientLetter(UuidModel):
    """One message, frozen when it is written. `text`: subject and text as they leave, as JSON.

    `template` and `template_version` (a date) name the words it was made from. `closes`: she may not answer it, nor
    anything before. `answers`: the reply that it answers.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="patient_letters")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="letters")
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="patient_letters")
    shipment = models.OneToOneField(Shipment, on_delete=models.PROTECT, related_name="letter")
    template = models.CharField(max_length=30)
    template_version = models.CharField(max_length=10)
    text = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    closes = models.BooleanField(default=False)
    answers = models.ForeignKey(
        PatientReply, null=True, blank=True, on_delete=models.PROTECT, related_name="answered_by"
    )
    author = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["written_at"]
        indexes = [models.Index(fields=["stay", "person"])]

    def __str__(self) -> str:
        return f"message {self.id}"


class BoxFault(models.TextChoices):
    """Why the box of a person takes nothing."""

    NONE = "", ""
    CLOSED = "CLOSED", "messagerie fermée"
    NOT_FOUND = "NOT_FOUND", "personne inconnue de Mon espace santé"
    INVALID = "INVALID", "adresse refusée"


class PatientMessaging(UuidModel):
    """What closes the messaging of a person: her oppositions, and what her box answered. No row: nothing does.

    `opposed_*`: messages to herself (MSS/va1.20); `carers_opposed_*`: messages between professionals about her
    (MSS/va1.22).
    """

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="messaging")
    opposed_at = models.DateTimeField(null=True, blank=True)
    opposed_by = models.ForeignKey(
        "coordination.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    carers_opposed_at = models.DateTimeField(null=True, blank=True)
    carers_opposed_by = models.ForeignKey(
        "coordination.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    unavailable_since = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=10, choices=BoxFault.choices, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="opposition_says_by_whom",
                condition=Q(opposed_at__isnull=True, opposed_by__isnull=True)
                | Q(opposed_at__isnull=False, opposed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="carers_opposition_says_by_whom",
                condition=Q(carers_opposed_at__isnull=True, carers_opposed_by__isnull=True)
                | Q(carers_opposed_at__isnull=False, carers_opposed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="unavailable_box_says_why", condition=Q(unavailable_since__isnull=True) | Q(fault__gt="")
            ),
        ]

    def __str__(self) -> str:
        return f"messagerie {self.id}"
