"""What a mail brings, as values: its documents as they came, and what is answered to who sent it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from perinat.standards.codes import Code
from perinat.standards.identifiers import Ins


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """One file of a mail, as it came. `ins`, `unique_id`, `title`, `type`: said by its metadata, if any.

    `action`: empty, C (replaces) or D (deletes). `twin`: the PDF that stood beside it in its archive.
    """

    name: str
    media_type: str
    data: bytes = field(repr=False)
    unique_id: str = ""
    title: str = ""
    type: Code | None = None
    ins: Ins | None = None
    action: str = ""
    twin: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A mail that carries documents: those of its archive, and the files attached beside it.

    `refusal_fr`: why its archive was not read (then `documents` is empty). `receipt_to`: who asked for a
    disposition notification that may be sent without asking anybody, empty when nobody did.
    """

    sender: str
    sender_name: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str
    documents: tuple[ReceivedFile, ...] = ()
    attachments: tuple[ReceivedFile, ...] = ()
    warnings: tuple[str, ...] = ()
    refusal_fr: str = ""
    receipt_to: str = ""


@dataclass(frozen=True, slots=True)
class Disposition:
    """What became of a mail received, told to who asked for it. `code`: 900 to 906, empty when all is filed.

    `message_id` is stable: an answer sent twice is one mail. `original`: the mail as it came.
    """

    mailbox: str
    to: str
    message_id: str
    code: str
    at: datetime
    original: bytes = field(repr=False)
