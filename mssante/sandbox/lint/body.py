"""Rules of the MIME structure: text parts, body, receipts sent by a client."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mssante.sandbox.lint.findings import Finding
from mssante.sandbox.lint.mail import Mail

_DISPOSITION = re.compile(
    rb"^Disposition:\s*(manual-action|automatic-action)/(MDN-sent-manually|MDN-sent-automatically)"
    rb"\s*;\s*(displayed|deleted|dispatched|processed)(/[a-z,-]+)?\s*$",
    re.IGNORECASE | re.MULTILINE,
)


def check(mail: Mail) -> Iterator[Finding]:
    """Text in UTF-8 (ECO.2.2.3); body text/plain or multipart/alternative (ECO.2.2.4)."""
    for part in mail.parts:
        if not part.content_type.startswith("text/") or part.attached:
            continue
        if part.content_type == "text/rfc822-headers":
            continue
        if part.charset not in ("utf-8", "utf8"):
            yield Finding("charset", "ECO.2.2.3", "Une partie texte n'est pas déclarée en UTF-8.")
            continue
        try:
            part.data.decode("utf-8")
        except UnicodeDecodeError:
            yield Finding("charset-content", "ECO.2.2.3", "Une partie texte n'est pas de l'UTF-8.")
    if not mail.is_report:
        yield from _body(mail)
    elif mail.message.get_param("report-type") == "disposition-notification":
        yield from _notification(mail)


def _body(mail: Mail) -> Iterator[Finding]:
    message = mail.message
    if message.get_content_type() == "multipart/mixed":
        children = message.get_payload()
        message = children[0] if isinstance(children, list) and children else message  # type: ignore[assignment]
    kind = message.get_content_type()
    if kind == "multipart/alternative":
        children = message.get_payload()
        kinds = [child.get_content_type() for child in children] if isinstance(children, list) else []  # type: ignore[union-attr]
        if "text/plain" not in kinds:
            yield Finding("body", "ECO.2.2.4", "Le corps multipart/alternative n'a pas de version text/plain.")
    elif kind != "text/plain":
        yield Finding("body", "ECO.2.2.4", "Le corps n'est ni text/plain ni multipart/alternative.")


def _notification(mail: Mail) -> Iterator[Finding]:
    """A read receipt sent by the client: RFC 8098 and IG LPS v1.1.3 (three parts, original included)."""
    children = mail.message.get_payload()
    kinds = [child.get_content_type() for child in children] if isinstance(children, list) else []  # type: ignore[union-attr]
    if len(kinds) != 3 or kinds[1] != "message/disposition-notification":
        yield Finding("mdn-parts", "RFC 8098 §3", "L'accusé de lecture n'a pas ses trois parties.")
        return
    fields = children[1].as_bytes()  # type: ignore[union-attr, index]
    if not re.search(rb"^Final-Recipient:\s*rfc822\s*;", fields, re.IGNORECASE | re.MULTILINE):
        yield Finding("mdn-recipient", "RFC 8098 §3.2.4", "L'accusé de lecture n'a pas de Final-Recipient.")
    if not re.search(rb"^Original-Message-ID:\s*<", fields, re.IGNORECASE | re.MULTILINE):
        yield Finding("mdn-original", "IG LPS v1.1.3", "L'accusé de lecture n'a pas d'Original-Message-ID.")
    if not _DISPOSITION.search(fields.replace(b"\r\n", b"\n")):
        yield Finding("mdn-disposition", "RFC 8098 §3.2.6", "Le champ Disposition n'a pas la forme admise.")
