"""Writing RFC 5322 mails by hand, byte for byte: what the operator and its people send back."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from email.header import Header

_LINE_END = re.compile(r"\r\n(?![ \t])|\r(?!\n)|(?<!\r)\n")  # all but the fold of a long header
_FIRST_BLANK = re.compile(rb"\r?\n\r?\n")


def message_id(kind: str, host: str) -> str:
    """A fresh Message-ID, angle brackets included."""
    return f"<{kind}.{uuid.uuid4()}@{host}>"


def encode_subject(text: str) -> str:
    """RFC 2047 when needed, folded; a text in ASCII stays as it is."""
    return text if text.isascii() else Header(text, "utf-8").encode(linesep="\r\n")


def headers(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Header lines with CRLF; pairs with an empty value are left out. A value can add no header."""
    clean = ((name, _LINE_END.sub(" ", value)) for name, value in pairs if value)
    return "".join(f"{name}: {value}\r\n" for name, value in clean).encode("utf-8")


def header_block(raw: bytes) -> bytes:
    """The header of a mail, without the blank line."""
    found = _FIRST_BLANK.search(raw)
    return raw[: found.start()] + b"\r\n" if found else raw


def multipart(top: list[tuple[str, str]], subtype: str, parts: list[tuple[str, bytes]], extra: str = "") -> bytes:
    """A multipart mail. `parts`: (Content-Type, body already encoded as 7bit or 8bit)."""
    boundary = f"=_{uuid.uuid4().hex}"
    content_type = f'multipart/{subtype};{extra} boundary="{boundary}"'
    lines = [headers([*top, ("MIME-Version", "1.0"), ("Content-Type", content_type)]), b"\r\n"]
    for kind, body in parts:
        transfer = "8bit" if any(byte > 127 for byte in body) else "7bit"
        lines.append(f"--{boundary}\r\n".encode())
        lines.append(headers([("Content-Type", kind), ("Content-Transfer-Encoding", transfer)]))
        lines.append(b"\r\n" + body + (b"" if body.endswith(b"\r\n") else b"\r\n"))
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines)


def attached(top: list[tuple[str, str]], parts: list[bytes]) -> bytes:
    """A multipart/mixed mail of parts that are written already, headers included."""
    boundary = f"=_{uuid.uuid4().hex}"
    head = headers([*top, ("MIME-Version", "1.0"), ("Content-Type", f'multipart/mixed; boundary="{boundary}"')])
    edge = f"--{boundary}".encode()
    return head + b"\r\n" + b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
