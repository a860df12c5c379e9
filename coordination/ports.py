"""The border between the core and the outside: what the core asks, what an adapter answers.

No ORM object, no protocol object crosses it. Adapters are found by dotted path in settings
(`CHANNELS`, `IDENTITY`, …); they import this module and `perinat.standards`, nothing else of the core.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from perinat.standards.health_directory import DirectoryPage
from perinat.standards.national_identity import IdentityResult, IdentityTraits
from perinat.standards.pushed import IntakeRefusal, Pushed, PushedReport
from perinat.standards.received import Disposition, ReceivedMessage
from perinat.standards.shared_record import (
    HeldDocument,
    RecordAccess,
    RecordChanges,
    RecordDocument,
    RecordPatient,
    RecordState,
)
from perinat.standards.xds import DocumentEntry, Professional, SourcePatient, SubmissionSet


class Action(enum.StrEnum):
    """What a shipment asks of its channel."""

    SEND = "SEND"
    REPLACE = "REPLACE"
    WITHDRAW = "WITHDRAW"


@dataclass(frozen=True, slots=True)
class Sender:
    """The site that sends: name, Struct_IdNat of the site (EG) and of the legal entity (EJ).

    `facility_code` is JDV_J02 (SA01…); `user` the person in whose name the act is done (VIHF
    subject), `user_role` its profession code in TRE_G15 (10, 50…) or in TRE_A00 (SECRETARIAT_MEDICAL).
    `mailbox` is the MSSanté address that sends, empty when the site has none.
    """

    name: str
    struct_idnat: str
    legal_struct_idnat: str
    facility_code: str
    user: Professional
    user_role: str
    mailbox: str = ""
    phone: str = ""
    address: tuple[str, str, str] = ("", "", "")  # line, postal code, city


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives: a mailbox of a person or an organisation, or the DMP (empty address)."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class ParcelDocument:
    """One sealed document. `cda` bytes never change between attempts; `pdf_a` is its readable twin.

    `replaces_unique_id`: OID of the version this one replaces (or withdraws), else empty. `note`: what the software
    that pushed it asked to write to the recipient, in its own words.
    """

    cda: bytes
    pdf_a: bytes
    entry: DocumentEntry
    set_id: str
    version: int
    replaces_unique_id: str = ""
    note: str = field(default="", repr=False)

    @property
    def unique_id(self) -> str:
        return self.entry.unique_id


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in words to the patient herself. `closes`: she may answer neither it nor what came before."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """One patient × one channel × one recipient × one action, 1..n documents; none when a letter goes alone.

    `message_id` (RFC 5322, without angle brackets) and `submission_set.unique_id` are stable over
    all attempts. `previous_message_id`: the mail that a REPLACE or WITHDRAW answers (In-Reply-To,
    ECO.2.2.2), empty when there is none or it is not known. `secret`: secret connection of a minor, where
    every document is hidden from her legal representatives.
    """

    shipment_id: UUID
    action: Action
    sender: Sender
    recipient: Recipient
    patient: SourcePatient
    submission_set: SubmissionSet
    message_id: str
    documents: tuple[ParcelDocument, ...]
    reason: str = ""
    previous_message_id: str = ""
    secret: bool = False
    letter: Letter | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """The channel accepted the parcel. `raw` is kept encrypted; `code` is the remote's, verbatim."""

    code: str
    remote_id: str
    at: datetime
    raw: bytes = b""
    documents: dict[str, str] = field(default_factory=dict)  # unique_id → remote reference


