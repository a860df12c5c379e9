"""« Corriger »: a structured document already sent is written again on a screen, from what it says today.

The draft names the version in force when it was opened. Finished, it is a new version like any other
(`replacements`): sent at once when its signatory wrote it, else it waits for her in « À valider ».
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from coordination import access, audit, blobs
from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import Blob, Deposit, Document, Draft, User
from coordination.selectors.writable import WRITERS
from coordination.services import documents, replacements, same_content, transitions
from coordination.services.documents import DocumentRefusedError

NOT_WRITTEN = "Ce document n'a pas été écrit à l'écran : remplacez-le par un nouveau fichier."
UNREADABLE = (
    "Ce que dit la version en cours ne se relit pas : son fichier est introuvable ou abîmé. Rien n'a été fait. "
    "Prévenez l'administrateur."
)
CHANGED = (
    "Une autre version de ce document est en vigueur depuis le début de cette correction. Rien n'est envoyé et rien "
    "n'est perdu : relisez la version en cours, puis reprenez cette correction à partir d'elle."
)
TAKEN_BACK = (
    "Ce document a été retiré depuis le début de cette correction : il ne se remplace plus. Votre saisie est gardée. "
    "Écrivez un nouveau document s'il le faut."
)


@transaction.atomic
def open_correction(document: Document, *, by: User) -> Draft:
    """The correction of this document in progress, else a new one, filled with what its version in force says.

    Raises AccessDeniedError, DocumentRefusedError, DepositRefusedError (one waits for a signature).
    """
    if by.role not in WRITERS or by.organisation_id != document.organisation_id:
        raise access.AccessDeniedError("Seuls les médecins et sages-femmes de la maternité corrigent ce document.")
    locked = Document.objects.select_for_update(no_key=True).get(pk=document.pk)  # two at once open the same one
    known = locked.drafts.filter(replaces__isnull=False, finished_at__isnull=True, abandoned_at__isnull=True).first()
    if known is not None:
        return known
    documents.require_replaceable(locked)
    version = locked.current_version
    if version.body is None:
        raise DocumentRefusedError(NOT_WRITTEN)
    replacements.refuse_second(locked)
    draft = Draft.objects.create(
        stay_id=locked.stay_id,
        person_id=locked.person_id,
        volet=locked.volet,
        body=blobs.store_json(_case(version.body)),
        document=locked,
        replaces=version,
        started_by=by,
        saved_by=by,
        saved_at=timezone.now(),
    )
    audit.record("correction.opened", by=by, subject=draft, document=str(locked.pk))
    return draft


def _case(body: Blob) -> Any:
    try:
        return blobs.read_json(body)
    except blobs.BlobError as error:
        raise DocumentRefusedError(UNREADABLE) from error


def refusal(draft: Draft) -> str:
    """French sentence when what this correction replaces is no longer in force; empty: it may go on."""
    assert draft.document is not None and draft.replaces is not None
    if draft.document.status != DocumentStatus.VALIDATED:
        return TAKEN_BACK
    return "" if draft.replaces.validated_at == draft.document.current_version.validated_at else CHANGED


@transaction.atomic
def catch_up(draft: Draft, *, by: User) -> None:
    """She has read the version now in force: what she typed is to replace that one. Raises DocumentRefusedError."""
    locked = Draft.objects.select_for_update(no_key=True, of=("self",)).select_related("document").get(pk=draft.pk)
    if by.role not in WRITERS or by.organisation_id != locked.stay.maternity_id:
        raise access.AccessDeniedError("Seuls les médecins et sages-femmes de la maternité corrigent ce document.")
    if not locked.is_open or locked.document is None or locked.document.status != DocumentStatus.VALIDATED:
        raise DocumentRefusedError(TAKEN_BACK)
    locked.replaces = locked.document.current_version
    locked.save(update_fields=["replaces"])
    audit.record("correction.resumed", by=by, subject=locked, version=locked.replaces.number)


def require(draft: Draft, case: Mapping[str, Any]) -> None:
    """What a whole correction wants before it is finished: its reason, a change, and the same version in force.

    Raises DocumentRefusedError, BlobError.
    """
    assert draft.replaces is not None
    stopped = refusal(draft)
    if stopped:
        raise DocumentRefusedError(stopped)
    documents.chosen(draft.reason, draft.comment)
    same = same_content.unchanged(draft.replaces, case)
    if same:
        raise DocumentRefusedError(same)


def hand_in(draft: Draft, *, body: Blob, readable: Blob, by: User) -> Deposit:
    """The new version of a whole correction: sent when `by` signs the document herself, else it waits.

    In the transaction that finishes the draft (row locked). Raises DocumentRefusedError, DepositRefusedError.
    """
    document = draft.document
    assert document is not None
    deposit = Deposit(
        organisation_id=document.organisation_id,
        deposited_by=by,
        file_name=f"{document.title}, corrigé à l'écran",
        blob=readable,
        readable=readable,
        body=body,
        person_id=document.person_id,
        stay_id=document.stay_id,
        type_code=document.type_code,
        replaces=draft.replaces,
        reason=draft.reason,
        comment=draft.comment,
    )
    deposit.save(force_insert=True)
    transitions.created(deposit, by=by)
    transitions.move(deposit, DepositStatus.READY, by=by)
    replacements.confirm(deposit, by=by)
    return deposit
