"""Message disposition notifications (RFC 8098) as readers and integrating software send them.

Content of an integrator's MDN: IG « Transmission au LPS d'un document CDA provenant d'un courriel
MSSanté » v1.1.3, page « Structure du MDN » (and, on demand, the writing of v1.1.2, which is not
valid RFC 8098 but is still met). Without Disposition-Notification-To: the « courriel standard ».
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message

from mssante.sandbox import report

ERRORS = {
    "900": "Version du document différente de la dernière version",
    "901": "Auteur ou organisation non autorisé à remplacer ou supprimer le document",
    "902": "Identifiant de patient inconnu",
    "903": "INS absent du document",
    "904": "Matricule INS ou traits différents de l'identité locale",
    "905": "INS incomplet",
    "906": "Autre erreur",
}
NIL = "BACASABLE"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the recipient did. `error` empty: it went well. `grammar`: "1.1.3" or "1.1.2"."""

    recipient: str
    disposition: str  # displayed or processed
    error: str = ""
    grammar: str = "1.1.3"

    @property
    def mode(self) -> str:
        if self.disposition == "displayed":
            return "manual-action/MDN-sent-manually"
        return "automatic-action/MDN-sent-automatically"

    @property
    def error_line(self) -> str:
        label = ERRORS[self.error]
        return f"{self.error}^{label}^applicationErrorCondition| E^Error^errorSeverity"


def fields(reading: Reading, original_id: str, host: str) -> bytes:
    """Body of message/disposition-notification."""
    disposition = f"{reading.mode}; {reading.disposition}"
    error = ""
    if reading.error and reading.grammar == "1.1.2":
        disposition += f"/Error: {reading.error_line}"
    elif reading.error:
        disposition += "/error"
        error = reading.error_line
    return report.headers(
        [
            ("Reporting-UA", f"{host}; LPS fictif du bac à sable"),
            ("Original-Recipient", f"rfc822;{reading.recipient}"),
            ("Final-Recipient", f"rfc822;{reading.recipient}"),
            ("Original-Message-ID", original_id),
            ("Disposition", disposition),
            ("Error", error),
        ]
    )


def _subject(reading: Reading, subject: str) -> str:
    if reading.disposition == "displayed":
        return f"Lu : {subject}"
    return f"[KO Intégration système !][{reading.error}] {subject}" if reading.error else subject


def _text(reading: Reading) -> bytes:
    if reading.error:
        return f"{reading.error} {ERRORS[reading.error]}\r\n".encode()
    done = "affiché" if reading.disposition == "displayed" else "intégré"
    return f"Le message a été {done} par le destinataire.\r\n".encode()


def _top(reading: Reading, to: str, subject: str, message: Message, now: str, host: str) -> list[tuple[str, str]]:
    original_id = str(message.get("Message-ID", ""))
    return [
        ("From", reading.recipient),
        ("To", to),
        ("Subject", report.encode_subject(_subject(reading, subject))),
        ("Date", now),
        ("Message-ID", report.message_id("mdn", host)),
        ("In-Reply-To", original_id),
        ("References", original_id),
        ("X-MSS-NIL", NIL),
    ]


def build(reading: Reading, *, to: str, subject: str, message: Message, original: bytes, now: str, host: str) -> bytes:
    """The MDN. `subject`: decoded subject of `message`, whose bytes are `original`; exactly 3 parts."""
    original_id = str(message.get("Message-ID", ""))
    parts = [
        ("text/plain; charset=utf-8", _text(reading)),
        ("message/disposition-notification", fields(reading, original_id, host)),
        ("message/rfc822", original),
    ]
    top = _top(reading, to, subject, message, now, host)
    return report.multipart(top, "report", parts, " report-type=disposition-notification;")


def build_standard_mail(
    reading: Reading, *, to: str, subject: str, message: Message, original: bytes, now: str, host: str
) -> bytes:
    """« Courriel standard »: tells an integration error when no MDN was asked for."""
    parts = [("text/plain; charset=utf-8", _text(reading)), ("message/rfc822", original)]
    return report.multipart(_top(reading, to, subject, message, now, host), "mixed", parts)
