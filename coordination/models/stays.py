"""Stays in a maternity and the births that happened there. Facts belong to the episode."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import models
from django.db.models import F, Q

from coordination.models.base import UuidModel
from coordination.models.directory import Organisation, Professional
from coordination.models.people import Person
from coordination.models.visibility import VisibleQuerySet

# HAS, « Sortie de maternité après accouchement », March 2014: early is under 72 h after a vaginal
# birth, under 96 h after a caesarean, counted from the hour of birth.
EARLY_DISCHARGE_BEFORE = {
    "VAGINAL": timedelta(hours=72),
    "INSTRUMENTAL": timedelta(hours=72),
    "CAESAREAN": timedelta(hours=96),
}


class BirthMode(models.TextChoices):
    VAGINAL = "VAGINAL", "Voie basse"
    INSTRUMENTAL = "INSTRUMENTAL", "Voie basse instrumentale"
    CAESAREAN = "CAESAREAN", "Césarienne"


class Stay(UuidModel):
    """A mother's stay. Birth and discharge are instants; the newborns hang below."""

    mother = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stays")
    maternity = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="stays")
    number = models.CharField(max_length=40, help_text="Numéro de dossier du séjour")
    room = models.CharField(max_length=20, blank=True)
    admitted_at = models.DateTimeField()
    birth_at = models.DateTimeField(null=True, blank=True)
    birth_mode = models.CharField(max_length=12, choices=BirthMode.choices, blank=True)
    expected_discharge_at = models.DateTimeField(null=True, blank=True)
    discharged_at = models.DateTimeField(null=True, blank=True)
    physician = models.ForeignKey(
        Professional, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Auteur de la LLS"
    )
    destination_cog = models.CharField(max_length=5, blank=True, help_text="Commune où elle sera après la sortie")
    destination_city = models.CharField(max_length=80, blank=True)
    needs = models.JSONField(default=list, blank=True, help_text="Besoins particuliers dits sans identité")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = [F("expected_discharge_at").asc(nulls_last=True), "id"]
        constraints = [
            models.UniqueConstraint(name="stay_number_unique_in_site", fields=["maternity", "number"]),
            models.CheckConstraint(
                name="stay_discharge_after_birth",
                condition=Q(discharged_at__isnull=True)
                | Q(birth_at__isnull=True)
                | Q(discharged_at__gte=F("birth_at")),
            ),
        ]
        indexes = [models.Index(fields=["maternity", "expected_discharge_at"])]

    def __str__(self) -> str:
        return f"séjour {self.id}"

    @property
    def leaves_at(self) -> datetime | None:
        """Discharge instant, real or expected."""
        return self.discharged_at or self.expected_discharge_at

    @property
    def is_early(self) -> bool | None:
        """Early discharge per HAS 2014; None while birth, mode or discharge is unknown."""
        if not (self.birth_at and self.leaves_at and self.birth_mode):
            return None
        lived = self.leaves_at.astimezone(UTC) - self.birth_at.astimezone(UTC)  # real hours, not those of the clock
        return lived < EARLY_DISCHARGE_BEFORE[self.birth_mode]


class Newborn(UuidModel):
    """A birth: the child (a Person), its rank, hour and weight, and the stay it happened in."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="newborn")
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="newborns")
    rank = models.PositiveSmallIntegerField(default=1)
    born_at = models.DateTimeField()
    weight_g = models.PositiveSmallIntegerField(null=True, blank=True)
    discharged_at = models.DateTimeField(null=True, blank=True)
    link_ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(name="newborn_rank_unique_in_stay", fields=["stay", "rank"])]

    def __str__(self) -> str:
        return f"naissance {self.id}"


class CareRole(models.TextChoices):
    MIDWIFE = "MIDWIFE", "Sage-femme choisie"
    GP = "GP", "Médecin traitant"
    PMI = "PMI", "PMI"
    OTHER = "OTHER", "Autre professionnel"


class CareTeamMember(UuidModel):
    """Who follows this mother after this stay, with her choice and non-opposition, both dated."""

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="care_team")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="care_teams")
    role = models.CharField(max_length=10, choices=CareRole.choices)
    chosen_at = models.DateTimeField()
    informed_at = models.DateTimeField(null=True, blank=True, help_text="Information et non-opposition recueillies")
    declared_by = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_active_member_per_role_and_person",
                fields=["stay", "professional", "role"],
                condition=Q(ended_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.professional} ({self.get_role_display()})"
