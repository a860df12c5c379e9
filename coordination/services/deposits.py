"""Papers dropped by a ward: received at once, read by a worker, filed and sent in one activation.

Receiving never refuses a file silently: whatever it is, it is kept encrypted with the sentence that
says what is wrong with it. Reading happens in a task; the page never waits for it.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from coordination import access, audit, blobs, doorbell
from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import Deposit, Document, Organisation, Person, Professional, Stay, User
from coordination.papers.analysis import Analysis
from coordination.papers.apart import analyse_apart, to_pdf_a_apart
from coordination.papers.convert import ConversionError
from coordination.papers.opening import Limits, open_paper
from coordination.papers.splitting import cut
from coordination.selectors import confidentiality, matching
from coordination.services import documents, letter_checks, patient_wishes, recalls, routing, same_content, transitions
from perinat.standards import codes

logger = logging.getLogger(__name__)

READ = "coordination.read_deposit"
READING_LEASE = timedelta(minutes=3)
BELL_TIME = timedelta(seconds=20)
READING_GIVEN_UP = timedelta(minutes=15)  # some five readings begun and never ended
UNREADABLE = (
    "La lecture de ce fichier échoue à chaque essai. Il est conservé. Déposez-le à nouveau ou prévenez "
    "l'administrateur."
)
PENDING = same_content.PENDING
NOT_WAITING = {
    DepositStatus.RECEIVED: "Ce papier n'a pas encore été lu. Réessayez dans un instant.",
    DepositStatus.FILED: "Ce papier est déjà classé. Pour le reprendre, ouvrez le séjour et retirez-le.",
    DepositStatus.REFUSED: "Ce fichier ne peut pas être classé. Déposez-en un autre.",
    DepositStatus.DISCARDED: "Ce fichier a été écarté. Déposez-le de nouveau s'il doit partir.",
}


SOMEBODY_ELSE = (
    "Le code INS de ce fichier désigne une autre personne : il ne peut pas remplacer ce papier. "
    "Rien n'a été envoyé. Vérifiez le fichier, puis choisissez le bon."
)
OTHER_PERSON = (
    "Le code INS de ce papier et le message du dossier patient informatisé ne désignent pas la même personne. "
    "Rien n'a été classé : vérifiez le papier, puis choisissez la personne."
)
REPLACES_A_PAPER = "Ce fichier remplace un papier déjà envoyé : ouvrez son remplacement pour le confirmer ou l'écarter."


class DepositRefusedError(Exception):
    """The act is not possible on this deposit; `message_fr` says what to do."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def limits() -> Limits:
    return Limits(max_bytes=settings.DEPOSIT_MAX_BYTES, max_pages=settings.DEPOSIT_MAX_PAGES)


@transaction.atomic
def receive(files: Sequence[tuple[str, bytes]], *, by: User, stay: Stay | None = None) -> list[Deposit]:
    """Keep each (file name, bytes) and ring for its reading. `stay`: dropped on that stay's line."""
    if by.role not in access.DEPOSITORS or by.organisation is None:
        raise access.AccessDeniedError("Seul le personnel d'une maternité dépose des papiers.")
    return [keep(name, data, by=by, stay=stay) for name, data in files]


def keep(name: str, data: bytes, *, by: User, **known: Any) -> Deposit:
    """Store one file of this person's ward, encrypted, with what is `known` of it, and ring for its reading."""
    deposit = Deposit(
        organisation=site_of(by),
        deposited_by=by,
        file_name=name[-200:],
        blob=blobs.store(data, media_type="application/pdf"),
        **known,
    )
    deposit.save(force_insert=True)
    transitions.created(deposit, by=by)
    audit.record("deposit.received", by=by, subject=deposit)
    doorbell.ring(READ, deposit.pk)
    return deposit


