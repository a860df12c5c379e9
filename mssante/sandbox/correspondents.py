"""The simulated people: what a mailbox sends back once a mail lies in it.

`reader`: MDN displayed (RFC 8098). `integrator`: MDN processed or processed/error, or the « courriel
standard » when no receipt can leave by itself (IG LPS v1.1.3). `replier`: a document of theirs about the same person,
in an archive IHE_XDM. `answers`, `answers_with_files`: a person of Mon espace santé. `out_of_office`: RFC 3834.
"""

from __future__ import annotations

from email.message import Message
from email.parser import BytesHeaderParser

from mssante.sandbox import letters, mdn, patients, report
from mssante.sandbox.agenda import Job
from mssante.sandbox.clock import Clock
from mssante.sandbox.integration import integration_error
from mssante.sandbox.lint.mail import addresses, decode_text
from mssante.sandbox.mes import Conversations
from mssante.sandbox.people import Mailbox, People
from mssante.sandbox.post_office import PostOffice
from mssante.sandbox.settings import Settings
from mssante.sandbox.store import Store


class Correspondents:
    def __init__(
        self,
        *,
        people: People,
        post: PostOffice,
        store: Store,
        settings: Settings,
        conversations: Conversations,
        clock: Clock,
    ) -> None:
        self._people = people
        self._post = post
        self._store = store
        self._settings = settings
        self._conversations = conversations
        self._clock = clock

    async def react(self, job: Job) -> None:
        """Agenda handler: the person behind `recipient` deals with the mail `id`."""
        box = self._people.get(job.data["recipient"])
        path = self._store.message_path(job.data["id"])
        if box is None or not path.exists():
            return
        original = path.read_bytes()
        header = BytesHeaderParser().parsebytes(original)
        if box.behaviour == "out_of_office":
            await self._out_of_office(box, header)
        elif box.behaviour == "replier":
            await self._reply(box, header, original)
        elif box.behaviour in patients.ANSWERING:
            await self._acknowledge(box, mdn.Reading(box.address, "displayed"), header, original)
            await self._answer(box, header)
        elif box.behaviour == "reader":
            await self._acknowledge(box, mdn.Reading(box.address, "displayed"), header, original)
        elif box.behaviour == "integrator":
            error = box.error or integration_error(original, box.patients)
            reading = mdn.Reading(box.address, "processed", error, box.grammar)
            await self._acknowledge(box, reading, header, original)

    async def _reply(self, box: Mailbox, header: Message, original: bytes) -> None:
        """Only to a mail that brings documents: a receipt, or what is automatic, is never answered."""
        documents, return_path = letters.documents_of(original), addresses([str(header.get("Return-Path", ""))])
        if not documents or not return_path:
            return
        answer = tuple(letters.answer_to(data, box.owner or box.address) for data in documents[:1])
        letter = letters.Letter(box, return_path[0], letters.ANSWER_FR, answer, str(header.get("Message-ID", "")))
        await self._post.put(return_path[0], letters.compose(letter, self._clock), trace=False)

    async def _answer(self, box: Mailbox, header: Message) -> None:
        """A person of Mon espace santé answers, while she may, the box that is her contact (ENS §7, §9)."""
        contacts = addresses([str(value) for value in header.get_all("Reply-To", [])])
        to = next(iter(contacts or addresses([str(header.get("Return-Path", ""))])), "")
        if to and self._conversations.may_write(box.address, to):
            subject = decode_text(str(header.get("Subject", "")))
            mail = patients.answer(box, header, subject, to, self._clock.rfc5322())
            await self._post.put(to, mail, trace=False)

    async def note_patient(self, job: Job) -> None:
        """Agenda handler: a mail reached a patient; Mon espace santé keeps the right to answer."""
        header = BytesHeaderParser().parsebytes(self._store.message_path(job.data["id"]).read_bytes())
        subject = decode_text(str(header.get("Subject", "")))
        self._conversations.note(job.data["recipient"], job.data["sender"], header, subject)

    async def _acknowledge(self, box: Mailbox, reading: mdn.Reading, header: Message, original: bytes) -> None:
        """MDN when asked for towards the return path; only an integration failure is told otherwise."""
        wanted = addresses([str(value) for value in header.get_all("Disposition-Notification-To", [])])
        return_path = addresses([str(header.get("Return-Path", ""))])
        subject = decode_text(str(header.get("Subject", "")))
        host = box.domain
        now = self._clock.rfc5322()
        if wanted and wanted == return_path:
            mail = mdn.build(
                reading, to=wanted[0], subject=subject, message=header, original=original, now=now, host=host
            )
            await self._post.put(wanted[0], mail)
        elif reading.error and return_path:
            to = return_path[0]
            mail = mdn.build_standard_mail(
                reading, to=to, subject=subject, message=header, original=original, now=now, host=host
            )
            await self._post.put(to, mail)

    async def _out_of_office(self, box: Mailbox, header: Message) -> None:
        """RFC 3834: never to an automatic mail, never to a null return path."""
        return_path = addresses([str(header.get("Return-Path", ""))])
        if not return_path or str(header.get("Auto-Submitted", "no")).lower() != "no":
            return
        original_id = str(header.get("Message-ID", ""))
        subject = decode_text(str(header.get("Subject", "")))
        top = report.headers(
            [
                ("From", f"{report.encode_subject(box.owner)} <{box.address}>" if box.owner else box.address),
                ("To", return_path[0]),
                ("Subject", report.encode_subject(f"Auto : {subject}")),
                ("Date", self._clock.rfc5322()),
                ("Message-ID", report.message_id("absence", box.domain)),
                ("In-Reply-To", original_id),
                ("References", original_id),
                ("Auto-Submitted", "auto-replied"),
                ("X-MSS-NIL", mdn.NIL),
                ("MIME-Version", "1.0"),
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Transfer-Encoding", "8bit"),
            ]
        )
        text = "Je suis absente jusqu'à lundi. Votre message sera lu à mon retour.\r\n"
        await self._post.put(return_path[0], top + b"\r\n" + text.encode())
