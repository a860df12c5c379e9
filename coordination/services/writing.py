"""Step 2 without a PDF: a structured document written on a screen, kept as it is typed, then a document like any other.

A draft may lack anything: it is kept all the same. Finishing it checks the case, makes the PDF/A of what it
says, and drafts the document, whose validation and sending are those of every other paper; a correction
becomes a new version of its document (`corrections`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from coordination import access, audit, blobs
from coordination.cda.spec import paths, telling
from coordination.cda.spec.checking import Problem, normal
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import Volet, agreement_problems, case_problems
from coordination.models import (
    Blob,
    Document,
    Draft,
    Organisation,
    Person,
    Professional,
    ReplacementReason,
    Stay,
    User,
)
from coordination.papers import synthesis
from coordination.selectors import contents, prefill
from coordination.selectors.writable import BY_THE_PHYSICIAN, WRITABLE, WRITERS, may_write
from coordination.services import corrections, documents, letter_checks, patient_block

BEHIND = (
    "Ce document a été enregistré depuis une autre page. Rien n'est effacé : rechargez pour voir la dernière "
    "version, votre saisie reste affichée ici."
)
LOST = (
    "Ce qui était enregistré de cet écrit ne se relit pas : son fichier est introuvable ou abîmé. Rien n'a été "
    "envoyé. Prévenez l'administrateur ; pour recommencer, abandonnez cet écrit."
)


class WritingRefusedError(Exception):
    """The draft cannot be opened, saved or finished. `problems`: those of the case, when that is why."""

    def __init__(self, message_fr: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr
        self.problems = problems


class FinishedError(WritingRefusedError):
    """Somebody, or another page, has just finished it: there is nothing more to do."""


@transaction.atomic
def open_draft(stay: Stay, person: Person, volet: str, *, by: User) -> Draft:
    """The draft in progress of this document, else a new one, filled with what perinat knows of the stay."""
    chosen = _writable(volet, stay, person, by)
    Stay.objects.select_for_update(no_key=True).get(pk=stay.pk)  # two people at once open the same draft
    known = Draft.objects.filter(
        stay=stay,
        person=person,
        volet=volet,
        replaces__isnull=True,
        finished_at__isnull=True,
        abandoned_at__isnull=True,
    ).first()
    if known is not None:
        return known
    body = blobs.store_json(prefill.of(chosen, stay, person))
    draft = Draft.objects.create(
        stay=stay, person=person, volet=volet, body=body, started_by=by, saved_by=by, saved_at=timezone.now()
    )
    audit.record("draft.opened", by=by, subject=draft, volet=volet)
    return draft


def _writable(volet: str, stay: Stay, person: Person, by: User) -> Volet:
    if by.role not in WRITERS or by.organisation_id != stay.maternity_id:
        raise access.AccessDeniedError("Seuls les médecins et sages-femmes de la maternité écrivent ces documents.")
    if volet not in WRITABLE:
        raise WritingRefusedError("Ce type de document ne s'écrit pas à l'écran.")
    _require_physician(volet, by)
    chosen = VOLETS[volet]
    newborn = stay.newborns.filter(person=person, link_ended_at__isnull=True).exists()
    if chosen.about_child != newborn or (not newborn and person.pk != stay.mother_id):
        raise WritingRefusedError(
            "Ce document ne concerne pas cette personne : vérifiez qui, de la mère ou de l'enfant."
        )
    return chosen


def _require_physician(volet: str, by: User) -> None:
    if not may_write(volet, by):
        raise WritingRefusedError(
            "Ce document est établi par un médecin, avec son propre compte : son modèle national le demande."
        )


@transaction.atomic
def save(
    draft: Draft, body: Mapping[str, Any], *, revision: int, by: User, reason: str = "", comment: str = ""
) -> list[Problem]:
    """Keep what is typed, complete or not; tell what the case lacks. `revision`: the one the page showed.

    `reason`, `comment`: of a correction. The same words sent twice (a button pressed twice) are kept once.
    Raises WritingRefusedError: finished or abandoned meanwhile, or saved from another page since.
    """
    locked = _open(draft, by)
    why = (reason if reason in ReplacementReason.values else "", comment.strip()[:200])
    if locked.revision == revision:
        locked.body, locked.saved_by, locked.saved_at = blobs.store_json(dict(body)), by, timezone.now()
        locked.revision, (locked.reason, locked.comment) = revision + 1, why
        locked.save(update_fields=["body", "saved_by", "saved_at", "revision", "reason", "comment"])
    elif (locked.reason, locked.comment) != why or body_of(locked) != dict(body):
        raise WritingRefusedError(BEHIND)
    draft.body, draft.revision, draft.saved_at = locked.body, locked.revision, locked.saved_at
    draft.reason, draft.comment = why
    return problems(draft, body)


def body_of(draft: Draft) -> dict[str, Any]:
    """What was typed so far. Raises WritingRefusedError: the stored file is missing or was altered."""
    try:
        return dict(blobs.read_json(draft.body))
    except blobs.BlobError as error:
        raise WritingRefusedError(LOST) from error


def problems(draft: Draft, body: Mapping[str, Any]) -> list[Problem]:
    """What the case still lacks or says otherwise than its header, each with its path under « body »."""
    volet = VOLETS[draft.volet]
    found = list(case_problems(volet, body, on=timezone.localdate()))
    right = paths.without(body, (one.path for one in found))
    return found + list(agreement_problems(volet, contents.written(draft, right)))


def _open(draft: Draft, by: User) -> Draft:
    if by.role not in WRITERS or by.organisation_id != draft.stay.maternity_id:
        raise access.AccessDeniedError("Seuls les médecins et sages-femmes de la maternité écrivent ces documents.")
    locked = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    if locked.finished_at is not None:
        raise FinishedError("Ce document est déjà terminé : vous pouvez le corriger depuis la page du séjour.")
    if locked.abandoned_at is not None:
        raise WritingRefusedError("Cet écrit a été abandonné. Recommencez depuis la page du séjour.")
    return locked


@transaction.atomic
def abandon(draft: Draft, *, by: User) -> None:
    """Nothing was sent; the draft is closed and kept for the audit."""
    locked = _open(draft, by)
    locked.abandoned_at, locked.saved_by = timezone.now(), by
    locked.save(update_fields=["abandoned_at", "saved_by"])
    audit.record("draft.abandoned", by=by, subject=locked, volet=locked.volet)


@transaction.atomic
def finish(draft: Draft, *, by: User, revision: int | None = None) -> Document:
    """The document of a complete draft. Validated and sent at once when `by` signs it herself, else it waits.

    `revision`: what she saw is what leaves. The row is locked to the end: two activations make one document.
    Raises WritingRefusedError with every problem, FinishedError, DocumentRefusedError, DepositRefusedError,
    AccessDeniedError, BlobError.
    """
    locked = _open(draft, by)
    if revision is not None and locked.revision != revision:
        raise WritingRefusedError(BEHIND)
    volet, body = VOLETS[locked.volet], body_of(locked)
    found = problems(locked, body)
    if found:
        raise WritingRefusedError("Il manque des informations : elles sont listées en haut de la page.", tuple(found))
    kept, author = normal(volet.members, body), _author(locked, by)
    if locked.replaces_id is not None:
        corrections.require(locked, kept)
    case = blobs.store_json(kept)
    pdf = blobs.store(_readable(volet, kept, locked, author), media_type="application/pdf")
    if locked.replaces_id is not None:
        locked.deposit = corrections.hand_in(locked, body=case, readable=pdf, by=by)
    else:
        locked.document = _first(locked, volet, kept, author, case=case, pdf=pdf, by=by)
    locked.finished_at = timezone.now()
    locked.save(update_fields=["document", "deposit", "finished_at"])
    audit.record("draft.finished", by=by, subject=locked, volet=volet.name)
    assert locked.document is not None
    return locked.document


def _first(
    draft: Draft, volet: Volet, kept: Mapping[str, Any], author: Professional, *, case: Blob, pdf: Blob, by: User
) -> Document:
    """The document that did not exist yet, validated at once when `by` is the one who signs it."""
    document = documents.draft(
        person=draft.person,
        stay=draft.stay,
        organisation=draft.stay.maternity,
        type_code=volet.type.code,
        title=volet.title,
        author=author,
        legal_authenticator=author,
        original=pdf,
        readable=pdf,
        by=by,
        volet=volet.name,
        body=case,
        masks=draft.masks,
        letter_check=letter_checks.of_case(volet.name, kept, draft.stay),
    )
    if access.may_validate(by, author) and not letter_checks.unseen(document.current_version):
        documents.validate(document, by=by)
    return document


def _author(draft: Draft, by: User) -> Professional:
    """Who signs: the physician of the stay for the discharge letter; whoever writes, for the others.

    A correction keeps the signatory of its document.
    """
    if draft.document is not None:
        return draft.document.legal_authenticator
    if draft.volet in BY_THE_PHYSICIAN:
        if draft.stay.physician is None:
            raise WritingRefusedError("Indiquez d'abord le médecin du séjour : la lettre de liaison est à son nom.")
        return draft.stay.physician
    _require_physician(draft.volet, by)
    if by.professional is None:
        raise WritingRefusedError("Ce compte n'est pas rattaché à un professionnel : il ne peut pas signer.")
    return by.professional


def _readable(volet: Volet, body: Mapping[str, Any], draft: Draft, author: Professional) -> bytes:
    """The PDF/A-1 of what the case says, in the words of the CDA's narrative."""
    site: Organisation = draft.stay.maternity
    now = timezone.localtime()
    return synthesis.render(
        volet.title,
        list(telling.sections(volet.sections, body)),
        written_at=now,
        issuer=[site.name, site.address_line, f"{site.postal_code} {site.city}".strip()],
        patient=patient_block.of(draft.person),
        subtitle=f"Écrit dans perinat le {now:%d/%m/%Y à %H:%M}",
        signature=[f"{author}, {author.specialty.label}", f"RPPS {author.rpps}"],
    )
