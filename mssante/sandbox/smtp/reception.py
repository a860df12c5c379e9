"""What the operator decides of a sender, of a recipient, and of a whole mail."""

from __future__ import annotations

from collections.abc import Sequence
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING

from mssante.sandbox.lint import Finding, lint
from mssante.sandbox.lint.mail import addresses
from mssante.sandbox.mss_operator import Operator
from mssante.sandbox.post_office import find_message_id
from mssante.sandbox.sasl import Party
from mssante.sandbox.smtp.syntax import Reverse
from mssante.sandbox.store import new_id
from mssante.sandbox.submission import Submission

if TYPE_CHECKING:
    from mssante.sandbox.smtp.session import SmtpSession


def refuse_sender(operator: Operator, party: Party, reverse: Reverse) -> str:
    """Reply that refuses MAIL, or ""."""
    if reverse.size > operator.settings.max_bytes:
        return "552 5.3.4 message larger than the limit of this operator (MSS/va1.13)"
    return refuse_mailbox(operator, party, reverse.address) if reverse.address else ""


def refuse_mailbox(operator: Operator, party: Party, address: str) -> str:
    """The sender must be a mailbox that the authenticated party may use, in the trust space."""
    box = operator.people.get(address)
    if box is None or not party.may_use(box):
        return "553 5.7.1 sandbox:sender-not-owned this identity may not send from this mailbox"
    if not operator.trust.trusts(box.domain):
        return "550 5.7.1 sandbox:trust-space sender domain not in the white list"
    if box.behaviour in ("closed", "unknown"):
        return "550 5.7.1 sandbox:sender-closed this mailbox is closed"
    return ""


def refuse_recipient(operator: Operator, address: str) -> str:
    """Trust space first; then, for a domain of ours, the state of the mailbox."""
    domain = address.rpartition("@")[2]
    if "@" not in address:
        return "553 5.1.3 bad recipient address"
    if not operator.trust.trusts(domain):
        return "550 5.7.1 sandbox:trust-space recipient domain not in the white list"
    if not operator.trust.hosts(domain):
        return ""
    box = operator.people.get(address)
    if box is None:
        return "550 5.1.1 mailbox unavailable: unknown user"
    return " ".join(box.refusal) if box.refusal else ""


async def receive(session: SmtpSession, reverse: Reverse, raw: bytes, party: Party) -> None:
    """Examine and store the mail, then answer DATA."""
    operator = session.operator
    header = BytesHeaderParser().parsebytes(raw[:65_536])
    message_id = find_message_id(raw)
    context = {"sender": reverse.address, "message_id": message_id.strip("<>")}
    if await session.suffers("smtp.store", **context):
        return
    if refusal := _refuse_null_sender(operator, party, reverse, header.get_content_type(), header.get_all("From", [])):
        await session.reply(refusal)
        return
    findings = _examine(operator, reverse, raw)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors and operator.settings.lint == "strict":
        _record_refusal(operator, reverse, message_id, findings)
        texts = [f"5.7.1 {finding.smtp_text()}" for finding in errors]
        await session.reply(f"554 {texts[0]}", *texts[1:])
        return
    submission = Submission(
        id=new_id(),
        sender=reverse.address,
        recipients=tuple(reverse.recipients),
        raw=raw,
        party=party.label(),
        message_id=message_id,
        findings=tuple(findings),
        envelope_id=reverse.envelope_id,
        return_full=reverse.return_full,
    )
    await operator.post.accept(submission)
    nil = str(header.get("X-MSS-NIL", "")).strip()
    operator.products[nil] = operator.products.get(nil, 0) + 1
    if not await session.suffers("smtp.answer", **context):
        await session.reply(f"250 2.0.0 ok: queued as {submission.id}")


def _refuse_null_sender(
    operator: Operator, party: Party, reverse: Reverse, content_type: str, senders: Sequence[object]
) -> str:
    """A null reverse-path is for receipts only (RFC 8098 §3), written by a mailbox of the party."""
    if reverse.address:
        return ""
    if content_type != "multipart/report":
        return "550 5.7.1 sandbox:null-sender only a receipt may have a null reverse-path"
    found = addresses([str(value) for value in senders])
    return refuse_mailbox(operator, party, found[0] if len(found) == 1 else "")


def _examine(operator: Operator, reverse: Reverse, raw: bytes) -> list[Finding]:
    if operator.settings.lint == "off":
        return []
    return lint(
        raw,
        mail_from=reverse.address,
        recipients=[recipient.address for recipient in reverse.recipients],
        known_nils=frozenset(operator.settings.known_nils),
    )


def _record_refusal(operator: Operator, reverse: Reverse, message_id: str, findings: list[Finding]) -> None:
    operator.store.refusals.append(
        {
            "at": operator.clock.iso(),
            "message_id": message_id,
            "sender": reverse.address,
            "findings": [finding.to_json() for finding in findings],
        },
        sync=False,
    )
