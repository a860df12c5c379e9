"""What a patient writes back: kept once, hers when her matricule says so, else in front of a person."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from coordination import audit, blobs
from coordination.models import (
    InsStatus,
    Organisation,
    PatientLetter,
    PatientReply,
    Person,
    ReplyFile,
    Stay,
    User,
    WorkItemKind,
)
from coordination.ports import Incoming
from coordination.selectors import mail_matching
from coordination.selectors.patient_letters import LetterRefusedError
from coordination.services import notices, receipts, worklist
from coordination.services.mail_intake import MAIL, clean
from perinat.standards import oids
from perinat.standards.patient_box import matricule_of
from perinat.standards.received import ReceivedMessage

logger = logging.getLogger(__name__)
NOTICE = "Une réponse d'une patiente vous attend dans perinat."
INBOX = "/messages-patientes/"
LINE = "Un message est arrivé de Mon espace santé. Lisez-le, puis marquez-le traité."
LINE_UNKNOWN = "Un message de Mon espace santé n'est rattaché à personne. Dites de qui il est."
NOT_HERS = "Ce séjour n'est pas celui de la personne choisie, ou n'est pas suivi ici. Rien n'est rattaché."
LINE_AFTER_END = "Un message est arrivé après la fin des échanges. Il est gardé : lisez-le, puis marquez-le traité."
ATTACHED = "Ce message est déjà rattaché à quelqu'un : voici à qui. Rien n'a changé."


def store(incoming: Incoming, site: Organisation | None) -> PatientReply | None:
    """Keep it once, by digest, with its files. In the caller's transaction. `site`: whose box received it."""
    known = PatientReply.objects.filter(digest=incoming.digest).first()
    if known is not None:
        return known
    letter = _letter(incoming)
    site = site or (letter.organisation if letter else None)
    message = incoming.mail
    if site is None or message is None:  # no site reads this box: kept as any mail that nobody knows
        receipts.store(incoming)
        return None
    person = _person(message.sender, site)
    letter = letter if letter is not None and letter.person_id == getattr(person, "pk", None) else None
    reply = PatientReply(
        organisation=site,
        person=person,
        stay=_stay(person, letter, site),
        letter=letter,
        digest=incoming.digest,
        message_id=clean(message.message_id, 250),
        body=blobs.store_json(_body(message)),
        raw=blobs.store(incoming.raw, media_type=MAIL),
        after_end=_ended(person, site, incoming),
        sent_at=incoming.at,
    )
    reply.save(force_insert=True)
    _keep_files(reply, message)
    _tell(reply)
    logger.info("reply.kept id=%s known=%s", reply.pk, person is not None)
    return reply


def _body(message: ReceivedMessage) -> dict[str, str]:
    told = {"name": message.sender_name, "address": message.sender, "subject": message.subject, "text": message.text}
    return {name: clean(value) for name, value in told.items()}


def _keep_files(reply: PatientReply, message: ReceivedMessage) -> None:
    for rank, file in enumerate(message.attachments, start=1):
        kept = blobs.store(file.data, media_type=clean(file.media_type, 60))
        ReplyFile.objects.create(
            reply=reply, rank=rank, name=clean(file.name, 200), media_type=clean(file.media_type, 60), blob=kept
        )


def _letter(incoming: Incoming) -> PatientLetter | None:
    """The message of ours that she answers, when her mail names it."""
    if not incoming.message_id:
        return None
    named = clean(incoming.message_id)
    return PatientLetter.objects.filter(shipment__message_id=named).select_related("organisation").first()


def _person(sender: str, site: Organisation) -> Person | None:
    """One qualified identity of this matricule, under the authorities accepted here, whom this site follows."""
    matricule = matricule_of(sender)
    if not matricule:
        return None
    accepted = oids.INS_PRODUCTION if settings.IDENTITY_ACCEPTS_PRODUCTION else oids.INS_TEST
    rows = Person.objects.filter(ins_matricule=matricule, ins_oid__in=accepted, ins_status=InsStatus.QUAL)
    found = [person for person in rows[:2] if mail_matching.last_stay(person, site) is not None]
    return found[0] if len(found) == 1 else None


def _stay(person: Person | None, letter: PatientLetter | None, site: Organisation) -> Stay | None:
    if person is None:
        return None
    return letter.stay if letter else mail_matching.last_stay(person, site)


def _ended(person: Person | None, site: Organisation, incoming: Incoming) -> bool:
    """The last message that this site sent her before this one closed the conversation."""
    if person is None:
        return False
    sent = PatientLetter.objects.filter(person=person, organisation=site, shipment__accepted_at__lt=incoming.at)
    return bool(sent.order_by("-shipment__accepted_at").values_list("closes", flat=True).first())


def _tell(reply: PatientReply) -> None:
    """A line for the ward; in a practice, which has no such list, a notice to who wrote."""
    message = LINE_UNKNOWN if reply.person_id is None else LINE_AFTER_END if reply.after_end else LINE
    worklist.open_item(
        WorkItemKind.PATIENT_REPLY, key=str(reply.pk), organisation=reply.organisation, stay=reply.stay, message=message
    )
    author = reply.letter.author if reply.letter else None
    if author is not None and author.professional_id and not author.is_hospital:
        notices.tell(author.professional_id, text=NOTICE, path=INBOX)


@transaction.atomic
def attach(reply: PatientReply, *, person: Person, stay: Stay, by: User) -> None:
    """« C'est elle »: somebody has looked. Raises LetterRefusedError: said already, or a stay that is not hers here."""
    held = PatientReply.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=reply.pk)
    if held.person_id is not None:
        raise LetterRefusedError(ATTACHED)
    if not mail_matching.is_here(person, stay, held.organisation):
        raise LetterRefusedError(NOT_HERS)
    held.person, held.stay = person, stay
    held.save(update_fields=["person", "stay"])
    worklist.close_items(WorkItemKind.PATIENT_REPLY, key=str(held.pk), by=by, reason="rattachée")
    if held.handled_at is None:  # once it is handled nobody could close a line any more
        worklist.open_item(
            WorkItemKind.PATIENT_REPLY, key=str(held.pk), organisation=held.organisation, stay=stay, message=LINE
        )
    audit.record("patient_reply.attached", by=by, subject=held, person=str(person.pk))


@transaction.atomic
def handle(reply: PatientReply, *, by: User) -> None:
    """Read, and done with what it asked; a second time only closes the line that would still be open."""
    done = PatientReply.objects.filter(pk=reply.pk, handled_at__isnull=True)
    first = done.update(handled_at=timezone.now(), handled_by=by)
    worklist.close_items(WorkItemKind.PATIENT_REPLY, key=str(reply.pk), by=by, reason="traitée")
    if first:
        audit.record("patient_reply.handled", by=by, subject=reply)
