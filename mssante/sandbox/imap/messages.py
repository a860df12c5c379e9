"""Message commands and their UID forms: FETCH, STORE, SEARCH, COPY, MOVE, EXPUNGE (RFC 3501 §6.4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from mssante.sandbox.folder import Entry
from mssante.sandbox.imap import fetch as fetching
from mssante.sandbox.imap.errors import NoError
from mssante.sandbox.imap.folders import find
from mssante.sandbox.imap.parser import Command, ImapSyntaxError, Token, number_set, text, within
from mssante.sandbox.imap.search import Candidate, compile_search
from mssante.sandbox.imap.view import View
from mssante.sandbox.store import new_id

if TYPE_CHECKING:
    from mssante.sandbox.imap.session import ImapSession

CHARSETS = {"US-ASCII", "UTF-8"}


def _view(session: ImapSession, *, writing: bool = False) -> View:
    assert session.view is not None
    if writing and session.view.read_only:
        raise NoError("[READ-ONLY] folder opened with EXAMINE")
    return session.view


def _targets(view: View, arguments: list[Token], by_uid: bool) -> list[tuple[int, Entry]]:
    if not arguments:
        raise ImapSyntaxError("sequence set expected")
    highest = (view.uids[-1] if view.uids else 0) if by_uid else len(view.uids)
    ranges = number_set(text(arguments[0]), highest)
    return [(number, entry) for number, entry in view.numbered() if within(ranges, entry.uid if by_uid else number)]


async def fetch(session: ImapSession, command: Command, by_uid: bool = False) -> str:
    view = _view(session)
    items = fetching.parse_items(command.arguments[1:])
    if by_uid and not any(item.name == "UID" for item in items):
        items = [fetching.Item("UID"), *items]
    marks = not view.read_only and any(item.is_section and not item.peek for item in items)
    for number, entry in _targets(view, command.arguments, by_uid):
        shown = list(items)
        if marks and "\\Seen" not in entry.flags:
            await _set_flags(session, view, entry, entry.flags | {"\\Seen"})
            shown = shown if any(item.name == "FLAGS" for item in shown) else [*shown, fetching.Item("FLAGS")]
        try:
            body = fetching.answer(view.folder, entry, shown, view.flags(entry))
        except FileNotFoundError:
            continue
        await session.wire.send(b"* %d FETCH (%s)\r\n" % (number, body))
    return "OK fetched"


async def _set_flags(session: ImapSession, view: View, entry: Entry, flags: frozenset[str]) -> None:
    await session.operator.store.run(lambda: view.folder.set_flags(entry, flags))
    view.folder.notify()


async def store(session: ImapSession, command: Command, by_uid: bool = False) -> str:
    view = _view(session, writing=True)
    if len(command.arguments) < 3:
        raise ImapSyntaxError("STORE needs a set, an item and flags")
    item = text(command.arguments[1]).upper()
    silent, sign = item.endswith(".SILENT"), item[0]
    if item.removesuffix(".SILENT").lstrip("+-") != "FLAGS":
        raise ImapSyntaxError("FLAGS expected")
    given = command.arguments[2] if isinstance(command.arguments[2], list) else command.arguments[2:]
    flags = frozenset(_flag(text(flag)) for flag in given) - {"\\Recent"}
    for number, entry in _targets(view, command.arguments, by_uid):
        now = entry.flags | flags if sign == "+" else entry.flags - flags if sign == "-" else flags
        if now != entry.flags:
            await _set_flags(session, view, entry, now)
        shown = view.flags(entry)
        if not silent:
            uid = f"UID {entry.uid} " if by_uid else ""
            await session.untagged(f"{number} FETCH ({uid}FLAGS ({shown}))")
    return "OK stored"


def _flag(name: str) -> str:
    """System flags are compared without case; keywords are kept as given."""
    return f"\\{name[1:].capitalize()}" if name.startswith("\\") else name


async def search(session: ImapSession, command: Command, by_uid: bool = False) -> str:
    view = _view(session)
    tokens = list(command.arguments)
    if tokens and not isinstance(tokens[0], list) and text(tokens[0]).upper() == "CHARSET":
        if len(tokens) < 2 or text(tokens[1]).upper() not in CHARSETS:
            raise NoError("[BADCHARSET (US-ASCII UTF-8)] charset not known")
        tokens = tokens[2:]
    if not tokens:
        raise ImapSyntaxError("search criteria expected")
    test = compile_search(tokens, highest_number=len(view.uids), highest_uid=view.uids[-1] if view.uids else 0)
    found = [
        entry.uid if by_uid else number
        for number, entry in view.numbered()
        if test(Candidate(view.folder, entry, number, entry.uid in view.recent))
    ]
    await session.untagged(" ".join(["SEARCH", *map(str, found)]))
    return "OK searched"


async def copy(session: ImapSession, command: Command, by_uid: bool = False) -> str:
    code = await _copy(session, command, by_uid, _view(session))
    return f"OK {code} copied".replace("  ", " ")


async def _copy(session: ImapSession, command: Command, by_uid: bool, view: View) -> str:
    """Copy, and return the COPYUID response code (RFC 4315), empty when nothing was copied."""
    if len(command.arguments) != 2:
        raise ImapSyntaxError("set and folder expected")
    target = find(session, text(command.arguments[1]), code="[TRYCREATE] ")
    entries = [entry for _, entry in _targets(view, command.arguments, by_uid)]

    def write() -> list[int]:
        made: list[int] = []
        for entry in entries:
            source = view.folder.file(entry)
            copied = target.add(
                entry.message_id,
                id=new_id(),
                raw=source.read_bytes(),
                received_at=entry.received_at,
                flags=entry.flags,
                source=source,
            )
            made.append(copied.uid)
        return made

    try:
        uids = await session.operator.store.run(write)
    except FileNotFoundError as error:
        raise NoError("[EXPUNGEISSUED] a message has just been removed") from error
    target.notify()
    if not uids:
        return ""
    before = ",".join(str(entry.uid) for entry in entries)
    return f"[COPYUID {target.uid_validity} {before} {','.join(map(str, uids))}]"


async def move(session: ImapSession, command: Command, by_uid: bool = False) -> str:
    view = _view(session, writing=True)
    entries = [entry for _, entry in _targets(view, command.arguments, by_uid)]
    code = await _copy(session, command, by_uid, view)
    if code:
        await session.untagged(f"OK {code} moved")
    await _expunge(session, view, entries)
    return "OK moved"


async def expunge(session: ImapSession, command: Command, by_uid: bool = False) -> str:
    view = _view(session, writing=True)
    entries = [entry for _, entry in _targets(view, command.arguments, True)] if by_uid else view.folder.entries
    await _expunge(session, view, [entry for entry in entries if "\\Deleted" in entry.flags])
    return "OK expunged"


async def _expunge(session: ImapSession, view: View, entries: list[Entry]) -> None:
    doomed = [entry for entry in entries if view.folder.by_uid(entry.uid) is entry]
    await session.operator.store.run(lambda: view.folder.expunge(doomed))
    view.folder.notify()
    await session.update(expunges=True)


async def check(session: ImapSession, command: Command) -> str:
    return "OK checked"


UID_FORMS = {"FETCH": fetch, "STORE": store, "SEARCH": search, "COPY": copy, "MOVE": move, "EXPUNGE": expunge}


async def uid(session: ImapSession, command: Command) -> str:
    """UID FETCH, UID STORE… (RFC 3501 §6.4.8)."""
    if not command.arguments or text(command.arguments[0]).upper() not in UID_FORMS:
        raise ImapSyntaxError("unknown UID command")
    name = text(command.arguments[0]).upper()
    return await UID_FORMS[name](session, Command(command.tag, name, command.arguments[1:]), True)


COMMANDS: dict[str, Callable[[ImapSession, Command], Awaitable[str]]] = {
    "FETCH": fetch,
    "STORE": store,
    "SEARCH": search,
    "COPY": copy,
    "MOVE": move,
    "EXPUNGE": expunge,
    "CHECK": check,
    "UID": uid,
}