def unread_ids(limit: int = 50) -> list[UUID]:
    """Deposits that no worker has read, nor is reading, and whose bell has had its time to ring."""
    rows = _unread().filter(deposited_at__lte=timezone.now() - BELL_TIME).order_by("deposited_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def _unread() -> QuerySet[Deposit]:
    now = timezone.now()
    free = Q(reading_until__isnull=True) | Q(reading_until__lt=now)
    return Deposit.objects.filter(free, status=DepositStatus.RECEIVED)


def read(deposit_id: UUID) -> DepositStatus | None:
    """Analyse a received file, prepare its PDF/A copy, and say what it is; None when already read.

    A file whose readings never end (stored bytes lost, unforeseen error) is refused after READING_GIVEN_UP:
    the ward then knows, instead of waiting for ever. One that no worker has begun to read is read, however old.
    """
    if _give_up(deposit_id):
        return DepositStatus.REFUSED
    if not _unread().filter(pk=deposit_id).update(reading_until=timezone.now() + READING_LEASE):
        return None
    deposit = Deposit.objects.select_related("organisation", "blob", "stay", "replaces__document__person").get(
        pk=deposit_id
    )
    data = blobs.read(deposit.blob)
    analysis = analyse_apart(data, limits=limits(), accept_production_ins=settings.IDENTITY_ACCEPTS_PRODUCTION)
    if analysis.refusal is not None:
        return _settle(deposit, DepositStatus.REFUSED, analysis, analysis.refusal.message_fr)
    already = same_content.here_already(deposit, _whose(deposit, analysis).person)
    if already:
        return _settle(deposit, DepositStatus.REFUSED, analysis, already)
    if analysis.blocked is not None:
        return _settle(deposit, DepositStatus.TO_CHECK, analysis, analysis.blocked.message_fr)
    try:
        converted = to_pdf_a_apart(open_paper(data, limits=limits()), qr_prescription=analysis.qr_prescription)
    except ConversionError as error:
        return _settle(deposit, DepositStatus.REFUSED, analysis, error.message_fr)
    analysis = replace(analysis, warnings=analysis.warnings + converted.warnings)
    propose = _propose if deposit.replaces is None else _propose_replacement
    return propose(deposit, analysis, converted.pdf_a)


@transaction.atomic
def _give_up(deposit_id: UUID) -> bool:
    begun = _unread().filter(reading_until__isnull=False, deposited_at__lte=timezone.now() - READING_GIVEN_UP)
    deposit = begun.select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(pk=deposit_id).first()
    if deposit is None:
        return False
    transitions.move(deposit, DepositStatus.REFUSED, reason="lecture en échec", refusal=UNREADABLE)
    return True


@transaction.atomic
def _settle(deposit: Deposit, target: DepositStatus, analysis: Analysis, sentence: str) -> DepositStatus:
    transitions.move(deposit, target, analysis=analysis.as_json(), refusal=sentence)
    return target


@transaction.atomic
def _propose(deposit: Deposit, analysis: Analysis, pdf_a: bytes) -> DepositStatus:
    """Store the readable copy; READY when person, stay and type are sure, else TO_CHECK with the reason."""
    proposal = _whose(deposit, analysis)
    type_code = deposit.type_code or (analysis.type.type_code if analysis.type else "")
    sentence = proposal.question_fr or ("" if type_code else "Le type de ce papier n'est pas sûr. Choisissez-le.")
    sentence = sentence or _about_question(proposal, type_code)
    sentence = sentence or same_content.withdrawn_question(
        deposit.blob, person=proposal.person, site=deposit.organisation
    )
    sentence = sentence or same_content.elsewhere_question(deposit.blob, deposit.organisation, person=proposal.person)
    target = DepositStatus.TO_CHECK if sentence else DepositStatus.READY
    transitions.move(
        deposit,
        target,
        analysis=analysis.as_json(),
        readable=blobs.store(pdf_a, media_type="application/pdf"),
        person=proposal.person,
        stay=proposal.stay or deposit.stay,
        type_code=type_code,
        masks=confidentiality.kept(deposit, proposal.person, proposal.stay or deposit.stay, type_code),
        refusal=sentence,
    )
    return target


def _about_question(proposal: matching.Match, type_code: str) -> str:
    """A title of the mother's papers over her child's code, or the other way round, is a question for a person."""
    if proposal.person is None or proposal.stay is None:
        return ""
    return matching.not_about(type_code, newborn=proposal.person.pk != proposal.stay.mother_id)


def _whose(deposit: Deposit, analysis: Analysis) -> matching.Match:
    """The person of the file; the hospital's software named her when it pushed it (`intake`), and no code denies it."""
    if deposit.person is None:
        return matching.match(deposit.organisation, analysis, within=deposit.stay)
    named = matching.Match(deposit.person, deposit.stay)
    if not analysis.identities:
        return named
    read = matching.match(deposit.organisation, analysis, within=deposit.stay)
    return read if read.person == deposit.person else matching.Match(stay=deposit.stay, question_fr=OTHER_PERSON)


@transaction.atomic
def _propose_replacement(deposit: Deposit, analysis: Analysis, pdf_a: bytes) -> DepositStatus:
    """The same for a file that replaces a paper: it must be the same person's; what is not sure is confirmed."""
    assert deposit.replaces is not None
    document = deposit.replaces.document
    try:
        matching.require_same_person(analysis, document.person)
        target, sentence = DepositStatus.READY, " ".join(_doubts(deposit, document, analysis))
    except matching.WrongPersonError:
        target, sentence = DepositStatus.TO_CHECK, SOMEBODY_ELSE
    readable = blobs.store(pdf_a, media_type="application/pdf")
    transitions.move(deposit, target, analysis=analysis.as_json(), readable=readable, refusal=sentence)
    return target


def _doubts(deposit: Deposit, document: Document, analysis: Analysis) -> Iterable[str]:
    """What a person has to look at before this file replaces the paper."""
    proposal = matching.match(deposit.organisation, analysis, within=document.stay)
    if analysis.identity is None:
        yield "Aucun code INS lisible sur ce fichier : vérifiez que c'est bien un papier de cette personne."
    elif proposal.question_fr or proposal.person != document.person:
        yield "Le code INS et le dossier ne disent pas la même identité : comparez-les."
    if analysis.type and analysis.type.type_code != document.type_code:
        read = codes.DOCUMENT_TYPES[analysis.type.type_code].type.label
        yield f"Le titre de ce fichier annonce un autre papier : {read}."
    questions = (
        same_content.elsewhere_question(deposit.blob, deposit.organisation, person=document.person),
        same_content.older_question(deposit.blob, document),
        same_content.withdrawn_question(deposit.blob, person=document.person),
    )
    yield from filter(None, questions)


@transaction.atomic
def complete(deposit: Deposit, *, person: Person, stay: Stay, type_code: str, by: User) -> None:
    """A person says whose paper it is and what it is. Raises DepositRefusedError."""
    analysis = Analysis.from_json(deposit.analysis) if deposit.analysis else None
    if analysis is not None and analysis.blocked is not None:
        raise DepositRefusedError(analysis.blocked.message_fr)
    if deposit.replaces_id is not None:
        raise DepositRefusedError(REPLACES_A_PAPER)
    if deposit.status not in (DepositStatus.TO_CHECK, DepositStatus.READY):
        raise DepositRefusedError(NOT_WAITING[DepositStatus[deposit.status]])
    if deposit.readable_id is None:
        raise DepositRefusedError("Ce papier n'a pas encore été lu. Réessayez dans un instant.")
    if type_code not in codes.DOCUMENT_TYPES:
        raise DepositRefusedError("Choisissez le type du papier.")
    _require_in_stay(person, stay, deposit)
    refusal = matching.not_about(type_code, newborn=person.pk != stay.mother_id)
    if refusal:
        raise DepositRefusedError(f"{refusal} Rien n'a été classé.")
    matching.require_same_person(analysis, person)
    already = same_content.refusal(person, deposit.blob, confirmed=True, filed_from=deposit)
    if already:
        raise DepositRefusedError(f"{already} Rien n'a été classé.")
    audit.record("deposit.completed", by=by, subject=deposit)
    fields: dict[str, Any] = {"person": person, "stay": stay, "type_code": type_code, "refusal": ""}
    fields["masks"] = confidentiality.kept(deposit, person, stay, type_code)
    if deposit.status == DepositStatus.READY:
        transitions.move(deposit, DepositStatus.TO_CHECK, by=by)
    transitions.move(deposit, DepositStatus.READY, by=by, **fields)


def _require_in_stay(person: Person, stay: Stay, deposit: Deposit) -> None:
    about_newborn = stay.newborns.filter(person=person, link_ended_at__isnull=True).exists()
    if stay.maternity_id != deposit.organisation_id or not (about_newborn or person.pk == stay.mother_id):
        raise DepositRefusedError("Cette personne n'est pas dans ce séjour. Rien n'a été classé : choisissez-la.")


@transaction.atomic
def split(deposit: Deposit, *, by: User) -> list[Deposit]:
    """Apply the proposed cut: each part becomes a deposit of its own and is read again."""
    analysis = Analysis.from_json(deposit.analysis) if deposit.analysis else None
    if deposit.replaces_id is not None:
        raise DepositRefusedError(REPLACES_A_PAPER)
    if analysis is None or not analysis.parts:
        raise DepositRefusedError("Ce fichier ne peut pas être coupé automatiquement.")
    pieces = cut(blobs.read(deposit.blob), [part.pages for part in analysis.parts])
    stem = deposit.file_name.removesuffix(".pdf")[:150]
    transitions.move(deposit, DepositStatus.DISCARDED, by=by, reason="coupé")
    named = [(f"{stem} ({n}).pdf", piece) for n, piece in enumerate(pieces, start=1)]
    return receive(named, by=by, stay=deposit.stay)


@transaction.atomic
def discard(deposit: Deposit, *, by: User) -> None:
    """Put a file aside; its bytes stay, encrypted, and its event says who did it."""
    transitions.move(deposit, DepositStatus.DISCARDED, by=by)


@transaction.atomic
def send(deposits: Iterable[Deposit], *, by: User, seen: Container[UUID] = ()) -> list[Document]:
    """File every ready deposit as a document and send what a delegation or a signature allows.

    One activation for the whole tray: the papers of one patient leave in one lot per recipient. The
    others wait for their author in « à valider ». `seen`: the letters whose gaps she confirmed to have seen
    (`letter_checks`). Raises DocumentRefusedError: nothing is then written.
    """
    ready = [one for one in deposits if one.status == DepositStatus.READY and one.replaces_id is None]
    if any(deposit.organisation_id != by.organisation_id for deposit in ready):
        raise access.AccessDeniedError("Ces papiers sont ceux d'une autre maternité.")
    filed = [_file(deposit, by=by, seen_by=by if deposit.pk in seen else None) for deposit in ready]
    by_stay: dict[UUID, list[Document]] = defaultdict(list)
    for document in filed:
        delegation = access.active_delegation(
            document.legal_authenticator,
            organisation_id=document.organisation_id,
            type_code=document.type_code,
            on=timezone.localdate(),
        )
        if delegation is None and not access.may_validate(by, document.legal_authenticator):
            continue
        documents.freeze_and_seal(document, by=by, under=delegation)
        by_stay[document.stay_id].append(document)
    for papers in by_stay.values():
        routing.dispatch(papers, by=by, delay=settings.UNDO_SECONDS)
        patient_wishes.follow(papers, by=by, delay=settings.UNDO_SECONDS)
    return filed


def _file(deposit: Deposit, *, by: User, seen_by: User | None) -> Document:
    assert deposit.person is not None and deposit.stay is not None and deposit.readable is not None
    author = _author(deposit.stay, by)
    already = same_content.refusal(deposit.person, deposit.blob, confirmed=True, filed_from=deposit)
    if already:
        raise documents.DocumentRefusedError(f"« {deposit.file_name} » : {already}")
    kind = codes.DOCUMENT_TYPES[deposit.type_code]
    document = documents.draft(
        person=deposit.person,
        stay=deposit.stay,
        organisation=deposit.organisation,
        type_code=kind.code,
        title=kind.type.label,
        author=author,
        legal_authenticator=author,
        original=deposit.blob,
        readable=deposit.readable,
        masks=deposit.masks,
        by=by,
        letter_check=letter_checks.of_deposit(deposit, seen_by=seen_by),
    )
    if deposit.wishes or deposit.words_id:
        document.wishes, document.words = deposit.wishes, deposit.words
        document.save(update_fields=["wishes", "words"])
    transitions.move(deposit, DepositStatus.FILED, by=by, document=document)
    return document


def _author(stay: Stay, by: User) -> Professional:
    """The physician of the stay; a hospital professional who deposits her own paper otherwise."""
    author = stay.physician or by.professional
    if author is None:
        raise documents.DocumentRefusedError(
            "Aucun médecin n'est indiqué pour ce séjour. Indiquez qui signe les papiers, puis envoyez."
        )
    return author


@transaction.atomic
def undo(documents_: Iterable[Document], *, by: User) -> int:
    """Within the seconds that follow: cancel what has not left, put the papers back in the tray.

    Returns the number of documents undone; one that may have left, to anybody, is left as it is.
    """
    undone = 0
    for document in documents_:
        if document.status not in (DocumentStatus.VALIDATED, DocumentStatus.TO_VALIDATE):
            continue
        if document.versions.values("validated_at").distinct().count() > 1:  # replaced since
            continue
        if not recalls.cancel_unsent(document, by=by, reason="annulé par la secrétaire"):
            continue
        target = DocumentStatus.WITHDRAWN if document.status == DocumentStatus.VALIDATED else DocumentStatus.ABANDONED
        transitions.move(document, target, by=by, reason="annulé dans les secondes qui suivent")
        for deposit in document.deposits.filter(status=DepositStatus.FILED):
            transitions.move(deposit, DepositStatus.READY, by=by, document=None)
        undone += 1
    return undone


def site_of(user: User) -> Organisation:
    """The maternity of a hospital user."""
    if user.organisation is None:
        raise access.AccessDeniedError("Ce compte n'est rattaché à aucune maternité.")
    return user.organisation