class ReceiptKind(enum.StrEnum):
    """What a later fact says of a shipment."""

    DELIVERED = "DELIVERED"  # DSN delivered / relayed
    DELAYED = "DELAYED"  # DSN delayed
    BOUNCED = "BOUNCED"  # DSN failed
    INTEGRATED = "INTEGRATED"  # MDN processed
    NOT_INTEGRATED = "NOT_INTEGRATED"  # MDN processed/error or failed
    DISPLAYED = "DISPLAYED"  # MDN displayed
    AUTOREPLY = "AUTOREPLY"  # out of office: known, changes nothing
    DOCUMENTS = "DOCUMENTS"  # no receipt: a mail that carries documents (`Incoming.mail`)
    REPLY = "REPLY"  # no receipt: a person writes from her box in Mon espace santé (`Incoming.mail`)
    UNKNOWN = "UNKNOWN"  # kept for a person


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something that arrived. `token` is opaque to the core and given back to `acknowledge`.

    `message_id` names the mail that the receipt speaks of (Original-Message-ID, Original-Envelope-Id
    or In-Reply-To), empty when it names none. `digest` (SHA-256 hex of the raw bytes) makes storing
    it twice harmless. `mailbox` is the address of ours that received it: whose staff reads what nobody knows.
    """

    token: str
    kind: ReceiptKind
    message_id: str
    recipient: str
    at: datetime
    code: str
    message_fr: str
    raw: bytes
    digest: str
    mailbox: str = ""
    mail: ReceivedMessage | None = None


class ChannelError(Exception):
    """Base of the three failures. `code`: remote, verbatim; `message_fr`: for the screen; `detail`: for the log;
    `of_channel`: the channel itself fails, any other parcel would have met the same (breaker, ADR 0020)."""

    def __init__(
        self, code: str, message_fr: str, detail: str = "", raw: bytes = b"", *, of_channel: bool = False
    ) -> None:
        super().__init__(f"{code}: {detail or message_fr}")
        self.code = code
        self.message_fr = message_fr
        self.detail = detail
        self.raw = raw
        self.of_channel = of_channel


class PermanentChannelError(ChannelError):
    """A person must act: the same parcel would be refused again. `functional`: a normal answer about the patient
    (no DMP, closed, opposition), nothing failed."""

    def __init__(
        self, code: str, message_fr: str, detail: str = "", raw: bytes = b"", *, functional: bool = False
    ) -> None:
        super().__init__(code, message_fr, detail, raw)
        self.functional = functional


class PreviousAbsentError(PermanentChannelError):
    """REPLACE: the channel surely does not hold the version to replace, nothing was kept. Send it as a new one."""


class TemporaryChannelError(ChannelError):
    """Surely not received: try again later."""


class UncertainChannelError(ChannelError):
    """Perhaps received (cut or timeout after sending): ask `find` before resending."""


@dataclass(frozen=True, slots=True)
class DocumentSize:
    """Bytes of one sealed document before it is wrapped: its CDA, and its PDF/A-1 twin."""

    cda: int
    pdf_a: int


class Channel(Protocol):
    """A way out of perinat. Thread-safe; keeps its own pooled connections."""

    @property
    def max_bytes(self) -> int:
        """The heaviest sending this channel takes, counted as `size_of` counts."""
        ...

    def size_of(self, documents: Sequence[DocumentSize]) -> int:
        """At least what one sending of these documents weighs for this channel, encoding included. No network."""
        ...

    def submit(self, parcel: Parcel) -> Proof:
        """Send (SEND or REPLACE). Raises one of the three ChannelError."""
        ...

    def find(self, parcel: Parcel) -> Proof | None:
        """« Did you already receive this? » None: surely not, or this channel cannot tell."""
        ...

    def withdraw(self, parcel: Parcel) -> Proof:
        """Take back the documents of the parcel. Raises one of the three ChannelError."""
        ...

    def collect(self) -> Iterator[Incoming]:
        """What arrived since the last acknowledged item, oldest first; may be empty."""
        ...

    def acknowledge(self, incoming: Incoming) -> None:
        """The core has committed it: do not offer it again."""
        ...


@runtime_checkable
class Correspondent(Protocol):
    """A channel that answers the mails it receives."""

    def answer(self, disposition: Disposition) -> Proof:
        """Send the notification. Raises one of the three ChannelError."""
        ...

    def reread(self, raw: bytes, *, mailbox: str, received_at: datetime) -> Incoming:
        """A mail kept aside, read again as if it had just come into this mailbox. Never raises on its content."""
        ...


@dataclass(frozen=True, slots=True)
class OpenedBox:
    """A mailbox that only somebody who is signed in may open. `since`: what came before is not read."""

    address: str
    since: datetime


class BoxKeeper(Protocol):
    """The mailboxes opened by the Pro Santé Connect token of a professional (ADR 0021). Thread-safe; keeps no token."""

    def boxes(self) -> Sequence[OpenedBox]:
        """Those that somebody signed in can open now."""
        ...

    def declares(self, address: str) -> bool:
        """Whether it is one of these boxes, open now or not."""
        ...

    def tokens(self, address: str) -> Iterator[str]:
        """A fresh access token of each person who may open it and is signed in. Never kept, never written."""
        ...


class AccessTokens(Protocol):
    """Who is signed in with Pro Santé Connect, and her access token (ADR 0021). Never raises."""

    def is_open(self, user_id: str) -> bool:
        """Whether she is signed in, here and there. No network but the cache."""
        ...

    def access_token(self, user_id: str) -> str | None:
        """A token good for some time yet; None: she is not signed in, or nobody answers. Never kept, never written."""
        ...


class IdentityService(Protocol):
    """INSi: search by strict traits (SEL-MP-043). Thread-safe."""

    def ask(self, traits: IdentityTraits) -> IdentityResult:
        """Whose INS has these traits? A service that is silent, or says nonsense, answers UNAVAILABLE."""
        ...


class Directory(Protocol):
    """Annuaire Santé, to be mirrored. One page per call; every method raises a health_directory.DirectoryError."""

    def places(self, departement: str, *, since: datetime | None = None, cursor: str = "") -> DirectoryPage:
        """Places of a département and the practices there, all of them or those changed since."""
        ...

    def practices(self, *, since: datetime, cursor: str = "") -> DirectoryPage:
        """Practices changed since, wherever they are."""
        ...

    def changed_people(self, *, since: datetime, cursor: str = "") -> DirectoryPage:
        """People changed since, wherever they are."""
        ...

    def people(self, keys: Sequence[str]) -> DirectoryPage:
        """The people of these keys, a page at most."""
        ...


class Notifier(Protocol):
    """Content-free notices: never a name, never a reason (rdv-service-public #372)."""

    def notify(self, address: str, *, text_fr: str, path: str) -> None: ...


class RecordAct(enum.StrEnum):
    """What may be done on a shared record. The value is the DMP transaction that does it."""

    TEST = "0.2"
    ADMINISTRATIVE = "1.3a"
    AUTHORIZE = "0.3 AJOUT"
    REVOKE = "0.3 SUPPRESSION"
    LIST_PATIENTS = "0.4"
    LIST_ACCESSES = "1.6"
    DEPOSIT = "2.1"
    SEARCH = "3.1a"
    FIND_REFERENCE = "3.1b"
    READ = "3.2"
    MASK = "3.3a masquage"
    UNMASK = "3.3a démasquage"
    REVEAL = "3.3b"
    DELETE = "3.3c"
    ARCHIVE = "3.3d"


class Scope(enum.StrEnum):
    """How far a right reaches."""

    NO = "NO"
    OWN = "OWN"  # documents whose author she is; all of them for the treating doctor, but to delete
    STRUCTURE = "STRUCTURE"  # documents of the structure, or in its name
    YES = "YES"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who consults. `strong`: signed in with Pro Santé Connect at `signed_in_at`, else by the site alone.

    `secret`: secret connection of a minor, where only what is hidden from her legal representatives is handled.
    """

    sender: Sender
    signed_in_at: datetime
    strong: bool = True
    secret: bool = False


class DocumentSource(Protocol):
    """A shared record where a person reads documents (DMP consultation). Thread-safe.

    Every method raises one of the ChannelError, worded for the person in front of the screen, and
    PermanentChannelError « RIGHT_DENIED » before any network call when the reader has no right.
    """

    def rights(self, reader: Reader) -> dict[RecordAct, Scope]:
        """What this reader may do: what is not here is not offered. No network."""
        ...

    def rights_on(
        self, reader: Reader, document: RecordDocument, *, treating_doctor: bool = False
    ) -> frozenset[RecordAct]:
        """What this reader may do on this document as it is now. No network."""
        ...

    def state(self, reader: Reader, patient: SourcePatient) -> RecordState:
        """Does the record exist, may she open it?"""
        ...

    def administrative(self, reader: Reader, patient: SourcePatient) -> RecordState:
        """The same with what the administrative data add."""
        ...

    def authorize(self, reader: Reader, patient: SourcePatient, *, agreed_at: datetime, treating: bool = False) -> None:
        """Declare that the patient agreed, now, in front of her. Never called without that act of the user."""
        ...

    def revoke(self, reader: Reader, patient: SourcePatient) -> None:
        """End the authorisation of the reader."""
        ...

    def patients(self, reader: Reader, *, since: datetime) -> tuple[RecordPatient, ...]:
        """The people whose record the reader may open, authorised since then."""
        ...

    def accesses(self, reader: Reader, patient: SourcePatient) -> tuple[RecordAccess, ...]:
        """Who may open this record, and who is refused."""
        ...

    def search(
        self, reader: Reader, patient: SourcePatient, *, since: datetime | None = None, archived: bool = False
    ) -> tuple[RecordDocument, ...]:
        """Its documents, the latest first. `since` bounds the act described (two years without it)."""
        ...

    def changes(
        self, reader: Reader, patient: SourcePatient, *, since: datetime, held: Sequence[HeldDocument]
    ) -> RecordChanges:
        """What arrived since the last search, told apart from what is already held."""
        ...

    def retrieve(self, reader: Reader, patient: SourcePatient, document: RecordDocument) -> bytes:
        """The bytes of a document, verified: identifier, hash, size."""
        ...

    def mask(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, masked: bool) -> None:
        """Mask a document to professionals, or unmask it."""
        ...

    def reveal(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, mask: str) -> None:
        """Lift `mask`, INVISIBLE_PATIENT or INVISIBLE_REPRESENTANTS_LEGAUX. There is no way back."""
        ...

    def archive(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, archived: bool) -> None:
        """Archive a document, or make it active again."""
        ...

    def delete(self, reader: Reader, patient: SourcePatient, document: RecordDocument) -> None:
        """Delete a document (logical deletion)."""
        ...


class Intake(Protocol):
    """What the core gives to who pushes stays and documents in. Never raises; the same message is taken once."""

    def __call__(self, message: Pushed) -> IntakeRefusal | None:
        """None: taken, and committed."""
        ...


class IntakeReports(Protocol):
    """The way back to who pushed documents in: what became of them. Thread-safe."""

    def report(self, report: PushedReport) -> None:
        """Told and taken there. Raises PermanentChannelError when it is refused, else a failure: tell it again."""
        ...
