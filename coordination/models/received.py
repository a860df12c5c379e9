"""Mails that bring documents from outside, and each of these documents until it has its place."""

from __future__ import annotations

from django.db import models

from coordination.lifecycles import ReceivedStatus
from coordination.models.base import UuidModel
from coordination.models.directory import Organisation, Professional
from coordination.models.documents import Blob
from coordination.models.people import Person
from coordination.models.stays import Stay
from coordination.models.visibility import VisibleQuerySet


class ReceivedMail(UuidModel):
    """One mail, once in each box (`digest`), kept as it came. `refusal`: why its archive could not be read.

    `holder`: whose personal box it came into, hers alone; empty for the box of a site or of a practice.

    `receipt_to`: who asked what became of it; the answer is due from `answer_due_at`, with `answer_code` (900 to
    906, empty when everything is filed), and given at `answered_at`. `answer_refusal`: why it could not be given.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="received_mails")
    mailbox = models.CharField(max_length=254)
    holder = models.ForeignKey(
        Professional, null=True, blank=True, on_delete=models.PROTECT, related_name="received_mails"
    )
    digest = models.CharField(max_length=64)
    message_id = models.CharField(max_length=250, blank=True)
    sender = models.CharField(max_length=254, blank=True)
    sender_name = models.CharField(max_length=120, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    warnings = models.JSONField(default=list, blank=True)
    refusal = models.TextField(blank=True)
    raw = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    receipt_to = models.CharField(max_length=254, blank=True)
    answer_code = models.CharField(max_length=3, blank=True)
    answer_due_at = models.DateTimeField(null=True, blank=True)
    answer_tries = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_refusal = models.TextField(blank=True)

    class Meta:
        ordering = ["received_at"]
        constraints = [models.UniqueConstraint(name="received_mail_once_in_a_box", fields=["digest", "mailbox"])]
        indexes = [
            models.Index(
                name="received_mail_to_answer",
                fields=["answer_due_at"],
                condition=models.Q(answered_at__isnull=True, answer_due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"message reçu {self.id}"


class ReceivedDocument(UuidModel):
    """One document of a mail. `twin`: its readable PDF, shown with it on one line.

    `told`: what it says of itself (patient, author, dates), as JSON; `code`: why it was not filed by itself (900 to
    906), and `question` the sentence of it. `alerts`: interpretation codes of its results that cannot wait.
    `target_id`: the document that it replaces, or deletes (`action` C, D). `holder`: as that of its mail.
    """

    mail = models.ForeignKey(ReceivedMail, on_delete=models.PROTECT, related_name="documents")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="received_documents")
    holder = models.ForeignKey(
        Professional, null=True, blank=True, on_delete=models.PROTECT, related_name="received_documents"
    )
    rank = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, choices=ReceivedStatus.choices(), default=ReceivedStatus.TO_SORT)
    attempt = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=60)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    twin = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=1, blank=True)
    unique_id = models.CharField(max_length=200, blank=True)
    target_id = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=200, blank=True)
    type_code = models.CharField(max_length=20, blank=True)
    type_label = models.CharField(max_length=200, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    told = models.JSONField(default=dict, blank=True)
    alerts = models.JSONField(default=list, blank=True)
    code = models.CharField(max_length=3, blank=True)
    question = models.TextField(blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="received")
    stay = models.ForeignKey(Stay, null=True, blank=True, on_delete=models.PROTECT, related_name="received")
    same_as = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="copies")
    received_at = models.DateTimeField(auto_now_add=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["received_at", "rank"]
        indexes = [
            models.Index(fields=["organisation", "status"]),
            models.Index(fields=["organisation", "unique_id"]),
            models.Index(fields=["stay"]),
        ]

    def __str__(self) -> str:
        return f"document reçu {self.id}"
