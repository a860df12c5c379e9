"""What came back: DSN (RFC 3464), MDN (RFC 8098), automatic replies (RFC 3834) → `Incoming`.

The French grammar of integration receipts is that of the IG « Transmission au LPS d'un document CDA »
(page « Structure du MDN »): the v1.1.3 form and the older invalid one are both read. What is not
recognised is kept as UNKNOWN for a person, never dropped; decisions and reasons: ADR 0009.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from coordination.ports import Incoming, ReceiptKind
from mssante import contents, disposition, mes
from mssante.errors import masked, sentence
from mssante.mes import Bounces
from perinat.standards.patient_box import is_patient
from perinat.standards.received import ReceivedMessage

UNREADABLE = "UNREADABLE"
TOO_LARGE = "TOO_LARGE"
ENVELOPE_PREFIX = "envid:"
_HEAD = 64 * 1024  # bytes; what is looked for stands before the returned content
_STATUS, _NOTIFICATION = "message/delivery-status", "message/disposition-notification"
_REPORTS = (_STATUS, _NOTIFICATION)
_ID = re.compile(r"<([^<>\s]+)>")
_QUOTED_ID = re.compile(r"^[> \t]*Message-ID:\s*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)
_KO_SUBJECT = re.compile(r"\[KO[^\]]*\]\s*\[(\d{3})\]", re.IGNORECASE)
_SEVERITY = {"failed": 3, "delayed": 2, "expanded": 1, "relayed": 1, "delivered": 0}
_DELIVERY = {"failed": ReceiptKind.BOUNCED, "delayed": ReceiptKind.DELAYED}
_DELIVERY_FR = {
    "delivered": "Le message est remis dans la boîte du destinataire.",
    "relayed": "Le message est transmis à une messagerie qui n'accuse pas réception.",
    "expanded": "Le message est remis à une liste de destinataires.",
    "delayed": "La remise du message est retardée : la messagerie continue d'essayer.",
}
AUTOREPLY_FR = "Réponse automatique du destinataire (absence) : elle ne change rien à l'envoi."
UNKNOWN_FR = "Message reçu qui n'est pas un accusé reconnu : à lire par une personne."
UNREADABLE_FR = (
    "Un message reçu dans la boîte du service n'a pas pu être lu. Il est mis de côté : à lire par une personne."
)
REPLY_FR = "Réponse d'une personne, depuis Mon espace santé."
DOCUMENTS_FR = "Message reçu avec des documents : à classer."


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail says, before the envelope of `Incoming` is put around it."""

    kind: ReceiptKind
    message_id: str
    recipient: str
    code: str
    message_fr: str
    mail: ReceivedMessage | None = None


def parse(raw: bytes, *, token: str, received_at: datetime, bounces: Bounces | None = None) -> Incoming:
    """Read one mail of a mailbox. Never raises on its content.

    `bounces`: how Mon espace santé words what it does not deliver; ours without any.

    `message_id`: without angle brackets; `envid:<value>` when only the Original-Envelope-Id (ENVID =
    shipment id) names the shipment. `recipient`: of the original mail for a receipt, else who writes.
    `received_at` (aware) serves when the Date header is absent or unusable.
    """
    message = _parsed(raw)
    reading = _read(message, raw, bounces or mes.load())
    return Incoming(
        token=token,
        kind=reading.kind,
        message_id=reading.message_id,
        recipient=reading.recipient,
        at=_date(message) or received_at,
        code=reading.code,
        message_fr=reading.message_fr,
        raw=raw,
        digest=hashlib.sha256(raw).hexdigest(),
        mail=reading.mail,
    )


def too_large(raw_headers: bytes, *, token: str, received_at: datetime, bounces: Bounces | None = None) -> Incoming:
    """A mail of which only the headers were fetched: its size passes the limit. UNKNOWN, code TOO_LARGE."""
    incoming = parse(raw_headers, token=token, received_at=received_at, bounces=bounces)
    return replace(
        incoming,
        kind=ReceiptKind.UNKNOWN,
        mail=None,
        code=TOO_LARGE,
        message_fr="Message reçu trop volumineux pour être lu ici : il reste dans la boîte.",
    )


