"""A mail cut into its MIME parts without changing a byte: BODY[n], BODYSTRUCTURE, ENVELOPE."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value, getaddresses

_BLANK = re.compile(rb"\r?\n\r?\n")


@dataclass(slots=True)
class Piece:
    """One part: header bytes (blank line included), body bytes, children of a multipart."""

    header: bytes
    body: bytes
    parsed: Message
    children: list[Piece] = field(default_factory=list)


def split_header(raw: bytes) -> tuple[bytes, bytes]:
    if raw.startswith(b"\r\n"):
        return raw[:2], raw[2:]
    found = _BLANK.search(raw)
    return (raw[: found.end()], raw[found.end() :]) if found else (raw, b"")


def cut(raw: bytes) -> Piece:
    """The tree of parts. A message/rfc822 part has one child: the mail it carries."""
    header, body = split_header(raw)
    piece = Piece(header, body, BytesHeaderParser().parsebytes(header))
    boundary = piece.parsed.get_boundary()
    if piece.parsed.get_content_maintype() == "multipart" and boundary:
        marker = re.compile(rb"(?:^|\r?\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?:\r?\n|$)")
        marks = list(marker.finditer(body))
        for mark, following in zip(marks, marks[1:], strict=False):
            if not mark[1]:
                piece.children.append(cut(body[mark.end() : following.start()]))
    elif piece.parsed.get_content_type() == "message/rfc822":
        piece.children.append(cut(body))
    return piece


def section(raw: bytes, path: list[int], kind: str, names: list[str]) -> bytes:
    """Bytes of BODY[path.kind]. `kind`: "", HEADER, TEXT, MIME, HEADER.FIELDS, HEADER.FIELDS.NOT."""
    piece = cut(raw) if path else _whole(raw)
    for index, number in enumerate(path):
        inner = piece.children[0] if index and _is_mail(piece) else piece
        if inner.parsed.get_content_maintype() == "multipart":
            if not 0 < number <= len(inner.children):
                return b""
            piece = inner.children[number - 1]
        elif number != 1:
            return b""
        else:
            piece = inner
    if kind == "MIME":
        return piece.header
    if kind == "":
        return piece.body if path else raw
    target = piece.children[0] if path and _is_mail(piece) else piece
    if kind == "TEXT":
        return target.body
    return target.header if kind == "HEADER" else _fields(target.header, names, kind.endswith("NOT"))


def _whole(raw: bytes) -> Piece:
    header, body = split_header(raw)
    return Piece(header, body, Message())


def _is_mail(piece: Piece) -> bool:
    return piece.parsed.get_content_type() == "message/rfc822"


def _fields(header: bytes, names: list[str], excluded: bool) -> bytes:
    wanted = {name.lower() for name in names}
    lines = re.split(rb"\r?\n(?![ \t])", header.rstrip(b"\r\n"))
    kept = [
        line for line in lines if (line.partition(b":")[0].decode("ascii", "replace").lower() in wanted) != excluded
    ]
    return b"".join(line + b"\r\n" for line in kept if line) + b"\r\n"


def quoted(value: object) -> bytes:
    """nstring of a text or header value: NIL, quoted, or a literal when it cannot be quoted."""
    if value is None:
        return b"NIL"
    data = re.sub(r"\r?\n", "", str(value)).encode("utf-8", "surrogateescape")
    if data.isascii() and not re.search(rb'["\\\r\n]', data):
        return b'"' + data + b'"'
    return b"{%d}\r\n%s" % (len(data), data)


def envelope(header: Message) -> bytes:
    """RFC 3501 §7.4.2 ENVELOPE."""
    sender = _people(header, "From")
    values = [
        quoted(header.get("Date")),
        quoted(header.get("Subject")),
        sender,
        _people(header, "Sender") if header.get("Sender") else sender,
        _people(header, "Reply-To") if header.get("Reply-To") else sender,
        *(_people(header, name) for name in ("To", "Cc", "Bcc")),
        quoted(header.get("In-Reply-To")),
        quoted(header.get("Message-ID")),
    ]
    return b"(" + b" ".join(values) + b")"


def _people(header: Message, name: str) -> bytes:
    found = [pair for pair in getaddresses([str(value) for value in header.get_all(name, [])]) if pair[1]]
    people = []
    for label, address in found:
        local, _, domain = address.rpartition("@")
        people.append(b"(%s NIL %s %s)" % (quoted(label or None), quoted(local), quoted(domain)))
    return b"(" + b"".join(people) + b")" if people else b"NIL"


def structure(piece: Piece) -> bytes:
    """RFC 3501 §7.4.2 BODYSTRUCTURE (extension data of single parts: disposition only)."""
    kind = piece.parsed.get_content_maintype().upper()
    subtype = piece.parsed.get_content_subtype().upper()
    if kind == "MULTIPART" and piece.children:
        inner = b"".join(structure(child) for child in piece.children)
        return b"(%s %s %s NIL NIL)" % (inner, quoted(subtype), _parameters(piece.parsed, "content-type"))
    fields = [
        quoted(kind),
        quoted(subtype),
        _parameters(piece.parsed, "content-type"),
        quoted(piece.parsed.get("Content-ID")),
        quoted(piece.parsed.get("Content-Description")),
        quoted(str(piece.parsed.get("Content-Transfer-Encoding", "7BIT")).upper()),
        str(len(piece.body)).encode(),
    ]
    lines = str(piece.body.count(b"\n")).encode()
    if _is_mail(piece):
        inner_mail = piece.children[0]
        fields += [envelope(inner_mail.parsed), structure(inner_mail), lines]
    elif kind == "TEXT":
        fields.append(lines)
    disposition = piece.parsed.get_content_disposition()
    shown = (
        b"(%s %s)" % (quoted(disposition.upper()), _parameters(piece.parsed, "content-disposition"))
        if disposition
        else b"NIL"
    )
    return b"(" + b" ".join([*fields, b"NIL", shown, b"NIL"]) + b")"


def _parameters(header: Message, name: str) -> bytes:
    found = (header.get_params(header=name) or [])[1:]
    pairs = [(key, collapse_rfc2231_value(value)) for key, value in found]
    if not pairs:
        return b"NIL"
    return b"(" + b" ".join(quoted(key.upper()) + b" " + quoted(value) for key, value in pairs) + b")"
