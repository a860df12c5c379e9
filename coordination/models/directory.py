"""Organisations, professionals and the addresses that reach them."""

from django.db import models
from django.db.models import Q

from coordination.models.base import UuidModel
from perinat.standards import codes
from perinat.standards.identifiers import Finess, Rpps


class OrganisationKind(models.TextChoices):
    MATERNITY = "MATERNITY", "Maternité"
    LEGAL_ENTITY = "LEGAL_ENTITY", "Entité juridique"
    PRACTICE = "PRACTICE", "Cabinet"
    CPTS = "CPTS", "CPTS"
    PMI = "PMI", "PMI"
    HAD = "HAD", "Hospitalisation à domicile"
    CPAM = "CPAM", "CPAM"
    ARS = "ARS", "ARS"


class LetterGate(models.TextChoices):
    """What a discharge letter that lacks a criterion does, in this maternity. It never stays blocked."""

    WARN = "WARN", "Avertir : la lettre part"
    ACKNOWLEDGE = "ACKNOWLEDGE", "Avertir, et attendre que quelqu’un confirme l’avoir vu"


class Organisation(UuidModel):
    """A site (FINESS EG) or a legal entity (FINESS EJ); `parent` is the legal entity of a site."""

    kind = models.CharField(max_length=20, choices=OrganisationKind.choices)
    name = models.CharField(max_length=120)
    finess = models.CharField(max_length=9, unique=True, null=True, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="sites")
    facility_code = models.CharField(max_length=4, default="SA07")
    practice_code = models.CharField(max_length=20, default="AMBULATOIRE")
    mailbox = models.EmailField(blank=True)
    ipp_oid = models.CharField(max_length=64, blank=True, help_text="OID qui émet les IPP du site")
    phone = models.CharField(max_length=20, blank=True)
    address_line = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=5, blank=True)
    city = models.CharField(max_length=80, blank=True)
    communes = models.JSONField(default=list, blank=True, help_text="Codes COG du territoire (CPTS)")
    deposits_in_dmp = models.BooleanField(default=False)
    letter_gate = models.CharField(max_length=12, choices=LetterGate.choices, default=LetterGate.WARN)
    falls_back = models.BooleanField(
        default=True, help_text="Un envoi qui n'arrive pas prend seul la voie suivante (ADR 0022)"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def struct_idnat(self) -> str:
        return Finess(self.finess).struct_idnat if self.finess else ""

    @property
    def legal_struct_idnat(self) -> str:
        """Struct_IdNat of the entity that holds the certificates (EJ/EG doctrine)."""
        return (self.parent or self).struct_idnat

    @property
    def facility(self) -> codes.Code:
        return codes.FACILITIES[self.facility_code]

    @property
    def practice(self) -> codes.Code:
        return codes.PRACTICES[self.practice_code]


class Professional(UuidModel):
    """A health professional of the RPPS. `specialty_code` is JDV_J01 (G15_50: sage-femme)."""

    rpps = models.CharField(max_length=11, unique=True)
    family_name = models.CharField(max_length=80)
    given_name = models.CharField(max_length=80)
    civility = models.CharField(max_length=10, blank=True)
    specialty_code = models.CharField(max_length=20, default="G15_50")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="professionals")
    phone = models.CharField(max_length=20, blank=True)
    weekly_capacity = models.PositiveSmallIntegerField(null=True, blank=True)
    capacity_declared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["family_name", "given_name"]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def ps_idnat(self) -> str:
        return Rpps(self.rpps).ps_idnat

    @property
    def specialty(self) -> codes.Code:
        return codes.SPECIALTIES[self.specialty_code]

    @property
    def profession_code(self) -> str:
        """TRE_G15 code: 10 for a doctor, 50 for a midwife."""
        return self.specialty_code.removeprefix("G15_").split("/")[0]


class MailboxKind(models.TextChoices):
    PER = "PER", "Personnelle"
    ORG = "ORG", "Organisationnelle"
    APP = "APP", "Applicative"
    CAB = "CAB", "Cabinet"


class Mailbox(UuidModel):
    """An MSSanté address. `dead_since`: a permanent bounce, or the directory gives it to somebody else: never offered.

    `dead_reason`: that answer, in the words shown to who chooses a recipient.
    `left_directory_at`: the directory no longer publishes it (closed, or put on the red list): offered last.
    `opened_since`: declared as a box that its holder opens here with Pro Santé Connect (ADR 0021), else empty.
    """

    address = models.EmailField(unique=True)
    kind = models.CharField(max_length=3, choices=MailboxKind.choices, default=MailboxKind.PER)
    professional = models.ForeignKey(
        Professional, null=True, blank=True, on_delete=models.PROTECT, related_name="mailboxes"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="mailboxes"
    )
    last_success_at = models.DateTimeField(null=True, blank=True)
    dead_since = models.DateTimeField(null=True, blank=True)
    dead_reason = models.CharField(max_length=200, blank=True)
    left_directory_at = models.DateTimeField(null=True, blank=True)
    opened_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["address"]
        constraints = [
            models.CheckConstraint(
                name="opened_mailbox_is_not_applicative", condition=Q(opened_since__isnull=True) | ~Q(kind="APP")
            ),
            models.CheckConstraint(
                name="mailbox_has_one_owner",
                condition=Q(professional__isnull=False, organisation__isnull=True)
                | Q(professional__isnull=True, organisation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.address
