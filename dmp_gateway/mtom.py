"""MTOM/XOP messages: multipart/related with the SOAP envelope first (W3C MTOM 1.0, XOP 1.0; dmp.md §1.2).

Documents travel as they are, uncoded: a message is a list of byte chunks, never joined. Reading
searches the boundary bytes itself: the standard e-mail parser copies and decodes.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

ROOT_ID = "root.message@perinat"
_PARAMETER = re.compile(r';\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))')


class MtomError(ValueError):
    """The bytes are not the multipart/related message that their Content-Type announces."""


@dataclass(frozen=True, slots=True)
class Part:
    """One binary part, named by its Content-ID (without angle brackets)."""

    content_id: str
    mime_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What goes on the wire: a Content-Type and chunks to be sent one after the other."""

    content_type: str
    chunks: tuple[bytes, ...]


def build(envelope: bytes, parts: Sequence[Part], *, action: str) -> Message:
    """Assemble `envelope`, whose xop:Include elements point at `parts` by `cid:`."""
    boundary = f"uuid_{uuid.uuid4().hex}"
    root_type = 'application/xop+xml; charset=UTF-8; type="application/soap+xml"'
    chunks = [_head(boundary, ROOT_ID, root_type), envelope]
    for part in parts:
        chunks += [b"\r\n", _head(boundary, part.content_id, part.mime_type), part.data]
    chunks.append(f"\r\n--{boundary}--\r\n".encode("ascii"))
    content_type = (
        f'multipart/related; boundary="{boundary}"; type="application/xop+xml"; start="<{ROOT_ID}>"; '
        f'start-info="application/soap+xml"; action="{action}"'
    )
    return Message(content_type, tuple(chunks))


def _head(boundary: str, content_id: str, content_type: str) -> bytes:
    return (
        f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{content_id}>\r\n\r\n"
    ).encode("ascii")


def parameters(content_type: str) -> dict[str, str]:
    """Parameters of a Content-Type, names in lower case."""
    return {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(content_type)}


def parse(content_type: str, body: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Split a multipart/related body into the root part and the others by Content-ID.

    Raises MtomError: no boundary, a part without an end or without a header, no root part.
    """
    given = parameters(content_type)
    if not given.get("boundary"):
        raise MtomError("no boundary in Content-Type")
    parts = _parts(body, given["boundary"].encode("ascii", "replace"))
    start = given.get("start", "").strip("<>") or next(iter(parts), "")
    if start not in parts:
        raise MtomError("no root part")
    return parts.pop(start), parts


def _parts(body: bytes, boundary: bytes) -> dict[str, bytes]:
    delimiter = b"--" + boundary
    position = 0 if body.startswith(delimiter) else body.find(b"\r\n" + delimiter) + 2
    if position == 1:
        raise MtomError("boundary not found")
    found: dict[str, bytes] = {}
    position += len(delimiter)
    while not body.startswith(b"--", position):
        end = _next_delimiter(body, delimiter, position)
        head_end = body.find(b"\r\n\r\n", position, end)
        if head_end < 0:
            raise MtomError("a part has no header")
        headers = _headers(body[position:head_end])
        content_id = headers.get("content-id", "").strip("<>")
        found[content_id] = body[head_end + 4 : end]
        position = end + 2 + len(delimiter)
    return found


def _next_delimiter(body: bytes, delimiter: bytes, position: int) -> int:
    """Where the next real delimiter line begins: a longer word that only starts like it is content."""
    while True:
        position = body.find(b"\r\n" + delimiter, position)
        if position < 0:
            raise MtomError("a part has no end")
        after = position + 2 + len(delimiter)
        if body[after : after + 2] in (b"--", b"\r\n"):
            return position
        position = after


def _headers(block: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in block.decode("ascii", "replace").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, colon, value in lines if colon}


def content_id(href: str) -> str:
    """The Content-ID that an xop:Include href names: `cid:` off, percent-encoding undone (DMP replies encode)."""
    return unquote(href.removeprefix("cid:"))
