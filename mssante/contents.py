"""What a mail carries: its archive, the files beside it, who writes and who wants to know what became of it.

Never raises on the content: an archive that is refused is told by its sentence, and the mail is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr

from mssante import html_words, xdm_reader
from mssante.zip_guard import ArchiveError
from perinat.standards.received import ReceivedFile, ReceivedMessage

PREFIX = "XDM/1.0/DDM"
ARCHIVE_NAME = "ihe_xdm.zip"
ZIP_TYPES = ("application/zip", "application/x-zip-compressed", "application/octet-stream")
MAX_FILES = 50
MAX_TEXT = 20_000  # characters of the message itself
MAX_DEPTH = 10  # parts inside one another
MAX_FORWARDED = 3  # mails inside one another: a colleague forwards what a colleague forwarded
FORWARDED = "message/rfc822"
_SPACES = re.compile(r"[ \t]+")
_PREFIX = re.compile(rf"{re.escape(PREFIX)}\s*\+?\s*", re.IGNORECASE)
NOTHING_FR = "Ce message annonce un document, mais n'en porte aucun."
SEVERAL_FR = "Ce message porte plusieurs archives : une personne doit les regarder."
FORWARDED_FR = "Ces documents étaient dans un message transféré : celui qui transfère n'en est pas forcément l'auteur."
TOO_DEEP_FR = "Ce message en contient d'autres, les uns dans les autres : les derniers ne sont pas ouverts."
TOO_MANY_FR = f"Ce message porte plus de {MAX_FILES} pièces jointes : seules les premières sont montrées."


@dataclass(frozen=True, slots=True)
class _File:
    """One part that is a file, and the subject of the mail that it stands in. `depth`: forwarded how many times."""

    part: Message
    subject: str
    depth: int

    @property
    def is_archive(self) -> bool:
        name = _name(self.part).lower()
        announced = self.subject.startswith(PREFIX) and self.part.get_content_type() in ZIP_TYPES
        return name == ARCHIVE_NAME or (announced and name.endswith(".zip"))


def may_carry(raw: bytes) -> bool:
    """Cheap: could this mail hold a file? (A mail of text alone costs one search.)"""
    head = raw.lower()
    return b"xdm/1.0/ddm" in head or b"attachment" in head or b"filename" in head or b"application/" in head


def read(raw: bytes) -> ReceivedMessage | None:
    """The mail and its documents; None when it carries no file at all."""
    message = message_from_bytes(raw, policy=policy.compat32)
    subject = decoded(message, "Subject")
    found = list(_files(message, subject))
    files = [one for one in found if one.part.get_content_type() != FORWARDED]
    if not found and not subject.startswith(PREFIX):
        return None
    archives = [one for one in files if one.is_archive]
    documents, warnings, refusal = _unpacked([one.part for one in archives])
    if any(one.depth for one in files):
        warnings = (*warnings, FORWARDED_FR)
    if len(files) < len(found):
        warnings = (*warnings, TOO_DEEP_FR)
    if not files:
        refusal = TOO_DEEP_FR if found else NOTHING_FR
    kept = [one.part for one in files if one not in archives]
    if len(kept) > MAX_FILES:
        warnings = (*warnings, TOO_MANY_FR)
    return replace(
        _words(message), documents=documents, attachments=_attachments(kept), warnings=warnings, refusal_fr=refusal
    )


def read_words(raw: bytes) -> ReceivedMessage:
    """A mail that is its words first: every file stands beside them as it came, an archive too."""
    message = message_from_bytes(raw, policy=policy.compat32)
    files = [one.part for one in _files(message, "") if one.part.get_content_type() != FORWARDED]
    read = replace(_words(message), attachments=_attachments(files))
    return read if read.text else replace(read, text=_text_of_html(message)[:MAX_TEXT])


def _words(message: Message) -> ReceivedMessage:
    sender_name, sender = parseaddr(decoded(message, "From"))
    return ReceivedMessage(
        sender=sender[:254],
        sender_name=sender_name[:120],
        subject=shown_subject(decoded(message, "Subject")),
        text=_text(message)[:MAX_TEXT],
        message_id=_one_line(message, "Message-ID").strip("<>"),
        receipt_to=_receipt_to(message, sender),
    )


def shown_subject(subject: str) -> str:
    """Without the XDM prefix, wherever answers and forwardings left it (ECO.3.1.3)."""
    return _PREFIX.sub("", subject).strip()


def _attachments(files: list[Message]) -> tuple[ReceivedFile, ...]:
    return tuple(_attachment(part) for part in files[:MAX_FILES])


def _unpacked(archives: list[Message]) -> tuple[tuple[ReceivedFile, ...], tuple[str, ...], str]:
    """(documents, warnings, refusal) of the archive."""
    if len(archives) > 1:
        return (), (), SEVERAL_FR
    if not archives:
        return (), (), ""
    try:
        archive = xdm_reader.read(_payload(archives[0]))
    except ArchiveError as error:
        return (), (), error.message_fr
    return archive.documents, archive.warnings, ""


def _files(message: Message, subject: str, depth: int = 0, forwarded: int = 0) -> Iterator[_File]:
    """Parts that are files, those of the mails that it forwards too: what is deeper comes as the mail, unopened."""
    if message.get_content_type() == FORWARDED and forwarded == MAX_FORWARDED:
        yield _File(message, subject, forwarded)
        return
    payload = message.get_payload()
    if isinstance(payload, list):
        inner = forwarded + (message.get_content_type() == FORWARDED)
        for part in payload if depth < MAX_DEPTH else ():
            if isinstance(part, Message):
                named = decoded(part, "Subject") if inner > forwarded else subject
                yield from _files(part, named, depth + 1, inner)
    elif message.get_filename() or _stands_alone(message):
        yield _File(message, subject, forwarded)


def _stands_alone(part: Message) -> bool:
    """A file without a name: said to be attached, or nothing that a mail shows as its text."""
    return part.get_content_disposition() == "attachment" or part.get_content_maintype() not in (
        "text",
        "multipart",
        "message",
    )


def _attachment(part: Message) -> ReceivedFile:
    return ReceivedFile(name=_name(part)[:200] or "sans nom", media_type=part.get_content_type(), data=_payload(part))


def _name(part: Message) -> str:
    """File name without any folder; RFC 2231 and, as many write it, RFC 2047."""
    name = part.get_filename() or ""
    with suppress(MessageError, LookupError, UnicodeDecodeError, ValueError):
        name = str(make_header(decode_header(name)))
    return _SPACES.sub(" ", re.split(r"[\\/]", name)[-1]).strip()


def _payload(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _text(message: Message) -> str:
    """The first text/plain part that is not a file."""
    return _first_text(message, "text/plain")


def _text_of_html(message: Message) -> str:
    """The words of a mail that has no plain text."""
    return html_words.words(_first_text(message, "text/html"))


def _first_text(message: Message, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == kind and not part.get_filename():
            charset = part.get_content_charset("utf-8")
            try:
                return _payload(part).decode(charset, "replace").replace("\r\n", "\n").strip()
            except LookupError:  # a charset of no table
                return _payload(part).decode("utf-8", "replace").strip()
    return ""


def _receipt_to(message: Message, sender: str) -> str:
    """Disposition-Notification-To, when it is the address that sends: another one needs a person (RFC 8098 §2.1)."""
    wanted = parseaddr(_one_line(message, "Disposition-Notification-To"))[1]
    returned = parseaddr(_one_line(message, "Return-Path"))[1] or sender
    return wanted if wanted and wanted.lower() == returned.lower() else ""


def _one_line(message: Message, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def decoded(message: Message, name: str) -> str:
    """A header with its encoded words decoded; as it stands when they cannot be."""
    value = _one_line(message, name)
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, LookupError, UnicodeDecodeError, ValueError):
        return value
