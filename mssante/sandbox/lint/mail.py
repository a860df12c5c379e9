"""A mail taken apart: decoded headers, leaf parts (never inside a forwarded mail), attachments."""

from __future__ import annotations

import email
import email.policy
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses
from functools import cached_property
from io import BytesIO

ARCHIVE_NAME = "IHE_XDM.ZIP"
SUBJECT_PREFIX = "XDM/1.0/DDM"


def decode_text(value: str) -> str:
    """RFC 2047 decoded; what cannot be decoded is given back as it stands."""
    unfolded = value.replace("\r\n", "").replace("\n", "")
    try:
        return str(make_header(decode_header(unfolded)))
    except (MessageError, LookupError, ValueError):
        return unfolded


def addresses(values: list[str]) -> list[str]:
    """Addresses of header values, lower case."""
    return [address.lower() for _, address in getaddresses(values) if address]


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf part. `name`: file name, empty when there is none."""

    content_type: str
    name: str
    raw_name: str
    charset: str
    attached: bool
    data: bytes


def _leaves(message: Message) -> Iterator[Message]:
    if message.get_content_maintype() == "multipart" and isinstance(message.get_payload(), list):
        for child in message.get_payload():
            assert isinstance(child, Message)
            yield from _leaves(child)
    else:
        yield message


def _part(message: Message) -> Part:
    name = message.get_filename() or ""
    payload = message.get_payload(decode=True)
    declared = message.get_param("charset")
    charset = collapse_rfc2231_value(declared) if isinstance(declared, (str, tuple)) else ""
    return Part(
        content_type=message.get_content_type(),
        name=decode_text(name),
        raw_name=str(message.get("Content-Disposition", "")) + str(message.get("Content-Type", "")),
        charset=charset.lower(),
        attached=message.get_content_disposition() == "attachment" or bool(name),
        data=payload if isinstance(payload, bytes) else b"",
    )


def _holds_xdm(data: bytes) -> bool:
    if not data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return any(name.upper().startswith("IHE_XDM/") for name in archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False


class Mail:
    """The mail under examination and its envelope."""

    def __init__(self, raw: bytes, mail_from: str, recipients: list[str]) -> None:
        self.raw = raw
        self.mail_from = mail_from.lower()
        self.recipients = [recipient.lower() for recipient in recipients]
        self.message = email.message_from_bytes(raw, policy=email.policy.compat32)

    def values(self, name: str) -> list[str]:
        return [str(value) for value in self.message.get_all(name, [])]

    def value(self, name: str) -> str:
        return next(iter(self.values(name)), "").strip()

    @cached_property
    def subject(self) -> str:
        return decode_text(self.value("Subject"))

    @cached_property
    def parts(self) -> list[Part]:
        return [_part(leaf) for leaf in _leaves(self.message)]

    @cached_property
    def archives(self) -> list[Part]:
        """Attachments that are, or are named as, an XDM archive."""
        return [part for part in self.parts if part.name.upper() == ARCHIVE_NAME or _holds_xdm(part.data)]

    @cached_property
    def pdfs(self) -> list[Part]:
        return [
            part for part in self.parts if part.content_type == "application/pdf" or part.name.lower().endswith(".pdf")
        ]

    @property
    def is_report(self) -> bool:
        return self.message.get_content_type() == "multipart/report"

    @property
    def should_carry_xdm(self) -> bool:
        """The mail carries an archive, or shows by its subject or headers that it means to."""
        announced = self.subject.upper().startswith(SUBJECT_PREFIX)
        headed = bool(self.values("X-MSS-CODECDA") or self.values("X-MSS-INS"))
        naked = any(b"urn:hl7-org:v3" in part.data[:4000] and b"<ClinicalDocument" in part.data for part in self.parts)
        return bool(self.archives) or announced or headed or naked
