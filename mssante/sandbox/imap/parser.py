"""IMAP commands: lines and literals into tokens (RFC 3501 §9, RFC 7888)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from mssante.sandbox.wire import Wire

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}$")
Token: TypeAlias = Any  # str (atom), bytes (string, literal) or list[Token] (parenthesised)


class ImapSyntaxError(ValueError):
    """The command is malformed (tagged BAD)."""


class LiteralTooLargeError(ValueError):
    """A literal exceeds the limit; the connection must end."""


@dataclass(frozen=True, slots=True)
class Command:
    """`arguments`: atoms as str, strings and literals as bytes, parenthesised lists as list."""

    tag: str
    name: str
    arguments: list[Token]


async def read_chunks(wire: Wire, proceed: Callable[[], Awaitable[None]], limit: int) -> list[bytes]:
    """Text and literals of one command, alternating, beginning and ending with text."""
    chunks = [await wire.read_line()]
    while found := _LITERAL.search(chunks[-1]):
        size = int(found[1])
        if size > limit:
            raise LiteralTooLargeError
        chunks[-1] = chunks[-1][: found.start()]
        if not found[2]:
            await proceed()
        chunks.append(await wire.read_exactly(size))
        chunks.append(await wire.read_line())
    return chunks


def parse(chunks: list[bytes]) -> Command:
    """Raises ImapSyntaxError; its text is the tag when one could be read."""
    head, _, rest = chunks[0].partition(b" ")
    name, _, first = rest.partition(b" ")
    if not head or not name:
        raise ImapSyntaxError
    scanner = _Scanner([first, *chunks[1:]])
    try:
        return Command(head.decode("ascii"), name.decode("ascii").upper(), scanner.items(closing=False))
    except UnicodeDecodeError as error:
        raise ImapSyntaxError("not ASCII outside strings") from error


class _Scanner:
    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks
        self._index = 0
        self._at = 0

    @property
    def _text(self) -> bytes:
        return self._chunks[self._index]

    def _next(self) -> bytes:
        return self._text[self._at : self._at + 1]

    def items(self, *, closing: bool) -> list[Token]:
        found: list[Token] = []
        while True:
            byte = self._next()
            if not byte:
                if self._index + 2 < len(self._chunks):
                    found.append(self._chunks[self._index + 1])
                    self._index, self._at = self._index + 2, 0
                    continue
                if closing:
                    raise ImapSyntaxError("unbalanced parenthesis")
                return found
            if byte == b" ":
                self._at += 1
            elif byte == b"(":
                self._at += 1
                found.append(self.items(closing=True))
            elif byte == b")":
                if not closing:
                    raise ImapSyntaxError("unbalanced parenthesis")
                self._at += 1
                return found
            elif byte == b'"':
                found.append(self._quoted())
            else:
                found.append(self._atom())

    def _quoted(self) -> bytes:
        found = re.compile(rb'"((?:[^"\\]|\\["\\])*)"').match(self._text, self._at)
        if found is None:
            raise ImapSyntaxError("unbalanced quotes")
        self._at = found.end()
        return re.sub(rb"\\(.)", rb"\1", found[1])

    def _atom(self) -> str:
        """An atom; a [section] inside it is kept whole, spaces included."""
        found = re.compile(rb"(?:[^\s()\[\"]|\[[^\]]*\])+").match(self._text, self._at)
        if found is None:
            raise ImapSyntaxError("bad atom")
        self._at = found.end()
        return found[0].decode("ascii")


def text(token: Token) -> str:
    """An atom or a string as text."""
    if isinstance(token, bytes):
        try:
            return token.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ImapSyntaxError("not UTF-8") from error
    if isinstance(token, str):
        return token
    raise ImapSyntaxError("string expected")


def number_set(value: str, highest: int) -> list[tuple[int, int]]:
    """Ranges of a sequence set; `*` is `highest`. Raises ImapSyntaxError."""
    ranges: list[tuple[int, int]] = []
    for piece in value.split(","):
        found = re.fullmatch(r"(\d+|\*)(?::(\d+|\*))?", piece)
        if found is None:
            raise ImapSyntaxError("bad sequence set")
        ends = [highest if end == "*" else int(end) for end in (found[1], found[2] or found[1])]
        ranges.append((min(ends), max(ends)))
    return ranges


def within(ranges: list[tuple[int, int]], number: int) -> bool:
    return any(low <= number <= high for low, high in ranges)
