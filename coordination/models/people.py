"""People who are cared for. A mother and a newborn are two people with two records."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from coordination.models.base import UuidModel
from coordination.models.directory import Organisation
from coordination.models.visibility import VisibleQuerySet
from perinat.standards.identifiers import Ins


class InsStatus(models.TextChoices):
    """RNIV v2.0: four exclusive statuses; only QUAL lets data travel with the matricule."""

    PROV = "PROV", "Provisoire"
    RECUP = "RECUP", "Récupérée"
    VALI = "VALI", "Validée"
    QUAL = "QUAL", "Qualifiée"


class Person(UuidModel):
    """An identity by its strict traits (EXI ID): upper case, no accent, given names by spaces."""

    birth_family_name = models.CharField(max_length=100)
    birth_given_names = models.CharField(max_length=100)
    used_family_name = models.CharField(max_length=100, blank=True)
    used_given_name = models.CharField(max_length=100, blank=True)
    sex = models.CharField(max_length=1, choices=[("F", "Féminin"), ("M", "Masculin"), ("U", "Inconnu")])
    birth_date = models.DateField()
    birth_place_cog = models.CharField(max_length=5, blank=True)
    ins_status = models.CharField(max_length=5, choices=InsStatus.choices, default=InsStatus.PROV)
    ins_matricule = models.CharField(max_length=15, blank=True)
    ins_oid = models.CharField(max_length=64, blank=True)
    ins_qualified_at = models.DateTimeField(null=True, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    address_line = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=5, blank=True)
    city = models.CharField(max_length=80, blank=True)
    commune_cog = models.CharField(max_length=5, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="person_qualified_has_ins",
                condition=~Q(ins_status="QUAL") | (Q(ins_oid__gt="") & Q(ins_matricule__gt="")),
            ),
            models.UniqueConstraint(
                name="person_ins_unique", fields=["ins_matricule", "ins_oid"], condition=Q(ins_matricule__gt="")
            ),
        ]
        indexes = [models.Index(fields=["birth_date", "birth_family_name"])]

    def __str__(self) -> str:
        return self.display_name

    @property
    def ins(self) -> Ins | None:
        """The INS that may travel: only that of a qualified identity (EXI ID 29)."""
        if self.ins_status != InsStatus.QUAL:
            return None
        return Ins(self.ins_matricule, self.ins_oid)

    @property
    def first_given_name(self) -> str:
        return self.birth_given_names.split(" ")[0]

    @property
    def display_name(self) -> str:
        """Birth name, then the used name: « BERNARD Louise (ép. MARTIN) » is for people to read."""
        used = self.used_family_name
        given = self.used_given_name or self.first_given_name
        shown = f"{self.birth_family_name} {given.capitalize()}"
        return f"{shown} (nom utilisé {used})" if used and used != self.birth_family_name else shown


class LocalIdentifier(UuidModel):
    """IPP: the number of a person in one site."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="local_identifiers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="ipp_unique_in_site", fields=["organisation", "value"]),
            models.UniqueConstraint(name="ipp_one_per_person_and_site", fields=["organisation", "person"]),
        ]

    def __str__(self) -> str:
        return self.value
