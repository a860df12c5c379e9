"""Step 2: a document is drafted, validated by the professional whose name it bears, replaced, withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from coordination import access, audit, blobs, lifecycles
from coordination.cda import frozen
from coordination.cda.errors import CdaError
from coordination.lifecycles import DocumentStatus
from coordination.models import (
    Blob,
    Delegation,
    Document,
    DocumentVersion,
    Organisation,
    Person,
    Professional,
    Stay,
    User,
)
from coordination.selectors import contents
from coordination.services import recalls, routing, sealing, transitions
from perinat.standards import codes
from perinat.standards.identifiers import oid_from_uuid


class DocumentRefusedError(Exception):
    """The document cannot be written or validated; `message_fr` says what is missing and what to do."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def new_oid() -> str:
    """A fresh OID under 2.25: for a document, a set or a lot."""
    return oid_from_uuid(uuid.uuid4())


@transaction.atomic
def draft(
    *,
    person: Person,
    stay: Stay,
    organisation: Organisation,
    type_code: str,
    title: str,
    author: Professional,
    legal_authenticator: Professional,
    original: Blob,
    readable: Blob,
    by: User,
    masks: Sequence[str] = (),
) -> Document:
    """A document waiting for validation, with its first version (`readable` is PDF/A-1)."""
    check_masks(masks)
    document = Document(
        person=person,
        stay=stay,
        organisation=organisation,
        type_code=codes.DOCUMENT_TYPES[type_code].code,
        title=title,
        set_id=new_oid(),
        author=author,
        legal_authenticator=legal_authenticator,
        masks=list(masks),
        created_by=by,
    )
    document.save(force_insert=True)
    transitions.created(document, by=by)
    DocumentVersion.objects.create(
        document=document, number=1, unique_id=new_oid(), original=original, readable=readable
    )
    return document


def check_masks(masks: Sequence[str]) -> None:
    """A document cannot be hidden both from the patient and from professionals (EX_2.1-1050)."""
    if {codes.MASQUE_PS.code, codes.INVISIBLE_PATIENT.code} <= set(masks):
        raise DocumentRefusedError(
            "Un document ne peut pas être à la fois masqué aux professionnels et invisible au patient : "
            "plus personne ne pourrait le lire. Choisissez l'un des deux."
        )


@transaction.atomic
def validate(document: Document, *, by: User, under: Delegation | None = None, delay: int = 0) -> None:
    """Freeze the current version, seal its CDA and queue its shipments (`delay` seconds to undo).

    `by` is the legal authenticator herself, or a secretary acting `under` her delegation. Raises
    AccessDeniedError, DocumentRefusedError.
    """
    freeze_and_seal(document, by=by, under=under)
    routing.dispatch([document], by=by, delay=delay)


@transaction.atomic
def freeze_and_seal(document: Document, *, by: User, under: Delegation | None = None) -> None:
    """The validation without the sending: for a pack, whose papers of one patient leave together."""
    allowed = access.may_validate(by, document.legal_authenticator) if under is None else _covers(under, document, by)
    if not allowed:
        raise access.AccessDeniedError(
            f"Ce document attend la validation de {document.legal_authenticator}, ou une délégation de sa part."
        )
    if not lifecycles.DOCUMENT.allows(DocumentStatus[document.status], DocumentStatus.VALIDATED):
        raise transitions.ForbiddenTransitionError(f"document: {document.status} → VALIDATED")
    version = document.current_version
    if version.validated_at is not None:  # somebody validated it since the page was read
        raise transitions.StaleStateError(f"document {document.pk}")
    version.document = document
    version.validated_at, version.validated_by, version.validated_under = timezone.now(), by, under
    _seal_or_refuse(version)
    transitions.move(document, DocumentStatus.VALIDATED, by=by)
    audit.record("document.validated", by=by, subject=document, delegation=str(under.pk) if under else None)


def _covers(delegation: Delegation, document: Document, by: User) -> bool:
    """Whether this delegation lets this person send this paper today; one that was just revoked does not."""
    if not (by.is_active and by.is_hospital and by.organisation_id == document.organisation_id):
        return False
    today = timezone.localdate()
    current = Delegation.objects.filter(
        pk=delegation.pk,
        professional_id=document.legal_authenticator_id,
        organisation_id=document.organisation_id,
        starts_on__lte=today,
        ends_on__gte=today,
        revoked_at__isnull=True,
    ).first()
    return current is not None and (not current.type_codes or document.type_code in current.type_codes)


def _seal_or_refuse(version: DocumentVersion) -> None:
    if version.readable is None:
        raise DocumentRefusedError("La copie PDF/A de ce papier n'est pas encore prête. Réessayez dans un instant.")
    pdf = blobs.read(version.readable)
    try:
        version.frozen = frozen.freeze(contents.content(version, pdf=pdf))
        sealing.seal(version, pdf=pdf)
    except (contents.MissingDatumError, CdaError) as error:
        raise DocumentRefusedError(error.message_fr) from error


@transaction.atomic
def reissue_with_ins(document: Document) -> DocumentVersion:
    """A next version with the same content and the INS that has arrived (newborns). Replaces none."""
    previous = document.current_version
    version = DocumentVersion(
        document=document,
        number=previous.number + 1,
        unique_id=new_oid(),
        original=previous.original,
        readable=previous.readable,
        frozen=previous.frozen,
        validated_at=previous.validated_at,
        validated_by=previous.validated_by,
        validated_under=previous.validated_under,
    )
    version.save(force_insert=True)
    assert version.readable is not None
    sealing.seal(version, pdf=blobs.read(version.readable))
    audit.record("document.reissued_with_ins", by=None, subject=document, version=version.number)
    return version


@transaction.atomic
def abandon(document: Document, *, by: User, reason: str) -> None:
    """Take back a paper that nobody validated."""
    transitions.move(document, DocumentStatus.ABANDONED, by=by, reason=reason)


@transaction.atomic
def withdraw(document: Document, *, by: User, reason: str) -> None:
    """Recall a validated document: cancel what has not left, recall what has."""
    transitions.move(document, DocumentStatus.WITHDRAWN, by=by, reason=reason)
    recalls.recall(document, by=by, reason=reason)
    audit.record("document.withdrawn", by=by, subject=document)
