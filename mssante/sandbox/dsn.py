"""Delivery status notifications: RFC 3464 in a multipart/report (RFC 6522), asked by RFC 3461."""

from __future__ import annotations

from dataclasses import dataclass

from mssante.sandbox import report

TEXTS = {
    "delivered": "Votre message a été remis dans la boîte aux lettres du destinataire.",
    "delayed": "Votre message n'a pas encore été remis. L'opérateur continue ses essais.",
    "failed": "Message non distribué : votre message n'a pas pu être remis au destinataire.",
}
SUBJECTS = {
    "delivered": "Successful Mail Delivery Report",
    "delayed": "Delayed Mail (still being retried)",
    "failed": "Undelivered Mail Returned to Sender",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recipient. `action`: delivered, delayed, failed. `diagnostic`: SMTP reply."""

    recipient: str
    original_recipient: str
    action: str
    status: str
    diagnostic: str


def build(
    outcome: Outcome,
    *,
    original: bytes,
    sender: str,
    envelope_id: str,
    return_full: bool,
    arrival: str,
    now: str,
    host: str,
) -> bytes:
    """The DSN mail to `sender`. `arrival`, `now`: RFC 5322 dates. `return_full`: RET=FULL."""
    top = [
        ("From", f"Mail Delivery System <MAILER-DAEMON@{host}>"),
        ("To", sender),
        ("Subject", SUBJECTS[outcome.action]),
        ("Date", now),
        ("Message-ID", report.message_id("dsn", host)),
        ("Auto-Submitted", "auto-replied"),
    ]
    per_message = report.headers(
        [("Reporting-MTA", f"dns; {host}"), ("Original-Envelope-Id", envelope_id), ("Arrival-Date", arrival)]
    )
    per_recipient = report.headers(
        [
            ("Original-Recipient", outcome.original_recipient),
            ("Final-Recipient", f"rfc822; {outcome.recipient}"),
            ("Action", outcome.action),
            ("Status", outcome.status),
            ("Remote-MTA", f"dns; {outcome.recipient.rpartition('@')[2]}"),
            ("Diagnostic-Code", f"smtp; {outcome.diagnostic}"),
            ("Last-Attempt-Date", now),
        ]
    )
    text = f"{TEXTS[outcome.action]}\r\n\r\n<{outcome.recipient}> : {outcome.diagnostic}\r\n"
    returned = ("message/rfc822", original) if return_full else ("text/rfc822-headers", report.header_block(original))
    parts = [
        ("text/plain; charset=utf-8", text.encode()),
        ("message/delivery-status", per_message + b"\r\n" + per_recipient),
        returned,
    ]
    return report.multipart(top, "report", parts, " report-type=delivery-status;")
