"""From an accepted mail to mailboxes, and the reports that come back (RFC 5321 §6, RFC 3461-3464)."""

from __future__ import annotations

from email.parser import BytesHeaderParser
from typing import Any

from mssante.sandbox import dsn, patients
from mssante.sandbox.agenda import Agenda, Job
from mssante.sandbox.clock import Clock
from mssante.sandbox.faults import Faults
from mssante.sandbox.mes import address_fault
from mssante.sandbox.people import Mailbox, People
from mssante.sandbox.report import headers
from mssante.sandbox.settings import Settings
from mssante.sandbox.store import Store, new_id
from mssante.sandbox.submission import EnvelopeRecipient, Submission
from mssante.sandbox.trust_space import PATIENT_DOMAIN, TrustSpace

MDN_FIRST_S = 0.5  # how long after the reading a DSN leaves when a fault reverses them
REACTING = frozenset({"reader", "integrator", "replier", "out_of_office"}) | patients.ANSWERING


class PostOffice:
    def __init__(
        self,
        *,
        store: Store,
        people: People,
        trust: TrustSpace,
        agenda: Agenda,
        faults: Faults,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._people = people
        self._trust = trust
        self._agenda = agenda
        self._faults = faults
        self._settings = settings
        self._clock = clock

    # acceptance -------------------------------------------------------------------------------

    async def accept(self, submission: Submission) -> None:
        """Store the mail where it goes, synced; what follows is put in the agenda."""
        raw = self._trace(submission) + submission.raw
        fates = [(recipient, self._failure(recipient.address, len(raw))) for recipient in submission.recipients]
        stored = [recipient.address for recipient, failure in fates if not failure and self._stores(recipient)]
        await self._store.run(lambda: self._write(submission, raw, stored))
        for address in stored:
            self._store.folder(address).notify()
        for recipient, failure in fates:
            self._plan(submission, recipient, failure)

    def _trace(self, submission: Submission) -> bytes:
        host = self._settings.hostname
        received = f"from client.invalid by {host} with ESMTPSA id {submission.id};\r\n\t{self._clock.rfc5322()}"
        return headers([("Return-Path", f"<{submission.sender}>"), ("Received", received)])

    def _write(self, submission: Submission, raw: bytes, stored: list[str]) -> None:
        now = self._clock.iso()
        path = self._store.keep(submission.id, raw)
        for address in stored:
            self._store.folder(address).add(
                submission.message_id, id=submission.id, raw=raw, received_at=now, source=path
            )
        self._store.submissions.append(
            {
                "id": submission.id,
                "at": now,
                "message_id": submission.message_id,
                "sender": submission.sender,
                "recipients": [recipient.address for recipient in submission.recipients],
                "stored_in": stored,
                "party": submission.party,
                "envelope_id": submission.envelope_id,
                "size": len(submission.raw),
                "findings": [finding.to_json() for finding in submission.findings],
            }
        )

    def _failure(self, address: str, size: int) -> str:
        """SMTP reply of the other operator when its mailbox takes nothing; empty when it does."""
        local, _, domain = address.rpartition("@")
        if domain == PATIENT_DOMAIN:
            if fault := address_fault(local):
                return f"550 5.1.3 {fault}"
            if size > self._settings.patient_max_bytes:
                return "552 5.3.4 message larger than 25 MB"
        box = self._people.get(address)
        if box is None:
            return "550 5.1.1 mailbox unavailable: unknown user"
        return " ".join(box.refusal) if box.refusal else ""

    def _stores(self, recipient: EnvelopeRecipient) -> bool:
        box = self._people.get(recipient.address)
        return box is not None and box.behaviour not in ("late_bounce", "slow_delivery")

    # consequences -----------------------------------------------------------------------------

    def _plan(self, submission: Submission, recipient: EnvelopeRecipient, failure: str) -> None:
        box = self._people.get(recipient.address)
        effect = self._faults.receipt(
            sender=submission.sender, recipient=recipient.address, message_id=submission.message_id
        )
        delay = self._settings.dsn_delay_s
        reading = box.delay_s if box else 0.0
        if failure:
            self._report(submission, recipient, "failed", failure, delay, effect)
            return
        assert box is not None
        if box.behaviour == "late_bounce":
            reply = f"{box.smtp_code} delivery refused by the recipient system"
            self._report(submission, recipient, "failed", reply, reading, effect)
            return
        if box.behaviour == "slow_delivery":
            reply = "451 4.4.1 no answer from the recipient system, still trying"
            self._report(submission, recipient, "delayed", reply, delay, effect)
            self._agenda.add("deliver", after_s=reading, id=submission.id, recipient=box.address)
            delay = reading
        elif effect == "mdn_first":
            delay = reading + MDN_FIRST_S
        self._report(submission, recipient, "delivered", "250 2.1.5 delivered to mailbox", delay, effect)
        if box.kind == "PAT":
            self._agenda.add("patient", id=submission.id, sender=submission.sender, recipient=box.address)
        if box.behaviour in REACTING and submission.sender and effect != "drop":
            for _ in range(2 if effect == "duplicate" else 1):
                self._agenda.add("react", after_s=reading, id=submission.id, recipient=box.address)

    def _report(
        self,
        submission: Submission,
        recipient: EnvelopeRecipient,
        action: str,
        reply: str,
        delay: float,
        effect: str,
    ) -> None:
        """A DSN, unless nobody wants it or the mail itself has a null reverse-path (RFC 3461 §6)."""
        if effect == "drop" or not submission.sender or not recipient.wants(action):
            return
        for _ in range(2 if effect == "duplicate" else 1):
            self._agenda.add(
                "dsn",
                after_s=delay,
                id=submission.id,
                sender=submission.sender,
                recipient=recipient.address,
                original=recipient.original,
                action=action,
                reply=reply,
                envelope_id=submission.envelope_id,
                full=submission.return_full,
                arrival=self._clock.rfc5322(),
            )

    async def send_dsn(self, job: Job) -> None:
        """Agenda handler: one DSN to the sender."""
        data: dict[str, Any] = job.data
        reply = data["reply"]
        original = self._store.message_path(data["id"]).read_bytes()
        if self._is_told_in_words(data):
            told = patients.notice(
                data["sender"], reply.split(" ")[1], original, self._clock.rfc5322(), self._settings.hostname
            )
            await self.put(data["sender"], told)
            return
        outcome = dsn.Outcome(
            recipient=data["recipient"],
            original_recipient=data["original"],
            action=data["action"],
            status=reply.split(" ")[1],
            diagnostic=reply,
        )
        mail = dsn.build(
            outcome,
            original=original,
            sender=data["sender"],
            envelope_id=data["envelope_id"],
            return_full=data["full"],
            arrival=data["arrival"],
            now=self._clock.rfc5322(),
            host=self._settings.hostname,
        )
        await self.put(data["sender"], mail)

    def _is_told_in_words(self, data: dict[str, Any]) -> bool:
        """Mon espace santé may say in words what it does not deliver (setting): its exact form was not obtained."""
        to_patient = data["recipient"].endswith(f"@{PATIENT_DOMAIN}")
        return data["action"] == "failed" and to_patient and self._settings.patient_notices_in_words

    async def deliver_late(self, job: Job) -> None:
        """Agenda handler: a delayed mail reaches its mailbox at last."""
        raw = self._store.message_path(job.data["id"]).read_bytes()
        await self.put(job.data["recipient"], raw, trace=False)

    async def put(self, address: str, mail: bytes, *, trace: bool = True) -> str:
        """Put a mail straight into an INBOX (report, correspondent's mail); its id. "" when no box."""
        box: Mailbox | None = self._people.get(address)
        if box is None:
            return ""
        raw = headers([("Return-Path", "<>")]) + mail if trace else mail
        id = new_id()
        folder = self._store.folder(box.address)
        now = self._clock.iso()
        message_id = find_message_id(raw)
        await self._store.run(lambda: folder.add(message_id, id=id, raw=raw, received_at=now))
        folder.notify()
        return id


def find_message_id(raw: bytes) -> str:
    """Message-ID of a mail, angle brackets included, in ASCII; empty when it has none."""
    value = str(BytesHeaderParser().parsebytes(raw[:65_536]).get("Message-ID", "")).strip()
    return value.encode("ascii", "replace").decode()
