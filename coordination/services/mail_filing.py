"""A received document finds its place: filed, already there, replaced, deleted by its author, or put aside."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from coordination import audit
from coordination.lifecycles import ReceivedStatus as R
from coordination.models import DocumentVersion, Person, ReceivedDocument, Stay, User
from coordination.selectors import mail_matching
from coordination.selectors.mail_matching import DIFFERENT, NOT_ALLOWED, NOT_LATEST, OTHER, QUESTIONS, Verdict
from coordination.services import mail_answers, transitions
from coordination.services.mail_reading import Told

SAME_ID = "Un document classé porte le même identifiant, avec un autre contenu : vérifiez auprès de l'auteur."
ANOTHER_PERSON = "L'INS de ce document est celle d'une autre personne. Rien n'est classé : choisissez la bonne."
NOT_HERE = "Cette personne n'est pas suivie ici. Rien n'est classé : choisissez-la dans la liste."
NOT_WAITING = "Ce document n'attend plus d'être classé : la page a changé depuis son ouverture."


class FilingRefusedError(Exception):
    """The act is not possible on this document; `message_fr` says what to do."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def ask(document: ReceivedDocument, code: str, question: str, *, verdict: Verdict | None = None) -> None:
    """It waits for a person, with its question and who it may be."""
    document.code, document.question = code, question
    document.person, document.stay = (verdict.person, verdict.stay) if verdict else (None, None)
    document.save(update_fields=["code", "question", "person", "stay"])


def place(document: ReceivedDocument, told: Told, verdict: Verdict) -> None:
    """What can be done of a document that has just come, without anybody."""
    if document.action == "D":
        _delete(document)
        return
    same = _others(document, document.unique_id).first() if document.unique_id else None
    same = same or _others(document).filter(blob__sha256=document.blob.sha256).first()
    if same is not None and same.status in (R.REPLACED, R.DELETED):
        ask(document, NOT_LATEST, QUESTIONS[NOT_LATEST], verdict=verdict)
    elif same is not None and same.blob.sha256 == document.blob.sha256:
        transitions.move(document, R.KNOWN, same_as=same, person=same.person, stay=same.stay)
    elif same is not None:
        ask(document, OTHER, SAME_ID, verdict=verdict)
    elif told.broken_fr:
        ask(document, OTHER, told.broken_fr, verdict=verdict)
    elif (own := _own(document)) is not None:
        transitions.move(
            document, R.KNOWN, reason="document de perinat", person=own.document.person, stay=own.document.stay
        )
    else:
        _place_new(document, verdict)


def _own(document: ReceivedDocument) -> DocumentVersion | None:
    """A paper that this site itself sent, and that somebody sends back or forwards: its bytes, not only its name.

    In a personal box: one that perinat sent to its holder, and that she reads here already.
    """
    if not document.unique_id:
        return None
    rows = DocumentVersion.objects.filter(unique_id=document.unique_id, cda__sha256=document.blob.sha256)
    if document.holder_id:
        rows = rows.filter(shipments__recipient=document.holder_id)
    else:
        rows = rows.filter(document__organisation=document.organisation_id)
    return rows.select_related("document__person", "document__stay").first()


def _place_new(document: ReceivedDocument, verdict: Verdict) -> None:
    """A document never seen, that may take the place of another one."""
    former = _others(document, document.target_id).first() if document.target_id else None
    code = _objection(document, former)
    if former is not None and former.person_id and verdict.person not in (None, former.person):
        code = DIFFERENT
    if former is not None and verdict.person is None:
        verdict = Verdict(former.person, former.stay, verdict.code, verdict.question)  # only proposed: its code stays
    if code or verdict.code:
        ask(document, code or verdict.code, QUESTIONS[code] if code else verdict.question, verdict=verdict)
        return
    assert verdict.person is not None and verdict.stay is not None
    _file(document, verdict.person, verdict.stay, by=None)


def _objection(document: ReceivedDocument, former: ReceivedDocument | None) -> str:
    """Why this document may not touch the former one: 900 or 901, empty when it may."""
    if former is None:
        return ""
    if not _same_author(document, former):
        return NOT_ALLOWED
    return NOT_LATEST if former.status in (R.REPLACED, R.DELETED) else ""


def _same_author(document: ReceivedDocument, former: ReceivedDocument) -> bool:
    """The same structure wrote both, from the same domain: a document alone can claim any author."""
    structures = document.told.get("author_structure", ""), former.told.get("author_structure", "")
    domains = {one.mail.sender.rpartition("@")[2].lower() for one in (document, former)}
    return structures[0] == structures[1] and len(domains) == 1


