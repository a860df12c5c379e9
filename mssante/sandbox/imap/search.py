"""SEARCH: criteria of RFC 3501 §6.4.4 compiled into one predicate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from functools import cached_property

from mssante.sandbox.folder import Entry, Folder
from mssante.sandbox.imap.mime import split_header
from mssante.sandbox.imap.parser import ImapSyntaxError, Token, number_set, text, within
from mssante.sandbox.lint.mail import decode_text


class Candidate:
    """A message seen by a search; its file is read only when a criterion needs it."""

    def __init__(self, folder: Folder, entry: Entry, number: int, recent: bool) -> None:
        self.entry = entry
        self.number = number
        self.recent = recent
        self._folder = folder

    @cached_property
    def raw(self) -> bytes:
        try:
            return self._folder.raw(self.entry)
        except FileNotFoundError:
            return b""

    @cached_property
    def header(self) -> Message:
        return BytesHeaderParser().parsebytes(split_header(self.raw)[0])

    def says(self, name: str, wanted: str) -> bool:
        if name.lower() == "message-id":
            return wanted.lower() in self.entry.message_id.lower()
        values = [decode_text(str(value)).lower() for value in self.header.get_all(name, [])]
        return any(wanted.lower() in value for value in values)

    @property
    def sent_on(self) -> date | None:
        try:
            return parsedate_to_datetime(str(self.header.get("Date", ""))).date()
        except ValueError:
            return None


Test = Callable[[Candidate], bool]
FLAGS = {name: f"\\{name.capitalize()}" for name in ("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN")}
HEADERS = {"FROM": "From", "TO": "To", "CC": "Cc", "BCC": "Bcc", "SUBJECT": "Subject"}


def compile_search(tokens: list[Token], *, highest_number: int, highest_uid: int) -> Test:
    """Predicate for the criteria (all must hold). Raises ImapSyntaxError."""
    queue = iter(tokens)
    tests: list[Test] = []
    compiler = _Compiler(highest_number, highest_uid)
    for token in queue:
        tests.append(compiler.test(token, queue))
    return lambda candidate: all(test(candidate) for test in tests)


class _Compiler:
    def __init__(self, highest_number: int, highest_uid: int) -> None:
        self._numbers = highest_number
        self._uids = highest_uid

    def test(self, token: Token, queue: Iterator[Token]) -> Test:
        if isinstance(token, list):
            return compile_search(token, highest_number=self._numbers, highest_uid=self._uids)
        word = text(token).upper()
        if re.fullmatch(r"[\d*:,]+", word):
            ranges = number_set(word, self._numbers)
            return lambda candidate: within(ranges, candidate.number)
        if word in ("NOT", "OR"):
            return self._combined(word, queue)
        return self._flag(word, queue) or self._text(word, queue) or self._measure(word, queue)

    def _next(self, queue: Iterator[Token]) -> Token:
        try:
            return next(queue)
        except StopIteration as error:
            raise ImapSyntaxError("search criterion incomplete") from error

    def _combined(self, word: str, queue: Iterator[Token]) -> Test:
        first = self.test(self._next(queue), queue)
        if word == "NOT":
            return lambda candidate: not first(candidate)
        second = self.test(self._next(queue), queue)
        return lambda candidate: first(candidate) or second(candidate)

    def _flag(self, word: str, queue: Iterator[Token]) -> Test | None:
        if word in FLAGS:
            return lambda candidate: FLAGS[word] in candidate.entry.flags
        if word.removeprefix("UN") in FLAGS:
            return lambda candidate: FLAGS[word.removeprefix("UN")] not in candidate.entry.flags
        if word in ("KEYWORD", "UNKEYWORD"):
            keyword = text(self._next(queue))
            return lambda candidate: (keyword in candidate.entry.flags) == (word == "KEYWORD")
        if word == "NEW":
            return lambda candidate: candidate.recent and "\\Seen" not in candidate.entry.flags
        if word in ("RECENT", "OLD"):
            return lambda candidate: candidate.recent == (word == "RECENT")
        return (lambda candidate: True) if word == "ALL" else None

    def _text(self, word: str, queue: Iterator[Token]) -> Test | None:
        if word in HEADERS:
            wanted = text(self._next(queue))
            return lambda candidate: candidate.says(HEADERS[word], wanted)
        if word == "HEADER":
            name, wanted = text(self._next(queue)), text(self._next(queue))
            return lambda candidate: candidate.says(name, wanted)
        if word in ("TEXT", "BODY"):
            sought = text(self._next(queue)).lower().encode()
            return lambda candidate: (
                sought in (candidate.raw if word == "TEXT" else split_header(candidate.raw)[1]).lower()
            )
        return None

    def _measure(self, word: str, queue: Iterator[Token]) -> Test:
        if word == "UID":
            ranges = number_set(text(self._next(queue)), self._uids)
            return lambda candidate: within(ranges, candidate.entry.uid)
        if word in ("LARGER", "SMALLER"):
            size = text(self._next(queue))
            if not size.isdigit():
                raise ImapSyntaxError("size expected")
            if word == "LARGER":
                return lambda candidate: candidate.entry.size > int(size)
            return lambda candidate: candidate.entry.size < int(size)
        if word.removeprefix("SENT") in ("BEFORE", "ON", "SINCE"):
            return self._dated(word, _day(text(self._next(queue))))
        raise ImapSyntaxError("unknown search criterion")

    def _dated(self, word: str, day: date) -> Test:
        def test(candidate: Candidate) -> bool:
            sent = word.startswith("SENT")
            on = candidate.sent_on if sent else candidate.entry.internal_date.date()
            if on is None:
                return False
            kind = word.removeprefix("SENT")
            return on < day if kind == "BEFORE" else on == day if kind == "ON" else on >= day

        return test


def _day(value: str) -> date:
    try:
        return datetime.strptime(value, "%d-%b-%Y").date()
    except ValueError as error:
        raise ImapSyntaxError("date expected") from error
