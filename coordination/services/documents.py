"""Step 2: a document is drafted, validated by the professional whose name it bears, replaced, withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from coordination import audit, blobs, lifecycles
from coordination.cda import frozen
from coordination.cda.errors import CdaError
from coordination.lifecycles import DocumentStatus
from coordination.models import (
    Blob,
    Delegation,
    Document,
    DocumentVersion,
    Newborn,
    Organisation,
    Person,
    Professional,
    ReplacementReason,
    Stay,
    User,
)
from coordination.selectors import contents, matching
from coordination.services import (
    authority,
    editions,
    letter_checks,
    lots,
    notices,
    patient_wishes,
    recalls,
    routing,
    same_content,
    sealing,
    succession,
    transitions,
)
from perinat.standards import codes, confidentiality
from perinat.standards.identifiers import oid_from_uuid

REPLACED_MEANWHILE = (
    "Ce papier vient de changer : une autre personne l'a remplacé ou retiré. Rien n'a été envoyé une seconde fois. "
    "Ouvrez le séjour pour voir la version en cours."
)
WRITTEN_HERE = (
    "Ce document est écrit à l'écran : un fichier ne le remplace pas. Les médecins et sages-femmes de la maternité "
    "le corrigent depuis la page du séjour."
)
NOT_REPLACEABLE = {
    DocumentStatus.DRAFT: "Ce papier n'est pas encore validé : il n'y a rien à remplacer.",
    DocumentStatus.TO_VALIDATE: "Ce papier attend encore sa validation : il n'y a rien à remplacer.",
    DocumentStatus.REPLACED: "Ce papier a déjà été remplacé par un autre.",
    DocumentStatus.WITHDRAWN: "Ce papier est retiré : il ne se remplace plus. Déposez le nouveau.",
    DocumentStatus.ABANDONED: "Ce papier a été abandonné avant son envoi : il n'y a rien à remplacer.",
}


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
    volet: str = "",
    body: Blob | None = None,
    letter_check: dict[str, Any] | None = None,
) -> Document:
    """A document waiting for validation, with its first version (`readable` is PDF/A-1).

    `volet` and `body` (its case, in JSON) for a structured document; `letter_check`: see `letter_checks`.
    """
    check_masks(masks, person)
    _check_about(type_code, person, stay)
    document = Document(
        person=person,
        stay=stay,
        organisation=organisation,
        type_code=codes.DOCUMENT_TYPES[type_code].code,
        title=title,
        set_id=new_oid(),
        author=author,
        legal_authenticator=legal_authenticator,
        masks=confidentiality.normal(masks),
        volet=volet,
        created_by=by,
    )
    document.save(force_insert=True)
    transitions.created(document, by=by)
    DocumentVersion.objects.create(
        document=document,
        number=1,
        unique_id=new_oid(),
        original=original,
        readable=readable,
        body=body,
        letter_check=letter_check,
        masks=document.masks,
    )
    return document


def _check_about(type_code: str, person: Person, stay: Stay) -> None:
    """A mother's paper never stands in her child's record, nor the other way round."""
    refusal = matching.not_about(type_code, newborn=person.pk != stay.mother_id)
    if refusal:
        raise DocumentRefusedError(refusal)


def check_masks(masks: Sequence[str], person: Person) -> None:
    """Raises DocumentRefusedError: forbidden together (EX_2.1-1050), or not for this person, of this age today."""
    sentence = confidentiality.refusal(masks, minor=_asks_for_herself(person))
    if sentence:
        raise DocumentRefusedError(sentence)


def masks_for(masks: Sequence[str], person: Person) -> list[str]:
    """What a hospital's software asks, a secret connection left out for who is not a minor: it has no object.

    The official MDM example asks it for an adult. What it hides from the legal representatives stays hidden.
    """
    kept = confidentiality.normal(masks)
    return kept if _asks_for_herself(person) else [one for one in kept if one != confidentiality.SECRET]


def _asks_for_herself(person: Person) -> bool:
    minor = confidentiality.is_minor(person.birth_date, on=timezone.localdate())
    return minor and not Newborn.objects.filter(person=person).exists()


@transaction.atomic
def validate(
    document: Document, *, by: User, under: Delegation | None = None, delay: int = 0, seen: bool = False
) -> None:
    """Freeze the current version, seal its CDA and queue its shipments (`delay` seconds to undo).

    `by` is the legal authenticator herself, or a secretary acting `under` her delegation. `seen`: she confirms that
    she saw what the letter lacks; kept only if it is validated. Raises AccessDeniedError, DocumentRefusedError.
    """
    if seen:
        authority.require(document, by=by, under=under)
        letter_checks.acknowledge(document, by=by)
    freeze_and_seal(document, by=by, under=under)
    routing.dispatch([document], by=by, delay=delay)
    patient_wishes.follow([document], by=by, delay=delay)


@transaction.atomic
def freeze_and_seal(document: Document, *, by: User, under: Delegation | None = None) -> None:
    """The validation without the sending: for a pack, whose papers of one patient leave together."""
    authority.require(document, by=by, under=under)
    if document.status == DocumentStatus.VALIDATED or not lifecycles.DOCUMENT.allows(
        DocumentStatus[document.status], DocumentStatus.VALIDATED
    ):
        raise transitions.ForbiddenTransitionError(f"document: {document.status} → VALIDATED")
    version = document.current_version
    if version.validated_at is not None:  # somebody validated it since the page was read
        raise transitions.StaleStateError(f"document {document.pk}")
    version.document = document
    waits = letter_checks.unseen(version)
    if waits:
        raise DocumentRefusedError(waits)
    version.validated_at, version.validated_by, version.validated_under = timezone.now(), by, under
    _seal_or_refuse(version)
    transitions.move(document, DocumentStatus.VALIDATED, by=by)
    audit.record("document.validated", by=by, subject=document, delegation=str(under.pk) if under else None)


def _seal_or_refuse(version: DocumentVersion) -> None:
    if version.readable is None:
        raise DocumentRefusedError("La copie PDF/A de ce papier n'est pas encore prête. Réessayez dans un instant.")
    pdf = blobs.read(version.readable)
    try:
        version.frozen = frozen.freeze(contents.content(version, pdf=pdf))
        sealing.seal(version, pdf=pdf)
        for channel in routing.channels_of(version.document):
            lots.require_room(channel, version.document, version)
    except (contents.MissingDatumError, CdaError, lots.TooLargeError) as error:
        raise DocumentRefusedError(error.message_fr) from error


@transaction.atomic
def replace(
    document: Document,
    *,
    by: User,
    original: Blob,
    readable: Blob,
    reason: ReplacementReason,
    body: Blob | None = None,
    comment: str = "",
    under: Delegation | None = None,
    instead_of: DocumentVersion | None = None,
    sent_again: bool = False,
    letter_check: dict[str, Any] | None = None,
    masks: Sequence[str] | None = None,
) -> DocumentVersion:
    """A new version of a validated document, sealed and queued to whoever holds the old one and is to have it.

    `body`: its case, for a structured document and for no other. `reason` goes with it, `comment` stays in the
    ward. `instead_of`: the version that the person had before her. `sent_again`: she confirms a file equal to one
    taken back, or to an older version of this paper. `letter_check`: see `letter_checks`. `masks`: other
    confidentiality choices (`confidentiality`), with the same content; without them those in force are kept. Raises
    AccessDeniedError, DocumentRefusedError, BlobError.
    """
    if bool(document.volet) != (body is not None):
        raise DocumentRefusedError(WRITTEN_HERE)
    authority.require(document, by=by, under=under)
    reason = chosen(reason, comment)
    require_replaceable(document)
    sent = succession.lock(document)
    try:
        transitions.move(document, DocumentStatus.VALIDATED, by=by, reason=reason.label)
    except transitions.StaleStateError as error:
        raise DocumentRefusedError(REPLACED_MEANWHILE) from error
    previous = document.current_version
    if instead_of is not None and instead_of.validated_at != previous.validated_at:
        raise DocumentRefusedError(REPLACED_MEANWHILE)
    same = "" if masks is not None else same_content.said(previous, original, body, confirmed=sent_again)
    if same:
        raise DocumentRefusedError(same)
    version = DocumentVersion(
        document=document,
        number=editions.next_number(document),
        unique_id=new_oid(),
        original=original,
        readable=readable,
        body=body,
        replaces=succession.last_held(document, sent),
        reason=reason.label,
        comment=comment.strip()[:200],
        validated_at=timezone.now(),
        validated_by=by,
        validated_under=under,
        letter_check=letter_check,
        masks=previous.masks if masks is None else list(masks),
    )
    waits = letter_checks.unseen(version) if masks is None else ""
    if waits:
        raise DocumentRefusedError(waits)
    version.save(force_insert=True)
    if document.masks != version.masks:
        document.masks = version.masks
        document.save(update_fields=["masks"])
    _seal_or_refuse(version)
    succession.queue(document, version, sent, by=by)
    audit.record("document.replaced", by=by, subject=document, version=version.number, reason=reason.value)
    if not routing.is_closed_to_carers(document):
        notices.tell_of_replacement(document, version)
    return version


def require_replaceable(document: Document) -> None:
    """Only a paper in force is replaced. Raises DocumentRefusedError."""
    sentence = NOT_REPLACEABLE.get(DocumentStatus[document.status])
    if sentence:
        raise DocumentRefusedError(sentence)


def chosen(reason: ReplacementReason | str, comment: str) -> ReplacementReason:
    """A reason of the list; « autre » wants its words. Raises DocumentRefusedError."""
    if reason not in ReplacementReason.values:
        raise DocumentRefusedError("Choisissez le motif du remplacement. Rien n'a été envoyé.")
    if reason == ReplacementReason.OTHER and not comment.strip():
        raise DocumentRefusedError("Pour « autre motif », précisez-le. Cette précision reste dans le service.")
    return ReplacementReason(reason)


@transaction.atomic
def abandon(document: Document, *, by: User, reason: str) -> None:
    """Take back a paper that nobody validated."""
    transitions.move(document, DocumentStatus.ABANDONED, by=by, reason=reason)


@transaction.atomic
def withdraw(document: Document, *, by: User, reason: str) -> None:
    """Recall a validated document, all its versions: cancel what has not left, recall what has.

    Raises DocumentRefusedError: no reason.
    """
    if not reason.strip():
        raise DocumentRefusedError("Indiquez pourquoi ce papier est retiré. Rien n'a été fait.")
    succession.lock(document)
    transitions.move(document, DocumentStatus.WITHDRAWN, by=by, reason=reason)
    recalls.recall(document, by=by, reason=reason)
    audit.record("document.withdrawn", by=by, subject=document)
