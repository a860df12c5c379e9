"""Step 2 without a PDF: a structured document written on a screen, kept as it is typed, then a document like any other.

A draft may lack anything: it is kept all the same. Finishing it checks the case, makes the PDF/A of what it
says, and drafts the document, whose validation and sending are those of every other paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from coordination import access, audit, blobs
from coordination.cda.spec import telling
from coordination.cda.spec.checking import Problem, normal
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import Volet, case_problems
from coordination.models import Document, Draft, Organisation, Person, Professional, Stay, User
from coordination.papers import synthesis
from coordination.selectors import prefill
from coordination.selectors.writable import BY_THE_PHYSICIAN, WRITABLE, WRITERS
from coordination.services import documents, patient_block


class WritingRefusedError(Exception):
    """The draft cannot be opened, saved or finished. `problems`: those of the case, when that is why."""

    def __init__(self, message_fr: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr
        self.problems = problems


@transaction.atomic
def open_draft(stay: Stay, person: Person, volet: str, *, by: User) -> Draft:
    """The draft in progress of this document, else a new one, filled with what perinat knows of the stay."""
    chosen = _writable(volet, stay, person, by)
    Stay.objects.select_for_update(no_key=True).get(pk=stay.pk)  # two people at once open the same draft
    known = Draft.objects.filter(
        stay=stay, person=person, volet=volet, document__isnull=True, abandoned_at__isnull=True
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
    chosen = VOLETS[volet]
    newborn = stay.newborns.filter(person=person, link_ended_at__isnull=True).exists()
    if chosen.about_child != newborn or (not newborn and person.pk != stay.mother_id):
        raise WritingRefusedError(
            "Ce document ne concerne pas cette personne : vérifiez qui, de la mère ou de l'enfant."
        )
    return chosen


@transaction.atomic
def save(draft: Draft, body: Mapping[str, Any], *, revision: int, by: User) -> list[Problem]:
    """Keep what is typed, complete or not; tell what the case lacks. `revision`: the one the page showed.

    Raises WritingRefusedError: finished or abandoned meanwhile, or saved from another page since.
    """
    locked = _open(draft, by)
    if locked.revision != revision:
        raise WritingRefusedError(
            "Ce document a été enregistré depuis une autre page. Rien n'est effacé : rechargez pour voir la dernière "
            "version, votre saisie reste affichée ici."
        )
    locked.body, locked.saved_by, locked.saved_at = blobs.store_json(dict(body)), by, timezone.now()
    locked.revision = revision + 1
    locked.save(update_fields=["body", "saved_by", "saved_at", "revision"])
    draft.body, draft.revision, draft.saved_at = locked.body, locked.revision, locked.saved_at
    return problems(draft, body)


def problems(draft: Draft, body: Mapping[str, Any]) -> list[Problem]:
    """What the case still lacks, each with its path under « body »."""
    return list(case_problems(VOLETS[draft.volet], body, on=timezone.localdate()))


def _open(draft: Draft, by: User) -> Draft:
    if by.role not in WRITERS or by.organisation_id != draft.stay.maternity_id:
        raise access.AccessDeniedError("Seuls les médecins et sages-femmes de la maternité écrivent ces documents.")
    locked = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    if locked.document_id is not None:
        raise WritingRefusedError("Ce document est déjà terminé : remplacez-le depuis la page du séjour.")
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
def finish(draft: Draft, *, by: User) -> Document:
    """The document of a complete draft. Validated and sent at once when `by` signs it herself, else it waits.

    Raises WritingRefusedError with every problem, DocumentRefusedError, AccessDeniedError.
    """
    locked = _open(draft, by)
    volet, body = VOLETS[locked.volet], blobs.read_json(locked.body)
    found = problems(locked, body)
    if found:
        raise WritingRefusedError("Il manque des informations : elles sont listées en haut de la page.", tuple(found))
    author = _author(locked, by)
    kept = normal(volet.members, body)
    pdf = blobs.store(_readable(volet, kept, locked, author), media_type="application/pdf")
    document = documents.draft(
        person=locked.person,
        stay=locked.stay,
        organisation=locked.stay.maternity,
        type_code=volet.type.code,
        title=volet.title,
        author=author,
        legal_authenticator=author,
        original=pdf,
        readable=pdf,
        by=by,
        volet=volet.name,
        body=blobs.store_json(kept),
    )
    locked.document = document
    locked.save(update_fields=["document"])
    audit.record("draft.finished", by=by, subject=locked, volet=volet.name)
    if access.may_validate(by, author):
        documents.validate(document, by=by)
    return document


def _author(draft: Draft, by: User) -> Professional:
    """The physician of the stay for the discharge letter; whoever writes, for the others."""
    if draft.volet in BY_THE_PHYSICIAN:
        if draft.stay.physician is None:
            raise WritingRefusedError("Indiquez d'abord le médecin du séjour : la lettre de liaison est à son nom.")
        return draft.stay.physician
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
