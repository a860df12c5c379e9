"""A local mirror of the national directory: what it published at the last reading, apart from the people of perinat.

Nothing here has an account, a mother or a paper. Whoever is chosen is copied to `Professional` (ADR 0016).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coordination.models.base import UuidModel


class MirrorStep(models.TextChoices):
    """Where a pass stands: it is taken up again from there."""

    PLACES = "PLACES", "Lieux"
    PRACTICES = "PRACTICES", "Exercices modifiés"
    CHANGED = "CHANGED", "Personnes modifiées"
    PEOPLE = "PEOPLE", "Personnes à lire"


class DirectoryMirror(models.Model):
    """One département. `synced_at`: start of the last pass that went to its end; `started_at`: a pass is under way."""

    departement = models.CharField(max_length=3, primary_key=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    full_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    is_full = models.BooleanField(default=True)
    step = models.CharField(max_length=10, choices=MirrorStep.choices, default=MirrorStep.PLACES)
    cursor = models.TextField(blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure_fr = models.CharField(max_length=200, blank=True)


class _Published(UuidModel):
    """`seen_at`: read for the last time; `gone_at`: no longer published, or closed."""

    key = models.CharField(max_length=64, unique=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class MirrorPlace(_Published):
    departement = models.CharField(max_length=3, db_index=True)
    name = models.CharField(max_length=120)
    finess = models.CharField(max_length=9, blank=True)
    sector = models.CharField(max_length=10, blank=True)
    line = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=5, blank=True)
    city = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    search = models.CharField(max_length=260, blank=True)


class MirrorPerson(_Published):
    """Without `seen_at`: only her practice is known, she is still to be read."""

    rpps = models.CharField(max_length=11, blank=True, db_index=True)
    family_name = models.CharField(max_length=80, blank=True)
    given_name = models.CharField(max_length=80, blank=True)
    specialty_code = models.CharField(max_length=20, blank=True)
    search = models.CharField(max_length=260, blank=True)


class MirrorPractice(_Published):
    """A person at a place."""

    person = models.ForeignKey(MirrorPerson, on_delete=models.CASCADE, related_name="practices")
    place = models.ForeignKey(MirrorPlace, on_delete=models.CASCADE, related_name="practices")


class MirrorMailbox(UuidModel):
    """An MSSanté address as one resource publishes it; `gone_at`: that resource no longer does."""

    address = models.EmailField(db_index=True)
    kind = models.CharField(max_length=3)
    person = models.ForeignKey(MirrorPerson, null=True, blank=True, on_delete=models.CASCADE, related_name="mailboxes")
    practice = models.ForeignKey(
        MirrorPractice, null=True, blank=True, on_delete=models.CASCADE, related_name="mailboxes"
    )
    place = models.ForeignKey(MirrorPlace, null=True, blank=True, on_delete=models.CASCADE, related_name="mailboxes")
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="mirror_mailbox_has_one_owner",
                condition=Q(person__isnull=False, practice__isnull=True, place__isnull=True)
                | Q(person__isnull=True, practice__isnull=False, place__isnull=True)
                | Q(person__isnull=True, practice__isnull=True, place__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["address", "person", "practice", "place"],
                name="mirror_mailbox_once_per_owner",
                nulls_distinct=False,
            ),
        ]