def unreadable(raw: bytes, *, token: str, received_at: datetime, where: str, cause: str) -> Incoming:
    """A mail on which the reading itself broke: put aside with its place (`uidvalidity:uid`) and the cause.

    `raw` is empty when the server could not even give it.
    """
    return Incoming(
        token=token,
        kind=ReceiptKind.UNKNOWN,
        message_id="",
        recipient="",
        at=received_at,
        code=f"{UNREADABLE} {where} {cause}",
        message_fr=UNREADABLE_FR,
        raw=raw,
        digest=hashlib.sha256(raw or token.encode()).hexdigest(),
    )


def _parsed(raw: bytes) -> Message:
    """The mail, or its beginning: a receipt returns the whole original, whose megabyte tells nothing here."""
    message = message_from_bytes(raw[:_HEAD], policy=policy.compat32)
    if len(raw) > _HEAD and message.get_content_type() == "multipart/report" and _report(message) is None:
        return message_from_bytes(raw, policy=policy.compat32)
    return message


def _report(message: Message) -> Message | None:
    """The machine-readable part of a multipart/report."""
    if message.get_content_type() != "multipart/report":
        return None
    return next((part for part in _children(message) if part.get_content_type() in _REPORTS), None)


def _read(message: Message, raw: bytes, bounces: Bounces) -> Reading:
    report = _report(message)
    if report is not None:
        return (
            _delivery(message, report, bounces)
            if report.get_content_type() == _STATUS
            else _notification(message, report)
        )
    if found := _KO_SUBJECT.search(contents.decoded(message, "Subject")):
        code = found.group(1)
        return Reading(
            ReceiptKind.NOT_INTEGRATED, _original_id(message), _sender(message), code, disposition.sentence_of(code)
        )
    if _is_automatic(message):
        return Reading(ReceiptKind.AUTOREPLY, _answered_id(message), _sender(message), "AUTOREPLY", AUTOREPLY_FR)
    if is_patient(_sender(message)):
        words = contents.read_words(raw)
        return Reading(ReceiptKind.REPLY, _answered_id(message), "", "MES", REPLY_FR, words)
    if (notice := _notice(message, raw, bounces)) is not None:
        return notice
    mail = contents.read(raw) if contents.may_carry(raw) else None
    if mail is not None:
        code = "IHE_XDM" if mail.documents or mail.refusal_fr else "FILES"
        named = _answered_id(message) or _original_id(message)
        return Reading(ReceiptKind.DOCUMENTS, named, _sender(message), code, DOCUMENTS_FR, mail)
    named = _original_id(message) or _answered_id(message)
    return Reading(ReceiptKind.UNKNOWN, named, _sender(message), "MAIL", UNKNOWN_FR, contents.read_words(raw))


def _notice(message: Message, raw: bytes, bounces: Bounces) -> Reading | None:
    """« Message non distribué » in words (Mon espace santé): known only when it names the mail and the cause."""
    subject = contents.decoded(message, "Subject")
    if not bounces.subject.search(subject):
        return None
    text = contents.read_words(raw).text
    cause = bounces.cause(text)
    quoted = _QUOTED_ID.search(text)
    named = _original_id(message) or _answered_id(message) or (quoted.group(1) if quoted else "")
    if cause is None or not named:
        return None
    return Reading(ReceiptKind.BOUNCED, named, "", cause.status, cause.message_fr)


