"""Who may read a document: chosen before it leaves, changed afterwards by a new version (ADR 0023).

A hospital deposits in mode INDIRECTE, which may neither mask (TD3.3a) nor make visible (TD3.3b): a change is a
replacement (RPLC) with the same content and other confidentiality codes, as the ANS prescribes. What the patient could
already read is never hidden from her afterwards.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from django.db import transaction

from coordination import access, audit
from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import ChannelName, Deposit, Document, DocumentVersion, Draft, Shipment, User
from coordination.models import ReplacementReason as Reason
from coordination.ports import Action
from coordination.selectors import confidentiality as shown
from coordination.services import announcements, documents, replacements
from coordination.services.documents import DocumentRefusedError
from coordination.services.recalls import may_have_left
from perinat.standards import confidentiality
from perinat.standards.confidentiality import FROM_PATIENT, FROM_REPRESENTATIVES, SECRET

TOO_LATE = (
    "Ce papier a déjà été déposé au DMP, visible : il ne peut plus être caché à qui a pu le lire. "
    "Retirez-le s'il ne doit plus être lu du tout."
)
SAME = "Rien ne change : ce papier est déjà ainsi. Cochez ou décochez ce qui doit changer."
WAITING = (
    "Une nouvelle version de ce papier attend une validation. Terminez-la ou écartez-la avant de changer qui le lit."
)
GONE = "Ce papier n'attend plus d'être envoyé : ouvrez le séjour pour voir où il en est."


class Why(enum.StrEnum):
    """Why it changes: a reviewed list, kept in the ward; recipients read only that the readers changed."""

    label: str

    ASKED = "ASKED", "La patiente, ou un représentant légal, l'a demandé"
    TOLD = "TOLD", "L'annonce a été faite"
    PROTECTION = "PROTECTION", "Protection de la personne"
    MISTAKE = "MISTAKE", "Le choix fait au dépôt était une erreur"

    def __new__(cls, value: str, label: str) -> Why:
        member = str.__new__(cls, value)
        member._value_, member.label = value, label
        return member


@transaction.atomic
def choose_for(deposit: Deposit, masks: Sequence[str], *, by: User) -> None:
    """On a paper that has not left the tray. Raises DocumentRefusedError."""
    locked = Deposit.objects.select_for_update(no_key=True).get(pk=deposit.pk)
    if locked.status not in (DepositStatus.READY, DepositStatus.TO_CHECK) or deposit.person is None:
        raise DocumentRefusedError(GONE)
    documents.check_masks(masks, deposit.person)
    deposit.masks = confidentiality.normal(masks)
    if deposit.masks != locked.masks:
        deposit.save(update_fields=["masks"])
        audit.record("deposit.confidentiality", by=by, subject=deposit, choices=",".join(deposit.masks))


@transaction.atomic
def choose_in(draft: Draft, masks: Sequence[str], *, by: User) -> None:
    """On a document being written for the first time. Raises DocumentRefusedError."""
    documents.check_masks(masks, draft.person)
    locked = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    if not locked.is_open or locked.replaces_id is not None:
        raise DocumentRefusedError(GONE)
    draft.masks = confidentiality.normal(masks)
    draft.save(update_fields=["masks"])
    audit.record("draft.confidentiality", by=by, subject=draft, choices=",".join(draft.masks))


@transaction.atomic
def choose(document: Document, masks: Sequence[str], *, by: User) -> None:
    """On a paper that waits for its validation. Raises DocumentRefusedError."""
    documents.check_masks(masks, document.person)
    locked = Document.objects.select_for_update(no_key=True).get(pk=document.pk)
    if locked.status != DocumentStatus.TO_VALIDATE:
        raise DocumentRefusedError(GONE)
    document.masks = confidentiality.normal(masks)
    if document.masks == locked.masks:
        return
    document.save(update_fields=["masks"])
    document.versions.filter(validated_at__isnull=True).update(masks=document.masks)
    audit.record("document.confidentiality", by=by, subject=document, choices=",".join(document.masks))


@transaction.atomic
def change(
    document: Document,
    masks: Sequence[str],
    *,
    why: Why | str,
    by: User,
    instead_of: DocumentVersion | None = None,
) -> DocumentVersion:
    """A new version with the same content, sent to whoever may read it; recalled from who may not any more.

    `instead_of`: the version that the person had before her. Raises AccessDeniedError, DocumentRefusedError, BlobError.
    """
    reason = next((one for one in Why if one == why), None)
    if reason is None:
        raise DocumentRefusedError("Choisissez pourquoi cela change. Rien n'a été envoyé.")
    documents.check_masks(masks, document.person)
    wanted, version = confidentiality.normal(masks), document.current_version
    if wanted == confidentiality.normal(version.masks):
        raise DocumentRefusedError(SAME)
    if replacements.asked(document) is not None:
        raise DocumentRefusedError(WAITING)
    if (set(wanted) - set(version.masks)) & set(already_shown(document)):
        raise DocumentRefusedError(TOO_LATE)
    assert version.readable is not None
    before = ",".join(version.masks)
    made = documents.replace(
        document,
        by=by,
        original=version.original,
        readable=version.readable,
        body=version.body,
        reason=Reason.VISIBILITY,
        comment=f"{reason.label} : {shown.summary(wanted)}",
        instead_of=instead_of or version,
        letter_check=version.letter_check,
        masks=wanted,
    )
    audit.record(
        "document.confidentiality",
        by=by,
        subject=document,
        version=made.number,
        why=reason.value,
        before=before,
        choices=",".join(wanted),
    )
    announcements.settle(document)
    return made


def already_shown(document: Document) -> list[str]:
    """The masks that come too late: what the DMP holds, or may hold, without them."""
    sent = Shipment.objects.filter(channel=ChannelName.DMP, versions__document=document).exclude(action=Action.WITHDRAW)
    held = [one.pk for one in sent.distinct() if may_have_left(one)]
    known = [set(masks) for masks in document.versions.filter(shipments__in=held).values_list("masks", flat=True)]
    return [mask for mask in (FROM_PATIENT, FROM_REPRESENTATIVES) if any(mask not in masks for masks in known)]


def may_change(document: Document, user: User) -> bool:
    """Whoever validates the paper herself; nobody's delegation covers a decision on who reads."""
    return document.status == DocumentStatus.VALIDATED and access.may_validate(user, document.legal_authenticator)


@transaction.atomic
def revealed(unique_id: str, mask: str, *, by: User) -> None:
    """The DMP has just made a version of ours visible (TD3.3b): our own record of who reads it follows, for good.

    Nothing is sent: the description changed there, the document did not. A version that is not ours is nothing to us.
    """
    found = DocumentVersion.objects.filter(unique_id=unique_id).first()
    if found is None:
        return
    document = Document.objects.select_for_update(no_key=True).get(pk=found.document_id)
    left = [one for one in found.masks if one not in (mask, SECRET if mask == FROM_REPRESENTATIVES else mask)]
    DocumentVersion.objects.filter(pk=found.pk).update(masks=left)
    if document.current_version.pk == found.pk:
        document.masks = left
        document.save(update_fields=["masks"])
    before, after = ",".join(found.masks), ",".join(left)
    audit.record("document.revealed", by=by, subject=document, version=found.number, before=before, choices=after)
    announcements.settle(document)
