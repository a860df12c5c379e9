"""Replacing a paper, from the new file to its sending: chosen, read, looked at, confirmed, and signed.

The new file, or what was written on a screen (`corrections`), is a Deposit that names the version it replaces.
Nothing changes for anybody until it is confirmed by whoever may validate the paper; a secretary without a
delegation asks for the signature, and the old version stays in force meanwhile.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from coordination import access, audit
from coordination.lifecycles import DepositStatus
from coordination.models import Delegation, Deposit, Document, DocumentVersion, Draft, ReplacementReason, User
from coordination.selectors.writable import WRITERS
from coordination.services import deposits, documents, letter_checks, transitions
from coordination.services.deposits import DepositRefusedError

NOT_READY = {
    DepositStatus.RECEIVED: "Ce fichier n'a pas encore été lu. Réessayez dans un instant.",
    DepositStatus.TO_CHECK: "Ce fichier ne peut pas remplacer ce papier. Choisissez-en un autre.",
    DepositStatus.FILED: "Cette nouvelle version est déjà envoyée. Rien n'est envoyé deux fois.",
    DepositStatus.REFUSED: "Ce fichier ne peut pas être envoyé. Choisissez-en un autre.",
    DepositStatus.DISCARDED: "Cette nouvelle version a été écartée. Déposez-la de nouveau s'il le faut.",
}
TO_CONFIRM = "Cochez la case pour confirmer ce qui est demandé, après avoir regardé le fichier. Rien n'a été envoyé."


@transaction.atomic
def propose(
    document: Document, *, name: str, data: bytes, by: User, reason: ReplacementReason | str, comment: str = ""
) -> Deposit:
    """Keep the file that is to replace this paper; it is read by a worker, then looked at by a person.

    Raises AccessDeniedError, DocumentRefusedError, DepositRefusedError.
    """
    if not by.is_hospital or by.organisation_id != document.organisation_id:
        raise access.AccessDeniedError("Seul le service qui a envoyé ce papier le remplace.")
    documents.require_replaceable(document)
    if document.volet:
        raise DepositRefusedError(documents.WRITTEN_HERE)
    chosen = documents.chosen(reason, comment)
    refuse_second(document)
    return deposits.keep(
        name,
        data,
        by=by,
        stay=document.stay,
        person=document.person,
        type_code=document.type_code,
        replaces=document.current_version,
        reason=chosen.value,
        comment=comment.strip()[:200],
    )


def refuse_second(document: Document) -> None:
    """One replacement at a time waits for a signature: the row of the paper is locked while it is looked for.

    Raises DepositRefusedError.
    """
    Document.objects.select_for_update(no_key=True).get(pk=document.pk)
    if asked(document) is not None:
        raise DepositRefusedError(
            f"Une nouvelle version de ce papier attend déjà la validation de {document.legal_authenticator}. "
            "Écartez-la avant d'en proposer une autre."
        )


def asked(document: Document) -> Deposit | None:
    """The replacement of this paper that waits for a signature."""
    waiting = Deposit.objects.filter(replaces__document=document, status=DepositStatus.READY, asked_at__isnull=False)
    return waiting.first()


@transaction.atomic
def confirm(deposit: Deposit, *, by: User, checked: bool = False, seen: bool = False) -> DocumentVersion | None:
    """The person has looked: replace at once when she, or a delegation, may; else ask for the signature (None).

    What was written on a screen leaves under no delegation, as its first version; a letter that lacks something then
    waits for its signatory where a maternity asks to see it. `checked`: she confirms what the file leaves unsure;
    `seen`: she saw what the letter lacks. Raises DepositRefusedError, DocumentRefusedError.
    """
    document = _require_ready(deposit, by)
    if deposit.refusal and not checked:
        raise DepositRefusedError(TO_CONFIRM)
    if access.may_validate(by, document.legal_authenticator) and not _waits_to_be_seen(deposit, document, seen=seen):
        return _replace(deposit, document, by=by, under=None, seen=seen)
    delegation = None if deposit.body_id else _delegation(document)
    if delegation is not None:
        return _replace(deposit, document, by=by, under=delegation, seen=seen)
    _ask_for_signature(deposit, document, by=by)
    return None


def _waits_to_be_seen(deposit: Deposit, document: Document, *, seen: bool) -> bool:
    """A correction ends on a screen that shows nothing of what the letter lacks: « À valider » does, with its box."""
    if deposit.body_id is None or seen:
        return False
    return bool(letter_checks.refusal(letter_checks.of_replacement(deposit), document.organisation))


def _delegation(document: Document) -> Delegation | None:
    return access.active_delegation(
        document.legal_authenticator,
        organisation_id=document.organisation_id,
        type_code=document.type_code,
        on=timezone.localdate(),
    )


def _require_ready(deposit: Deposit, by: User) -> Document:
    if deposit.replaces is None or not by.is_hospital or by.organisation_id != deposit.organisation_id:
        raise access.AccessDeniedError("Ce fichier n'est pas une nouvelle version d'un papier de votre service.")
    if deposit.status != DepositStatus.READY:
        raise DepositRefusedError(deposit.refusal or NOT_READY[DepositStatus[deposit.status]])
    return deposit.replaces.document


def _ask_for_signature(deposit: Deposit, document: Document, *, by: User) -> None:
    documents.require_replaceable(document)
    refuse_second(document)
    deposit.asked_by, deposit.asked_at = by, timezone.now()
    deposit.save(update_fields=["asked_by", "asked_at"])
    audit.record("replacement.asked", by=by, subject=document)


@transaction.atomic
def sign(deposit: Deposit, *, by: User, seen: bool = False) -> DocumentVersion:
    """The professional whose name the paper bears validates the new version that waits for her.

    `seen`: she saw what the letter lacks. Raises AccessDeniedError, DepositRefusedError, DocumentRefusedError.
    """
    document = _require_ready(deposit, by)
    if deposit.asked_at is None:
        raise DepositRefusedError("Cette nouvelle version n'est pas encore confirmée par qui l'a déposée.")
    return _replace(deposit, document, by=by, under=None, seen=seen)


@transaction.atomic
def discard(deposit: Deposit, *, by: User) -> None:
    """Put a new version aside. One written on a screen goes back to whoever writes it, as it was typed.

    Raises AccessDeniedError, ForbiddenTransitionError.
    """
    if deposit.body_id is not None and by.role not in WRITERS:
        raise access.AccessDeniedError("Seuls les médecins et sages-femmes de la maternité rouvrent cette correction.")
    deposits.discard(deposit, by=by)
    Draft.objects.filter(deposit=deposit).update(deposit=None, finished_at=None)


def _replace(
    deposit: Deposit, document: Document, *, by: User, under: Delegation | None, seen: bool
) -> DocumentVersion:
    assert deposit.readable is not None
    check = letter_checks.of_replacement(deposit, seen_by=by if seen else None)
    version = documents.replace(
        document,
        by=by,
        original=deposit.blob,
        readable=deposit.readable,
        body=deposit.body,
        reason=ReplacementReason(deposit.reason),
        comment=deposit.comment,
        under=under,
        instead_of=deposit.replaces,
        sent_again=True,  # equal to a paper taken back or to an older version: asked when the file was read
        letter_check=check,
    )
    if document.words_id != deposit.words_id:
        document.words = deposit.words
        document.save(update_fields=["words"])
    if seen and check:
        letter_checks.told_seen(document, by=by)
    transitions.move(deposit, DepositStatus.FILED, by=by, document=document)
    return version
