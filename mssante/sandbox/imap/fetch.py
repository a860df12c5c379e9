"""FETCH: data items of one message (RFC 3501 §6.4.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mssante.sandbox.folder import Entry, Folder
from mssante.sandbox.imap import mime
from mssante.sandbox.imap.parser import ImapSyntaxError, Token

_BODY = re.compile(r"BODY(\.PEEK)?\[([^\]]*)\](?:<(\d+)(?:\.(\d+))?>)?", re.IGNORECASE)
_SECTION = re.compile(
    r"((?:\d+\.)*\d+)?\.?(HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME)?(?: ?\(([^)]*)\))?", re.IGNORECASE
)
MACROS = {
    "ALL": ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"],
    "FAST": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"],
    "FULL": ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"],
}
OLD_NAMES = {"RFC822": "BODY[]", "RFC822.HEADER": "BODY.PEEK[HEADER]", "RFC822.TEXT": "BODY[TEXT]"}
SIMPLE = ("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE", "BODY")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to fetch. `name`: as answered. `path`, `kind`, `names`: section of BODY[…]."""

    name: str
    peek: bool = True
    is_section: bool = False
    path: tuple[int, ...] = ()
    kind: str = ""
    names: tuple[str, ...] = ()
    offset: int | None = None
    count: int | None = None


def parse_items(tokens: list[Token]) -> list[Item]:
    """Items of a FETCH command. Raises ImapSyntaxError."""
    if len(tokens) != 1:
        raise ImapSyntaxError("FETCH needs a set and a list of items")
    words = tokens[0] if isinstance(tokens[0], list) else MACROS.get(str(tokens[0]).upper(), [tokens[0]])
    return [_item(str(word)) for word in words]


def _item(word: str) -> Item:
    upper = word.upper()
    if upper in SIMPLE:
        return Item(upper)
    found = _BODY.fullmatch(OLD_NAMES.get(upper, word))
    section = _SECTION.fullmatch(found[2]) if found else None
    if found is None or section is None:
        raise ImapSyntaxError("unknown FETCH item")
    offset = int(found[3]) if found[3] else None
    name = upper if upper in OLD_NAMES else f"BODY[{found[2]}]" + (f"<{offset}>" if offset is not None else "")
    return Item(
        name=name,
        peek=bool(found[1]),
        is_section=True,
        path=tuple(int(step) for step in section[1].split(".")) if section[1] else (),
        kind=(section[2] or "").upper(),
        names=tuple((section[3] or "").replace('"', "").split()),
        offset=offset,
        count=int(found[4]) if found[4] else None,
    )


def internal_date(entry: Entry) -> str:
    return entry.internal_date.strftime("%d-%b-%Y %H:%M:%S +0000")


def answer(folder: Folder, entry: Entry, items: list[Item], flags: str) -> bytes:
    """The parenthesised part of `* n FETCH (…)`. Raises FileNotFoundError: just expunged elsewhere."""
    needs_bytes = any(item.is_section or item.name in ("ENVELOPE", "BODY", "BODYSTRUCTURE") for item in items)
    raw = folder.raw(entry) if needs_bytes else b""
    return b" ".join(item.name.encode() + b" " + _value(entry, item, raw, flags) for item in items)


def _value(entry: Entry, item: Item, raw: bytes, flags: str) -> bytes:
    if item.is_section:
        data = mime.section(raw, list(item.path), item.kind, list(item.names))
        if item.offset is not None:
            data = data[item.offset :][: item.count]
        return b"{%d}\r\n%s" % (len(data), data)
    if item.name == "UID":
        return str(entry.uid).encode()
    if item.name == "FLAGS":
        return f"({flags})".encode()
    if item.name == "INTERNALDATE":
        return f'"{internal_date(entry)}"'.encode()
    if item.name == "RFC822.SIZE":
        return str(entry.size).encode()
    piece = mime.cut(raw)
    return mime.envelope(piece.parsed) if item.name == "ENVELOPE" else mime.structure(piece)