def _delete(document: ReceivedDocument) -> None:
    """The author takes a document back: it stays here, said to be deleted, and is no longer to be used."""
    former = _others(document, document.target_id or document.unique_id).first()
    code = _objection(document, former)
    if code and former is not None and former.status != R.DELETED:
        ask(document, code, QUESTIONS[code], verdict=Verdict(former.person, former.stay))
        return
    if former is not None and former.status != R.DELETED:
        transitions.move(former, R.DELETED, reason="supprimé par l'émetteur")
        mail_answers.settle(former.mail)
    known: dict[str, Any] = {"same_as": former, "person": former.person, "stay": former.stay} if former else {}
    transitions.move(document, R.DELETED, reason="message de suppression", **known)


def _others(document: ReceivedDocument, unique_id: str = "") -> QuerySet[ReceivedDocument]:
    """What this site, or this holder, already received, the latest first, but what was put aside and copies."""
    rows = ReceivedDocument.objects.filter(organisation=document.organisation_id, holder=document.holder_id)
    rows = rows.exclude(pk=document.pk)
    rows = rows.exclude(status__in=[R.DISCARDED, R.KNOWN]).exclude(action="D")
    rows = rows.filter(unique_id=unique_id) if unique_id else rows
    return rows.select_related("blob", "person", "stay", "mail").order_by("-received_at", "-rank")


@transaction.atomic
def file(document: ReceivedDocument, *, person: Person, stay: Stay, by: User) -> None:
    """A person says whose it is, after she compared. Raises FilingRefusedError."""
    if document.status != R.TO_SORT or document.media_type == "message/rfc822":
        raise FilingRefusedError(NOT_WAITING)
    if not mail_matching.is_here(person, stay, document.organisation, document.holder):
        raise FilingRefusedError(NOT_HERE)
    _require_no_other(document, person)
    audit.record("received.filed", by=by, subject=document)
    if document.action == "D":
        _delete_by_hand(document, by)
    else:
        _file(document, person, stay, by=by)
    mail_answers.settle(document.mail)


def _require_no_other(document: ReceivedDocument, person: Person) -> None:
    """An INS that is another person's, or that is not the one of this record, forbids the choice."""
    told = document.told.get("matricule", ""), document.told.get("oid", "")
    if not told[0]:
        return
    if person.ins_matricule and (person.ins_matricule, person.ins_oid) != told:
        raise FilingRefusedError(ANOTHER_PERSON)
    if Person.objects.filter(ins_matricule=told[0], ins_oid=told[1]).exclude(pk=person.pk).exists():
        raise FilingRefusedError(ANOTHER_PERSON)


def _file(document: ReceivedDocument, person: Person, stay: Stay, *, by: User | None) -> None:
    former = _others(document, document.target_id).first() if document.target_id else None
    if former is not None and former.status in (R.FILED, R.TO_SORT):
        transitions.move(former, R.REPLACED, by=by, reason="remplacé par son auteur")
        mail_answers.settle(former.mail)
    transitions.move(document, R.FILED, by=by, person=person, stay=stay, question="", code="", same_as=former)


def _delete_by_hand(document: ReceivedDocument, by: User) -> None:
    """She accepts a deletion that asked for a person."""
    former = _others(document, document.target_id or document.unique_id).first()
    if former is not None and former.status != R.DELETED:
        transitions.move(former, R.DELETED, by=by, reason="supprimé à la demande de l'émetteur")
    transitions.move(document, R.DELETED, by=by, same_as=former, question="")


@transaction.atomic
def discard(document: ReceivedDocument, *, by: User, reason: str) -> None:
    """It concerns nobody here: put aside, kept, and its sender is told. Raises FilingRefusedError."""
    if document.status != R.TO_SORT:
        raise FilingRefusedError(NOT_WAITING)
    audit.record("received.discarded", by=by, subject=document)
    transitions.move(document, R.DISCARDED, by=by, reason=reason)
    mail_answers.settle(document.mail)


@transaction.atomic
def reopen(document: ReceivedDocument, *, by: User) -> None:
    """It was filed at the wrong place, or put aside by mistake: it comes back in front of a person."""
    if document.status not in (R.FILED, R.DISCARDED):
        raise FilingRefusedError(NOT_WAITING)
    audit.record("received.reopened", by=by, subject=document)
    question = "Ce document a été repris de son classement : choisissez la personne."
    transitions.move(document, R.TO_SORT, by=by, reason="repris", person=None, stay=None, question=question)
