"""The questions asked to the national identity service (INSi) about people whose papers wait for an INS."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coordination.models.base import UuidModel
from coordination.models.people import Person
from coordination.models.stays import Stay
from perinat.standards.identifiers import Ins
from perinat.standards.national_identity import IdentityTraits


class QuestionAnswer(models.TextChoices):
    """Empty while nothing is answered. DIFFERENT: an identity whose traits are not ours, for a person to decide.

    TAKEN: its INS is that of somebody else here. NOT_ASKED: a later question took its place, or none is needed.
    """

    NONE = "", "Prévue"
    FOUND = "FOUND", "INS trouvée"
    NOT_FOUND = "NOT_FOUND", "Pas encore connue"
    SEVERAL = "SEVERAL", "Plusieurs identités possibles"
    REFUSED = "REFUSED", "Traits refusés"
    DIFFERENT = "DIFFERENT", "Trouvée avec d’autres traits"
    TAKEN = "TAKEN", "INS déjà portée par une autre personne"
    NOT_ASKED = "NOT_ASKED", "Sans objet"


class IdentityQuestion(UuidModel):
    """One question about one person, planned for a day or asked by somebody (`asked_by`).

    `due_at`: its next try; `failed_at`: the last time the service was silent. `found`: the traits and the INS of a
    DIFFERENT answer, until somebody decides.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identity_questions")
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="+", help_text="Où les papiers attendent")
    planned_on = models.DateField()
    asked_by = models.ForeignKey("coordination.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=QuestionAnswer.choices, blank=True)
    code = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    found = models.JSONField(default=dict, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "coordination.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["planned_on", "due_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_planned_question_per_day", fields=["person", "planned_on"], condition=Q(asked_by=None)
            ),
            models.UniqueConstraint(
                name="one_open_question_asked_by_hand",
                fields=["person"],
                condition=Q(asked_by__isnull=False, answer=""),
            ),
        ]
        indexes = [models.Index(name="question_open", fields=["due_at"], condition=Q(answer=""))]

    def __str__(self) -> str:
        return f"question {self.id}"

    @property
    def proposal(self) -> tuple[IdentityTraits, Ins]:
        """What a DIFFERENT answer that waits for a decision gave."""
        return IdentityTraits.from_json(self.found["traits"]), Ins(*self.found["ins"])

    @proposal.setter
    def proposal(self, value: tuple[IdentityTraits, Ins]) -> None:
        traits, ins = value
        self.found = {"traits": traits.as_json(), "ins": [ins.matricule, ins.oid]}