def _delivery(message: Message, status: Message, bounces: Bounces) -> Reading:
    blocks = [block for block in status.get_payload() if isinstance(block, Message)]
    recipients = [block for block in blocks if "Action" in block]
    if not recipients:
        return Reading(ReceiptKind.UNKNOWN, _original_id(message), "", "DSN", UNKNOWN_FR)
    worst = max(recipients, key=lambda block: _SEVERITY.get(_field(block, "Action").lower(), 0))
    action = _field(worst, "Action").lower()
    code = _field(worst, "Status") or masked(_field(worst, "Diagnostic-Code").partition(";")[2].strip())
    envelope = next((_field(block, "Original-Envelope-Id") for block in blocks if "Original-Envelope-Id" in block), "")
    kind = _DELIVERY.get(action, ReceiptKind.DELIVERED) if action in _SEVERITY else ReceiptKind.UNKNOWN
    message_fr = sentence(_failure_code(worst, code)) if action == "failed" else _DELIVERY_FR.get(action, UNKNOWN_FR)
    if action == "failed" and is_patient(_recipient(worst)):
        said = bounces.of_status(code) or bounces.cause(_field(worst, "Diagnostic-Code"))
        code, message_fr = (said.status, said.message_fr) if said else (code, message_fr)
    identifier = _original_id(message) or (f"{ENVELOPE_PREFIX}{envelope}" if envelope else "")
    return Reading(kind, identifier, _recipient(worst), code, message_fr)


def _failure_code(block: Message, code: str) -> str:
    """Status X.0.0 says nothing: the SMTP code of the diagnostic says more."""
    if code.endswith(".0.0") or not code:
        return _field(block, "Diagnostic-Code").partition(";")[2].strip() or code
    return code


def _notification(message: Message, note: Message) -> Reading:
    payload = note.get_payload()
    fields = payload[0] if isinstance(payload, list) and payload else note
    if not isinstance(fields, Message):
        fields = note
    verdict = disposition.judge(_field(fields, "Disposition"), _field(fields, "Error"), _field(fields, "Failure"))
    named = _ID.search(_field(fields, "Original-Message-ID"))
    return Reading(
        verdict.kind,
        named.group(1) if named else _original_id(message) or _answered_id(message),
        _recipient(fields) or _sender(message),
        verdict.code,
        verdict.message_fr,
    )


def _children(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _original_id(message: Message) -> str:
    """Message-ID of the returned mail: whole (message/rfc822) or its headers (text/rfc822-headers)."""
    for part in _children(message):
        kind = part.get_content_type()
        original: Message | None = None
        if kind == "message/rfc822":
            original = next(iter(_children(part)), None)
        elif kind in ("text/rfc822-headers", "message/rfc822-headers"):
            content = part.get_payload(decode=True)
            original = message_from_bytes(content) if isinstance(content, bytes) else next(iter(_children(part)), None)
        if original is not None and (found := _ID.search(_field(original, "Message-ID"))):
            return found.group(1)
    return ""


def _answered_id(message: Message) -> str:
    found = _ID.findall(_field(message, "In-Reply-To")) or _ID.findall(_field(message, "References"))
    return found[-1] if found else ""


def _recipient(block: Message) -> str:
    """The address that perinat wrote to, rather than where the mail was forwarded (ORG → APP)."""
    value = _field(block, "Original-Recipient") or _field(block, "Final-Recipient")
    return value.partition(";")[2].strip().strip("<>")


def _sender(message: Message) -> str:
    return parseaddr(_field(message, "From"))[1]


def _is_automatic(message: Message) -> bool:
    """RFC 3834 §5, and what older software writes in its place."""
    submitted = _field(message, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if _field(message, "Precedence").lower() in ("auto_reply", "auto-reply"):
        return True
    if any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response")):
        return True
    return bool(
        re.match(r"(réponse automatique|automatic reply|absence du bureau)", contents.decoded(message, "Subject"), re.I)
    )


def _field(message: Message, name: str) -> str:
    """A header as text on one line, empty when absent."""
    return " ".join(str(message.get(name, "")).split())


def _date(message: Message) -> datetime | None:
    try:
        stamp = parsedate_to_datetime(_field(message, "Date"))
        return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):  # a date past the year 9999 must not stop a mailbox
        return None
