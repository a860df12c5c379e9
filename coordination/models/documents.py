"""Papers as they arrive (Deposit), documents and their frozen versions, and who read them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models.base import ImmutableModel, UuidModel, append_only
from coordination.models.directory import Organisation, Professional
from coordination.models.people import Person
from coordination.models.stays import Stay
from coordination.models.visibility import VisibleQuerySet
from perinat.standards import codes


class Blob(UuidModel):
    """An encrypted file in BLOB_DIR: AES-256-GCM under `key_id`, bound to this row's id.

    `sha256` is the digest of the clear bytes; `size` their number.
    """

    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveIntegerField()
    media_type = models.CharField(max_length=60)
    key_id = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"blob {self.id}"


class ReplacementReason(models.TextChoices):
    """Why a paper is replaced: a reviewed list. These words are shown to whoever received the paper."""

    WRONG_DATUM = "WRONG_DATUM", "Une information était inexacte"
    MISSING_DATUM = "MISSING_DATUM", "Une information manquait"
    LATE_RESULT = "LATE_RESULT", "Un élément est arrivé depuis l'envoi"
    UNREADABLE = "UNREADABLE", "Le fichier était illisible ou incomplet"
    WRONG_FILE = "WRONG_FILE", "Ce n'était pas le bon fichier"
    VISIBILITY = "VISIBILITY", "Les personnes qui peuvent le lire ont changé"
    OTHER = "OTHER", "Autre motif"


class Deposit(UuidModel):
    """One file dropped by a ward, until it is filed as documents or refused.

    `analysis`: what was read (coordination.papers.Analysis as JSON; no text of the paper).
    `refusal`: the French sentence shown when it is refused or needs a person.
    `replaces`: the version that this file is to replace, as it was when the person chose to; `reason` says
    why, from the list, and `comment` in the ward's own words, which never leave the ward. `asked_by`: who
    confirmed the replacement; it then waits for the signature. `body`: its case, when it was written on a
    screen (`Draft.deposit`) and not dropped. `wishes`: where the software that pushed it wants it to go, or not
    (`services.wishes`), and `words` what it wrote to who receives it, as JSON.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="deposits")
    deposited_by = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    deposited_at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=200)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=DepositStatus.choices(), default=DepositStatus.RECEIVED)
    attempt = models.PositiveIntegerField(default=0)
    reading_until = models.DateTimeField(null=True, blank=True, help_text="Bail du travailleur qui lit le fichier")
    analysis = models.JSONField(null=True, blank=True)
    refusal = models.TextField(blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stay = models.ForeignKey(Stay, null=True, blank=True, on_delete=models.PROTECT, related_name="deposits")
    type_code = models.CharField(max_length=20, blank=True)
    masks = models.JSONField(default=list, blank=True, help_text="Choix de confidentialité (standards.confidentiality)")
    wishes = models.JSONField(
        default=dict, blank=True, help_text="Destinations demandées par le logiciel qui l'a transmis"
    )
    words = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    readable = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(
        "coordination.Document", null=True, blank=True, on_delete=models.PROTECT, related_name="deposits"
    )
    replaces = models.ForeignKey(
        "coordination.DocumentVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="successors"
    )
    reason = models.CharField(max_length=20, choices=ReplacementReason.choices, blank=True)
    comment = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey("coordination.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-deposited_at"]

    def __str__(self) -> str:
        return f"dépôt {self.id}"


class Document(UuidModel):
    """One document about one person, over all its versions. `set_id` is the CDA setId (OID).

    `masks`: the confidentiality choices of the version in force, which hold for the older ones too. `wishes`, `words`:
    those of the file it was filed from (`Deposit`).
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="documents")
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="documents")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="documents")
    type_code = models.CharField(max_length=20)
    title = models.CharField(max_length=128)
    status = models.CharField(max_length=12, choices=DocumentStatus.choices(), default=DocumentStatus.TO_VALIDATE)
    attempt = models.PositiveIntegerField(default=0)
    set_id = models.CharField(max_length=64, unique=True)
    author = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="authored")
    legal_authenticator = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="authenticated")
    masks = models.JSONField(default=list, blank=True, help_text="Choix de confidentialité (standards.confidentiality)")
    wishes = models.JSONField(
        default=dict, blank=True, help_text="Destinations demandées par le logiciel qui l'a transmis"
    )
    words = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    volet = models.CharField(max_length=12, blank=True, help_text="Volet d'un document structuré (LDL-SES…)")
    created_by = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        indexes = [models.Index(fields=["stay", "type_code"])]

    def __str__(self) -> str:
        return f"document {self.id}"

    @property
    def type(self) -> codes.DocumentType:
        return codes.DOCUMENT_TYPES[self.type_code]

    @property
    def current_version(self) -> DocumentVersion:
        """The newest by its validation (one that waits for it first): an older one may be sealed again later."""
        return self.versions.latest("validated_at", "number")

    @property
    def goes_to_dmp(self) -> bool:
        """Its type and its site are deposited there, and the software that pushed it does not keep it away."""
        return self.type.in_dmp and self.organisation.deposits_in_dmp and self.wishes.get("dmp", True)

    @property
    def is_mailed(self) -> bool:
        """Not kept from the mailboxes of professionals by the software that pushed it."""
        return bool(self.wishes.get("professionals", True))

    @property
    def is_about_newborn(self) -> bool:
        return self.person_id != self.stay.mother_id


class DocumentVersion(UuidModel):
    """Frozen at validation. The CDA is built once (`cda`), at once or when the INS arrives.

    `unique_id`: CDA id@root (OID). `readable`: the PDF/A-1 twin; `original`: bytes as deposited.
    `replaces`: the version that the sealed CDA names (RPLC). Versions of one validation (`validated_at`) say
    the same thing: they are its editions, sealed with an INS or for who holds another version before it.
    `masks`: the confidentiality choices that it was validated, and leaves, with.
    `letter_check`: what papers.letter_check found (`seen`: who confirmed it). `card`: what papers.brief read in it,
    written at the first opening.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    unique_id = models.CharField(max_length=64, unique=True)
    original = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    readable = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(
        Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Cas du volet, en JSON"
    )
    letter_check = models.JSONField(
        null=True, blank=True, help_text="Critères de la lettre de liaison : des codes, aucun mot de la lettre"
    )
    card = models.ForeignKey(
        Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Valeurs lues, en JSON"
    )
    cda = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cda_sha1 = models.CharField(max_length=40, blank=True)
    cda_with_ins = models.BooleanField(default=False)
    frozen = models.JSONField(null=True, blank=True, help_text="Contenu figé à la validation")
    masks = models.JSONField(default=list, blank=True, help_text="Choix de confidentialité (standards.confidentiality)")
    sealed_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True, help_text="Conforme aux règles nationales")
    validated_at = models.DateTimeField(null=True, blank=True)
    validated_by = models.ForeignKey(
        "coordination.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    validated_under = models.ForeignKey(
        "coordination.Delegation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    reason = models.CharField(max_length=200, blank=True, help_text="Motif du remplacement, montré aux destinataires")
    comment = models.CharField(max_length=200, blank=True, help_text="Précision du service : ne quitte pas le service")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="version_number_unique", fields=["document", "number"]),
            models.CheckConstraint(
                name="sealed_version_has_bytes",
                condition=Q(sealed_at__isnull=True) | Q(cda__isnull=False, readable__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} de {self.document_id}"


class Draft(UuidModel):
    """A structured document being written on a screen: kept as it is typed, complete or not.

    `body`: the case of the volet as JSON, whatever it lacks. `revision` grows at each saving: a page that is
    behind (another tab, another person) is told so instead of erasing. `document`: the one it made; for a
    correction, from its opening, the one it corrects. A correction names the version that was in force
    (`replaces`), its `reason` and its `comment`, as a Deposit does; finished, it is a new version (`deposit`)
    that was sent or waits for its signature. `masks`: the confidentiality chosen for the document to come.
    """

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="drafts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    volet = models.CharField(max_length=12)
    body = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    masks = models.JSONField(default=list, blank=True, help_text="Choix de confidentialité (standards.confidentiality)")
    started_by = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    saved_by = models.ForeignKey("coordination.User", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    abandoned_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="drafts")
    replaces = models.ForeignKey(
        DocumentVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    reason = models.CharField(max_length=20, choices=ReplacementReason.choices, blank=True)
    comment = models.CharField(max_length=200, blank=True)
    deposit = models.OneToOneField(Deposit, null=True, blank=True, on_delete=models.PROTECT, related_name="draft")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-saved_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_draft",
                fields=["stay", "person", "volet"],
                condition=Q(replaces__isnull=True, finished_at__isnull=True, abandoned_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="one_open_correction",
                fields=["document"],
                condition=Q(replaces__isnull=False, finished_at__isnull=True, abandoned_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="one_draft_makes_a_document", fields=["document"], condition=Q(replaces__isnull=True)
            ),
            models.CheckConstraint(
                name="draft_names_its_document",
                condition=Q(replaces__isnull=True, finished_at__isnull=True) | Q(document__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"écrit en cours {self.id}"

    @property
    def is_open(self) -> bool:
        return self.finished_at is None and self.abandoned_at is None


class ReadingVia(models.TextChoices):
    PERINAT = "PERINAT", "Ouverte dans perinat"
    MDN = "MDN", "Accusé de lecture"
    CODE = "CODE", "Ouverte avec un code à usage unique"


class Reading(ImmutableModel):
    """A fact of its own: this person opened this version, for the first time, at this instant."""

    version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="readings")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="readings")
    user = models.ForeignKey("coordination.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    via = models.CharField(max_length=8, choices=ReadingVia.choices)

    class Meta:
        ordering = ["at"]
        triggers: ClassVar = append_only()
        constraints = [models.UniqueConstraint(name="one_first_reading", fields=["version", "professional", "via"])]

    def __str__(self) -> str:
        return f"lecture {self.id}"
