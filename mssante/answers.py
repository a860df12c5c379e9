"""The notification of what became of a mail received (RFC 8098), in the French grammar of integration receipts.

Source: IG « Transmission au LPS d'un document CDA provenant d'un courriel MSSanté » v1.1.3, page « Structure du MDN »:
exactly three parts, the whole original once, and the error in a field of its own.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import Message
from email.utils import format_datetime

from coordination.ports import PermanentChannelError
from mssante import contents, mime, naming
from mssante.conf import MssanteConfig
from mssante.message import Mail, address_of
from perinat.standards.received import Disposition

LABELS = {
    "900": "Version du document différente de la dernière version",
    "901": "Auteur ou organisation non autorisé à remplacer ou supprimer le document",
    "902": "Identifiant de patient inconnu",
    "903": "INS absent du document",
    "904": "Matricule INS ou traits différents de l'identité locale",
    "905": "INS incomplet",
    "906": "Autre erreur",
}
FILED_FR = "Les documents de ce message sont classés dans le dossier de la personne.\n"

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_HEAD = 64 * 1024


def compose(disposition: Disposition, config: MssanteConfig) -> Mail:
    """The same disposition gives the same bytes. Raises PermanentChannelError: an address or a code is not one."""
    sender, recipient = address_of(disposition.mailbox), address_of(disposition.to)
    if disposition.code and disposition.code not in LABELS:
        raise PermanentChannelError("CODE", "Le code de l'accusé d'intégration n'existe pas.")
    original = _crlf(disposition.original)
    message = message_from_bytes(original[:_HEAD], policy=policy.compat32)
    boundary = f"=_perinat_{disposition.message_id}".replace("@", ".")
    parts = [
        mime.text_part(_text(disposition)),
        b"Content-Type: message/disposition-notification\r\n\r\n" + _fields(disposition, sender, message, config),
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: " + _transfer(original) + b"\r\n\r\n" + original,
    ]
    content = b"".join(
        [
            _headers(disposition, sender, recipient, message, config),
            b"MIME-Version: 1.0\r\nContent-Type: multipart/report;\r\n report-type=disposition-notification;\r\n",
            f' boundary="{boundary}"\r\n\r\n'.encode(),
            *(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts),
            f"--{boundary}--\r\n".encode(),
        ]
    )
    # What somebody else wrote may hold a line that is a dot: sent as it is, it would end the mail there.
    return Mail(sender, recipient, disposition.message_id, _LEADING_DOT.sub(b"..", content), wants_dsn=False)


def _headers(disposition: Disposition, sender: str, recipient: str, message: Message, config: MssanteConfig) -> bytes:
    named = _original_id(message)
    subject = naming.one_line(contents.decoded(message, "Subject"))
    if disposition.code:
        subject = f"[KO Intégration système !][{disposition.code}] {subject}"
    answered = f"In-Reply-To: {named}\r\nReferences: {named}\r\n".encode() if named else b""
    return b"".join(
        [
            mime.address_header("From", naming.one_line(config.software_name), sender),
            mime.address_header("To", "", recipient),
            mime.text_header("Subject", subject),
            f"Date: {format_datetime(disposition.at)}\r\n".encode(),
            f"Message-ID: <{disposition.message_id}@{sender.rpartition('@')[2]}>\r\n".encode(),
            answered,
            f"X-MSS-NIL: {config.nil}\r\n".encode(),
        ]
    )


def _fields(disposition: Disposition, sender: str, message: Message, config: MssanteConfig) -> bytes:
    lines = [
        f"Reporting-UA: {config.software_name}; {config.software_name} {config.software_version}",
        f"Original-Recipient: rfc822;{sender}",
        f"Final-Recipient: rfc822;{sender}",
    ]
    if named := _original_id(message):
        lines.append(f"Original-Message-ID: {named}")
    kind = "processed/error" if disposition.code else "processed"
    lines.append(f"Disposition: automatic-action/MDN-sent-automatically; {kind}")
    if disposition.code:
        label = naming.ascii_fold(LABELS[disposition.code])
        lines.append(f"Error: {disposition.code}^{label}^applicationErrorCondition| E^Error^errorSeverity")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii", "replace")


def _text(disposition: Disposition) -> str:
    return f"{disposition.code} {LABELS[disposition.code]}\n" if disposition.code else FILED_FR


def _original_id(message: Message) -> str:
    found = re.search(r"<[^<>\s]+>", str(message.get("Message-ID", "")))
    return found.group() if found and found.group().isascii() else ""


def _transfer(original: bytes) -> bytes:
    """7bit or 8bit: a message/rfc822 is never encoded otherwise (RFC 2046 §5.2.1)."""
    return b"7bit" if original.isascii() else b"8bit"


def _crlf(raw: bytes) -> bytes:
    """Lines as SMTP wants them, whatever the store made of them."""
    between = raw.replace(b"\r\n", b"")
    return re.sub(rb"\r?\n|\r", b"\r\n", raw) if b"\r" in between or b"\n" in between else raw
