"""Writing to a mother, or to a newborn, in Mon espace santé: frozen, then carried by a shipment (ADR 0024)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from coordination import audit, blobs
from coordination.blobs import BlobError
from coordination.cda.errors import CdaError
from coordination.lifecycles import ShipmentStatus
from coordination.models import (
    ChannelName,
    Document,
    DocumentVersion,
    Organisation,
    PatientLetter,
    PatientReply,
    Person,
    Shipment,
    Stay,
    User,
)
from coordination.papers.patient_letters import Audience, Written, book
from coordination.selectors import patient_boxes, patient_letters
from coordination.selectors.contents import MissingDatumError
from coordination.selectors.patient_letters import LetterRefusedError
from coordination.services import editions, lots, outbox, patient_replies, routing, transitions
from perinat.standards.identifiers import oid_from_uuid

NAMES = {Audience.MOTHER: "Mon espace santé de la mère", Audience.CHILD: "Mon espace santé de l’enfant"}
NOT_READY = "« {} » ne peut pas encore lui être envoyé : {} Rien n'est parti."
BUSY = "quelqu'un d'autre le prépare. Réessayez dans un instant."
TOO_HEAVY = "Ces papiers sont trop lourds pour un seul message. Choisissez-en moins : rien n'est parti."
NOT_HER = "Le matricule et le dossier ne disent pas la même chose. Confirmez que c'est bien elle : rien n'est parti."
SENT_ALREADY = "Ce message est déjà parti. Ouvrez la conversation pour voir où il en est."


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page asks. `key`: drawn with the page, so that a second press sends nothing more."""

    key: uuid.UUID
    stay: Stay
    person: Person
    audience: Audience
    template: str
    addition: str = ""
    closes: bool = False
    papers: Sequence[Document] = ()
    answers: PatientReply | None = None
    confirmed: bool = False


@transaction.atomic
def send(asked: Asked, *, by: User) -> PatientLetter:
    """Freeze the message and queue it. Raises LetterRefusedError: nothing was written, nothing leaves."""
    Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=asked.person.pk)  # one press after the other
    known = PatientLetter.objects.filter(pk=asked.key, person=asked.person, author=by).first()
    if known is not None:
        return known
    if PatientLetter.objects.filter(pk=asked.key).exists():
        raise LetterRefusedError(SENT_ALREADY)
    site = patient_letters.sending_site(by)
    refusal = patient_letters.closed_for(by, asked.stay, asked.person)
    if refusal or site is None:
        raise LetterRefusedError(refusal or patient_letters.NO_BOX)
    if patient_boxes.identity_check(asked.person).differs and not asked.confirmed:
        raise LetterRefusedError(NOT_HER)
    template, written = patient_letters.compose(
        asked.stay,
        asked.person,
        asked.audience,
        by,
        template=asked.template,
        addition=asked.addition,
        closes=asked.closes,
        joined=len(asked.papers),
        answering=asked.answers is not None,
    )
    shipment = _shipment(asked, site, _versions(asked.papers), by)
    letter = _letter(asked, shipment, written, closes=asked.closes or template.closes, by=by)
    if asked.answers is not None:
        patient_replies.handle(asked.answers, by=by)
    routing.ring([shipment], 0)
    return letter


def _versions(papers: Sequence[Document]) -> list[DocumentVersion]:
    """The sealed versions in force, each with her INS inside; together they must fit in one mail."""
    versions = [_with_ins(paper) for paper in papers]
    try:
        for paper, version in zip(papers, versions, strict=True):
            lots.require_room(ChannelName.MSSANTE, paper, version)
    except lots.TooLargeError as error:
        raise LetterRefusedError(error.message_fr) from error
    if versions and len(lots.split(ChannelName.MSSANTE, versions)) > 1:
        raise LetterRefusedError(TOO_HEAVY)
    return versions


def _with_ins(paper: Document) -> DocumentVersion:
    version = paper.current_version
    try:
        found = editions.edition(version, replaces=version.replaces, with_ins=True)
    except (CdaError, MissingDatumError) as error:
        raise LetterRefusedError(NOT_READY.format(paper.title, error.message_fr)) from error
    except BlobError as error:
        raise LetterRefusedError(NOT_READY.format(paper.title, "son fichier ne se relit pas.")) from error
    if found is None:
        raise LetterRefusedError(NOT_READY.format(paper.title, BUSY))
    return found


def _shipment(asked: Asked, site: Organisation, versions: Sequence[DocumentVersion], by: User) -> Shipment:
    identifier = uuid.uuid4()
    shipment = Shipment(
        id=identifier,
        organisation=site,
        person=asked.person,
        stay=asked.stay,
        channel=ChannelName.MSSANTE,
        recipient_name=NAMES[asked.audience],
        to_patient=True,
        sender=by,
        status=ShipmentStatus.QUEUED,
        due_at=timezone.now(),
        set_unique_id=oid_from_uuid(uuid.uuid4()),
        message_id=f"{identifier}@{settings.MESSAGE_ID_DOMAIN}",
    )
    shipment.save(force_insert=True)
    shipment.versions.add(*versions)
    transitions.created(shipment, by=by)
    return shipment


def _letter(asked: Asked, shipment: Shipment, written: Written, *, closes: bool, by: User) -> PatientLetter:
    letter = PatientLetter(
        id=asked.key,
        organisation=shipment.organisation,
        person=asked.person,
        stay=asked.stay,
        shipment=shipment,
        template=asked.template,
        template_version=book().version,
        text=blobs.store_json({"subject": written.subject, "text": written.text}),
        closes=closes,
        answers=asked.answers,
        author=by,
    )
    letter.save(force_insert=True)
    audit.record(
        "patient_letter.sent", by=by, subject=letter, template=asked.template, papers=len(asked.papers), closes=closes
    )
    return letter


@transaction.atomic
def retry(letter: PatientLetter, *, by: User) -> None:
    """Send again the same words, after what stopped them is over. Raises LetterRefusedError, StaleStateError."""
    refusal = patient_letters.closed_for(by, letter.stay, letter.person)
    if refusal:
        raise LetterRefusedError(refusal)
    outbox.retry(letter.shipment, by=by)
