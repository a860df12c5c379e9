"""A mail that brings documents: kept once as it came, each document in its place or in front of a person."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from coordination import blobs
from coordination.lifecycles import ReceivedStatus as R
from coordination.models import Organisation, Professional, ReceivedDocument, ReceivedMail, Shipment
from coordination.ports import Incoming
from coordination.selectors import mail_matching
from coordination.selectors.mail_matching import Verdict
from coordination.services import mail_answers, mail_filing, mail_reading, receipts, transitions
from coordination.services.mail_reading import Told
from perinat.standards.received import ReceivedFile, ReceivedMessage

logger = logging.getLogger(__name__)
MAIL = "message/rfc822"
ARCHIVE_FR = "Archive refusée"
WORDS_FR = "Ce message ne porte aucun document nouveau : lisez-le, puis classez-le pour une personne ou écartez-le."
NO_SUBJECT = "Message sans objet"
SEVERAL_PEOPLE = "Ce message porte les documents de plusieurs personnes : chacun se classe à la main."


def store(incoming: Incoming, site: Organisation, *, holder: Professional | None = None) -> ReceivedMail:
    """Keep the mail and its documents, once in a box (by digest), and file what is sure. In the caller's transaction.

    `holder`: of the personal box it came into, hers alone.
    """
    known = ReceivedMail.objects.filter(digest=incoming.digest, mailbox=clean(incoming.mailbox, 254)).first()
    if known is not None:
        return known
    message = incoming.mail
    assert message is not None
    mail = ReceivedMail.objects.create(
        organisation=site,
        mailbox=clean(incoming.mailbox, 254),
        holder=holder,
        digest=incoming.digest,
        message_id=clean(message.message_id, 250),
        sender=clean(message.sender, 254),
        sender_name=clean(message.sender_name, 120),
        subject=clean(message.subject, 300),
        text=clean(message.text),
        warnings=[clean(warning) for warning in message.warnings],
        refusal=message.refusal_fr,
        receipt_to=clean(message.receipt_to, 254),
        raw=blobs.store(incoming.raw, media_type=MAIL),
        sent_at=incoming.at,
    )
    _keep_documents(mail, message)
    if mail.documents.exists():
        mail_answers.settle(mail)  # before its words: what becomes of them says nothing of the documents
    if _brings_words_only(mail):
        _keep_words(mail, receipts.shipment_of(incoming))
    return mail


def _brings_words_only(mail: ReceivedMail) -> bool:
    """No document, or our own papers come back to the site: in a personal box, these are what we sent to its holder."""
    documents = mail.documents.all()
    if mail.holder_id:
        return not documents.exists()
    return not documents.exclude(status=R.KNOWN, same_as__isnull=True).exists()


def _keep_words(mail: ReceivedMail, answered: Shipment | None) -> None:
    """A mail that brings nothing is a line too, as one that brings back our own papers: only its words are news.

    Who it may be about is the person of the sending that it answers.
    """
    title = mail.subject or NO_SUBJECT
    file = ReceivedFile(name="message.txt", media_type="text/plain", data=mail.text.encode(), title=title)
    document = _keep(mail, mail.documents.count(), file, mail_reading.read(file), b"")
    verdict = None
    if answered is not None and answered.organisation_id == mail.organisation_id:
        verdict = Verdict(answered.person, answered.stay)
    mail_filing.ask(document, mail_matching.NO_INS, WORDS_FR, verdict=verdict)


def _keep_documents(mail: ReceivedMail, message: ReceivedMessage) -> None:
    lines = paired([(file, mail_reading.read(file)) for file in message.documents], message.attachments)
    people = {told.ins for _, told, _ in lines if told.ins}
    for rank, (file, told, twin) in enumerate(lines):
        document = _keep(mail, rank, file, told, twin)
        if len(people) > 1:
            mail_filing.ask(document, mail_matching.OTHER, SEVERAL_PEOPLE)
            continue
        verdict = mail_matching.verdict(mail.organisation, told.patient, file.ins, holder=mail.holder)
        mail_filing.place(document, told, verdict)
    if message.refusal_fr:
        _keep_refusal(mail, len(lines))


def paired(
    documents: Sequence[tuple[ReceivedFile, Told]], attachments: Sequence[ReceivedFile]
) -> list[tuple[ReceivedFile, Told, bytes]]:
    """One line for a document and its PDF copy: the same bytes, else as many copies as documents, in their order.

    The PDF inside the document is preferred to the one attached beside it (SC.CDA/VISU); a PDF that is nobody's
    copy, or any other file, is a line of its own.
    """
    inside = {told.pdf for _, told in documents if told.pdf}
    copies = [file for file in attachments if mail_reading.is_pdf(file) and file.data not in inside]
    others = [file for file in attachments if not mail_reading.is_pdf(file)]
    waiting = [index for index, (file, told) in enumerate(documents) if told.patient and not told.pdf and not file.twin]
    twins: dict[int, bytes] = {}
    if len(copies) == len(waiting):
        twins, copies = {index: file.data for index, file in zip(waiting, copies, strict=True)}, []
    elif sum(map(mail_reading.is_pdf, attachments)) == len(documents):
        copies = []  # every document has its copy, and most hold it already
    lines = [(file, told, twins.get(index, file.twin)) for index, (file, told) in enumerate(documents)]
    return lines + [(file, mail_reading.read(file), b"") for file in (*copies, *others)]


def _keep(mail: ReceivedMail, rank: int, file: ReceivedFile, told: Told, twin: bytes) -> ReceivedDocument:
    document = ReceivedDocument(
        mail=mail,
        organisation=mail.organisation,
        holder=mail.holder,
        rank=rank,
        name=clean(file.name, 200),
        media_type=clean(file.media_type, 60),
        blob=blobs.store(file.data, media_type=clean(file.media_type, 60)),
        twin=blobs.store(twin, media_type=mail_reading.PDF) if twin and not told.pdf else None,
        action=file.action if file.action in ("C", "D") else "",
        unique_id=clean(told.unique_id, 200),
        target_id=clean(told.target_id, 200),
        title=clean(told.title, 200),
        type_code=clean(told.type_code, 20),
        type_label=clean(told.type_label, 200),
        written_at=told.written_at,
        told={key: clean(value) for key, value in told.as_json().items()},
        alerts=[{key: clean(value) for key, value in alert.items()} for alert in told.alerts],
    )
    document.save(force_insert=True)
    transitions.created(document)
    return document


def _keep_refusal(mail: ReceivedMail, rank: int) -> None:
    """The line of an archive that was not read: nothing of it is kept but the mail itself."""
    document = ReceivedDocument(
        mail=mail, organisation=mail.organisation, holder=mail.holder, rank=rank, name=ARCHIVE_FR, media_type=MAIL,
        blob=mail.raw,
    )  # fmt: skip
    document.save(force_insert=True)
    transitions.created(document)
    mail_filing.ask(document, mail_matching.OTHER, mail.refusal)
    logger.warning("mail.archive_refused id=%s", mail.pk)


def clean(text: str, longest: int | None = None) -> str:
    """PostgreSQL refuses the null character and half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:longest]
