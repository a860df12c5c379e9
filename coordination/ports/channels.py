"""Ways out of perinat: what is sent, what proves it, what comes back, and how it fails."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from perinat.standards.received import Disposition, ReceivedMessage
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
