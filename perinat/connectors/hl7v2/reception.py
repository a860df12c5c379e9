"""One frame → what it says → the core → the answer. Logs say ids and codes, nothing of the message."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from coordination.ports import Intake
from perinat.connectors.hl7v2 import ack, er7, pam, papers, times, zam
from perinat.connectors.hl7v2.conf import Hl7Config
from perinat.connectors.hl7v2.er7 import Message
from perinat.connectors.hl7v2.errors import INTERNAL, MESSAGE, MISSING, PROCESSING, VALUE, VERSION, Hl7RefusedError
from perinat.standards.pushed import IntakeRefusal, Pushed, PushedDocument, PushedMovement

logger = logging.getLogger(__name__)
Content = PushedMovement | PushedDocument | IntakeRefusal
UNKNOWN_SENDER = "L'émetteur de ce message (MSH-3, MSH-4) n'est pas un de ceux que perinat connaît."


@dataclass(frozen=True, slots=True)
class Reception:
    """Frames in, answers out. Thread-safe: nothing is kept between two messages."""

    config: Hl7Config
    intake: Intake

    def answer(self, data: bytes) -> bytes:
        """The ACK or NACK of one message, given once the core has committed."""
        message, content = understand(data, strict=self.config.strict_rules)
        header = message.header if message else None
        sender = f"{header.get(3)}@{header.get(4)}" if header else ""
        account = self.config.senders.get(sender, "")
        if not account:
            content = IntakeRefusal(UNKNOWN_SENDER, INTERNAL, "906", "MSH^1^3") if header else content
            account = self.config.first_account
        pushed = told(message, content, data, account)
        refusal = self.intake(pushed)
        digest = hashlib.sha256(data).hexdigest()[:12]
        code = refusal.condition if refusal else "0"
        logger.info("hl7v2.answered kind=%s digest=%s code=%s", pushed.kind or "-", digest, code)
        told_back = [*_warnings(message), *_limits(message)] if isinstance(content, PushedDocument) else ()
        return ack.build(header, refusal, told_back)


def told(message: Message | None, content: Content, data: bytes, account: str) -> Pushed:
    """What the core is given of one message, taken in the name of this account."""
    header = message.header if message else None
    return Pushed(
        account=account,
        sender=f"{header.get(3)}@{header.get(4)}"[:200] if header else "",
        control_id=header.get(10)[:200] if header else "",
        kind=_kind(header.get(9, 1), header.get(9, 2)) if header else "",
        at=_said_at(message),
        content=content,
        raw=data,
        token=zam.token(header) if header else "",
    )


def _kind(message: str, event: str) -> str:
    """ADT^A01; what is no code of HL7 is not written in a log."""
    kind = f"{message}^{event}"
    return kind if re.fullmatch(r"[A-Z]{3}\^[A-Z]\d{2}", kind, re.ASCII) else "?"


def understand(data: bytes, *, strict: bool = False) -> tuple[Message | None, Content]:
    """The message, when its first line can be read, and what it says or why it cannot be taken."""
    try:
        message = er7.parse(data)
    except Hl7RefusedError as error:
        return _header_alone(data), error.refusal
    try:
        content = _content(message)
        outside = _warnings(message) if strict and isinstance(content, PushedDocument) else []
        if outside:
            raise Hl7RefusedError(" ".join(outside), VALUE, "OBX^1^5")
    except Hl7RefusedError as error:
        return message, error.refusal
    return message, content


def _warnings(message: Message | None) -> list[str]:
    return papers.warnings(message) if message else []


def _limits(message: Message | None) -> list[str]:
    return papers.limits(message) if message else []


def _header_alone(data: bytes) -> Message | None:
    """So that even a broken message is answered under its own id, when its first line can be read."""
    try:
        line = er7.parse(re.split(rb"[\r\n]", data, maxsplit=1)[0])
    except Hl7RefusedError:
        return None
    return replace(line, segments=line.segments[:1])


def _content(message: Message) -> PushedMovement | PushedDocument:
    header = message.header
    er7.require(header.get(10), "L'identifiant du message (MSH-10)", "MSH^1^10")
    if header.get(11) not in ("P", "T", "D"):
        raise Hl7RefusedError("MSH-11 n'est ni P, ni T, ni D.", PROCESSING, "MSH^1^11")
    if not header.get(12).startswith("2."):
        raise Hl7RefusedError("Cette version de HL7 n'est pas prise en charge.", VERSION, "MSH^1^12")
    readers: dict[str, Callable[[Message], PushedMovement | PushedDocument]] = {
        "ADT": pam.read,
        "ORU": papers.read,
        "MDM": papers.read,
    }
    kind = header.get(9, 1)
    if not kind:
        raise Hl7RefusedError("Le type du message (MSH-9) manque.", MISSING, "MSH^1^9")
    if kind not in readers:
        raise Hl7RefusedError("Ce type de message n'est pas pris en charge.", MESSAGE, "MSH^1^9")
    return readers[kind](message)


def _said_at(message: Message | None) -> datetime:
    """When the sender recorded the fact (EVN-2), else when it wrote the message (MSH-7), else now."""
    if message is not None:
        event = message.first("EVN")
        for text in (event.get(2) if event else "", message.header.get(7)):
            try:
                moment = times.instant(text, "")
            except Hl7RefusedError:
                continue
            if moment is not None:
                return moment
    return datetime.now(UTC)
