"""What town professionals do after the discharge, the letters they miss, and what awaits a person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coordination.lifecycles import WorkItemStatus
from coordination.models.base import UuidModel
from coordination.models.directory import Organisation, Professional
from coordination.models.documents import Document
from coordination.models.stays import Stay
from coordination.models.visibility import VisibleQuerySet


class EncounterKind(models.TextChoices):
    HOME_VISIT = "HOME_VISIT", "Visite à domicile"
    EPNP = "EPNP", "Entretien postnatal précoce"


class Encounter(UuidModel):
    """A home visit or a postnatal interview: a short form about one person, and its synthesis.

    `form`: answers keyed by field name; it never leaves without becoming a document.
    """

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="encounters")
    person = models.ForeignKey("coordination.Person", on_delete=models.PROTECT, related_name="encounters")
    kind = models.CharField(max_length=12, choices=EncounterKind.choices)
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="encounters")
    done_at = models.DateTimeField()
    form = models.JSONField(default=dict)
    document = models.OneToOneField(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="encounter")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-done_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"


class LetterRequest(UuidModel):
    """« Demander la LLS »: one activation by the midwife, answered by the letter itself."""

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="letter_requests")
    asked_by = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_letter_request", fields=["stay", "asked_by"], condition=Q(answered_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"demande de lettre {self.id}"


class WorkItemKind(models.TextChoices):
    SHIPMENT_REFUSED = "SHIPMENT_REFUSED", "Envoi à corriger"
    RECEIPT_UNKNOWN = "RECEIPT_UNKNOWN", "Accusé à rattacher"
    LETTER_NOT_SENT = "LETTER_NOT_SENT", "Lettre non envoyée"
    LETTER_REQUESTED = "LETTER_REQUESTED", "Lettre demandée"
    LETTER_ESCALATED = "LETTER_ESCALATED", "Lettre demandée sans réponse"
    MIDWIFE_TO_CONFIRM = "MIDWIFE_TO_CONFIRM", "Sage-femme à confirmer"
    TO_PLACE = "TO_PLACE", "Mère sans sage-femme"
    EXIT_NOT_RECORDED = "EXIT_NOT_RECORDED", "Sortie non enregistrée"
    VISIT_OVERDUE = "VISIT_OVERDUE", "Première visite en retard"
    INS_TO_COMPLETE = "INS_TO_COMPLETE", "INS à compléter"
    INTAKE_REFUSED = "INTAKE_REFUSED", "Message du DPI à traiter"
    TO_REVEAL = "TO_REVEAL", "Document caché à la patiente"
    PAPER_TO_GIVE = "PAPER_TO_GIVE", "À remettre sur papier"
    LETTER_TO_CALL = "LETTER_TO_CALL", "Appeler avant la visite"
    PATIENT_REPLY = "PATIENT_REPLY", "Réponse d’une patiente"


class WorkItem(UuidModel):
    """A line on somebody's list: who, what, since when, until when. `key` makes it unique."""

    kind = models.CharField(max_length=20, choices=WorkItemKind.choices)
    key = models.CharField(max_length=120)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="work_items")
    for_ward_head = models.BooleanField(default=False)
    stay = models.ForeignKey(Stay, null=True, blank=True, on_delete=models.PROTECT, related_name="work_items")
    shipment = models.ForeignKey(
        "coordination.Shipment", null=True, blank=True, on_delete=models.PROTECT, related_name="work_items"
    )
    status = models.CharField(max_length=8, choices=WorkItemStatus.choices(), default=WorkItemStatus.OPEN)
    attempt = models.PositiveIntegerField(default=0)
    message = models.TextField()
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "opened_at"]
        constraints = [
            models.UniqueConstraint(name="one_open_work_item_per_key", fields=["key"], condition=Q(status="OPEN"))
        ]

    def __str__(self) -> str:
        return f"tâche {self.id}"


class Notice(UuidModel):
    """A content-free notice to a person: shown in perinat and sent by the notifier."""

    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="notices")
    text = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"avis {self.id}"
