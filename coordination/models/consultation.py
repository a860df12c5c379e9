"""What a professional asks of a shared record (DMP), one row for each question. ADR 0018."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coordination.models.base import UuidModel
from coordination.models.documents import Blob
from coordination.models.people import Person
from coordination.models.stays import Stay
from coordination.models.visibility import VisibleQuerySet


class QueryKind(models.TextChoices):
    SEARCH = "SEARCH", "Chercher les documents"
    OPEN = "OPEN", "Ouvrir un document"
    CHANGE = "CHANGE", "Agir sur un document"
    REVOKE = "REVOKE", "Mettre fin à l’autorisation"
    ACCESSES = "ACCESSES", "Qui a accès"
    PATIENTS = "PATIENTS", "Mes autorisations"


class EmergencyReason(models.TextChoices):
    """Why a ward opens a record: a reviewed list; the words of the ward are never asked."""

    OBSTETRIC = "OBSTETRIC", "Urgence obstétricale"
    NEWBORN = "NEWBORN", "Urgence du nouveau-né"
    TRANSFER = "TRANSFER", "Transfert vers un autre établissement"
    HISTORY = "HISTORY", "Antécédents inconnus à l’admission"


class RecordQuery(UuidModel):
    """A question about `person`, mother or child of `stay` (PATIENTS: nobody), asked in a page, answered by a worker.

    `document_uid`: CDA identifier. `act`: a `ports.RecordAct` (CHANGE). `mask`: the one to lift (REVEAL).
    `wide`: beyond two years, archived ones too. `agreed_at`: the reader declared the patient's agreement.
    `code`: empty when the record did what was asked. `answer`: encrypted, erased after `kept_until`.
    """

    kind = models.CharField(max_length=10, choices=QueryKind.choices)
    user = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    stay = models.ForeignKey(Stay, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    document_uid = models.CharField(max_length=64, blank=True)
    act = models.CharField(max_length=20, blank=True)
    mask = models.CharField(max_length=40, blank=True)
    wide = models.BooleanField(default=False)
    reason = models.CharField(max_length=12, choices=EmergencyReason.choices, blank=True)
    signed_in_at = models.DateTimeField(help_text="Connexion Pro Santé Connect de la session qui demande")
    agreed_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=60, blank=True)
    message_fr = models.TextField(blank=True)
    answer = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kept_until = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_record_query",
                fields=["user", "stay", "person", "kind", "document_uid"],
                condition=Q(answered_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="record_query_names_its_person",
                condition=Q(stay__isnull=True, person__isnull=True) | Q(stay__isnull=False, person__isnull=False),
            ),
            models.CheckConstraint(
                name="record_answer_has_an_end", condition=Q(answer__isnull=True) | Q(kept_until__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["user", "person", "-asked_at"]),
            models.Index(fields=["kept_until"], condition=Q(answer__isnull=False), name="record_answers_kept"),
            models.Index(fields=["asked_at"], condition=Q(answered_at__isnull=True), name="record_queries_open"),
        ]

    def __str__(self) -> str:
        return f"demande au DMP {self.id}"
