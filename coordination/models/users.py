"""People who sign in, their role, and what a professional lets a secretary do in her name."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from coordination.models.base import UuidModel
from coordination.models.directory import Organisation, Professional


class Role(models.TextChoices):
    SECRETARY = "SECRETARY", "Secrétaire de maternité"
    HOSPITAL_MIDWIFE = "HOSPITAL_MIDWIFE", "Sage-femme de maternité"
    HOSPITAL_DOCTOR = "HOSPITAL_DOCTOR", "Médecin de maternité"
    MIDWIFE = "MIDWIFE", "Sage-femme libérale"
    COORDINATOR = "COORDINATOR", "Coordinatrice CPTS"
    PMI = "PMI", "PMI"
    GP = "GP", "Médecin traitant"
    GYNAECOLOGIST = "GYNAECOLOGIST", "Gynécologue"
    PHYSIOTHERAPIST = "PHYSIOTHERAPIST", "Kinésithérapeute"
    SPECIALIST = "SPECIALIST", "Spécialiste"
    HAD = "HAD", "Hospitalisation à domicile"
    CPAM = "CPAM", "Référent CPAM"
    ARS = "ARS", "Référent ARS"
    ADMINISTRATOR = "ADMINISTRATOR", "Administrateur"


HOSPITAL_ROLES = frozenset({Role.SECRETARY, Role.HOSPITAL_MIDWIFE, Role.HOSPITAL_DOCTOR})
TOWN_CARE_ROLES = frozenset(
    {Role.MIDWIFE, Role.PMI, Role.GP, Role.GYNAECOLOGIST, Role.PHYSIOTHERAPIST, Role.SPECIALIST, Role.HAD}
)
REFERENT_ROLES = frozenset({Role.CPAM, Role.ARS})


class User(AbstractUser):
    """An account. One role in one organisation; `professional` when she is in the RPPS."""

    role = models.CharField(max_length=20, choices=Role.choices)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="users"
    )
    professional = models.OneToOneField(
        Professional, null=True, blank=True, on_delete=models.PROTECT, related_name="user"
    )
    is_ward_head = models.BooleanField(default=False)
    password_is_temporary = models.BooleanField(
        default=False, help_text="Mot de passe remis par l'administrateur, à remplacer avant toute autre page"
    )

    REQUIRED_FIELDS: ClassVar = ["email", "role"]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def is_hospital(self) -> bool:
        return self.role in HOSPITAL_ROLES

    @property
    def is_town_carer(self) -> bool:
        return self.role in TOWN_CARE_ROLES


class Delegation(UuidModel):
    """A professional lets the secretaries of a site send papers of given types, until a date.

    `type_codes`: typeCodes of JDV_J07; an empty list covers every type.
    """

    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="delegations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="delegations")
    type_codes = models.JSONField(default=list, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(name="delegation_ends_after_start", condition=Q(ends_on__gte=F("starts_on")))
        ]

    def __str__(self) -> str:
        return f"{self.professional} → {self.organisation}"
