"""Folder commands: SELECT, LIST, STATUS, APPEND, CREATE… (RFC 3501 §6.3)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mssante.sandbox.folder import Folder
from mssante.sandbox.imap.errors import NoError
from mssante.sandbox.imap.mime import quoted
from mssante.sandbox.imap.parser import Command, ImapSyntaxError, text
from mssante.sandbox.imap.view import View
from mssante.sandbox.post_office import find_message_id
from mssante.sandbox.store import INBOX, new_id

if TYPE_CHECKING:
    from mssante.sandbox.imap.session import ImapSession

SYSTEM_FLAGS = "\\Answered \\Flagged \\Deleted \\Seen \\Draft"
_NAME = re.compile(r"[A-Za-z0-9 &+,._/-]{1,100}")


def find(session: ImapSession, name: str, *, code: str = "") -> Folder:
    """The folder of that name. Raises NoError."""
    try:
        return session.operator.store.folder(session.address, name)
    except KeyError as error:
        raise NoError(f"{code}no such folder") from error


def _names(command: Command, count: int) -> list[str]:
    if len(command.arguments) < count:
        raise ImapSyntaxError("folder name expected")
    return [text(argument) for argument in command.arguments[:count]]


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name) or name.startswith("."):
        raise NoError("[CANNOT] folder name not allowed")
    return name.removesuffix("/")


async def select(session: ImapSession, command: Command) -> str:
    (name,) = _names(command, 1)
    session.leave()
    folder = find(session, name)
    view = View(name, folder, read_only=command.name == "EXAMINE")
    unseen = next((number for number, entry in view.numbered() if "\\Seen" not in entry.flags), 0)
    await session.untagged(
        f"FLAGS ({SYSTEM_FLAGS})",
        f"OK [PERMANENTFLAGS ({'' if view.read_only else SYSTEM_FLAGS + ' ' + chr(92) + '*'})] flags",
        f"{len(view.uids)} EXISTS",
        f"{len(view.recent)} RECENT",
        *([f"OK [UNSEEN {unseen}] first unseen"] if unseen else []),
        f"OK [UIDVALIDITY {folder.uid_validity}] valid",
        f"OK [UIDNEXT {folder.uid_next}] next",
    )
    session.enter(view)
    return f"OK [{'READ-ONLY' if view.read_only else 'READ-WRITE'}] selected"


async def close(session: ImapSession, command: Command) -> str:
    """CLOSE expunges silently; UNSELECT does not."""
    view = session.view
    assert view is not None
    if command.name == "CLOSE" and not view.read_only:
        doomed = [entry for entry in view.folder.entries if "\\Deleted" in entry.flags]
        await session.operator.store.run(lambda: view.folder.expunge(doomed))
        view.folder.notify()
    session.leave()
    return "OK closed"


async def list_(session: ImapSession, command: Command) -> str:
    reference, pattern = _names(command, 2)
    if not pattern:
        await session.untagged(f'{command.name} (\\Noselect) "/" ""')
        return "OK done"
    regex = re.escape(reference + pattern).replace(r"\*", ".*").replace("%", "[^/]*")
    for name in session.operator.store.folder_names(session.address):
        if re.fullmatch(regex, name, re.IGNORECASE if name == INBOX else 0):
            await session.untagged(f'{command.name} () "/" {quoted(name).decode()}')
    return "OK done"


async def status(session: ImapSession, command: Command) -> str:
    (name,) = _names(command, 1)
    wanted = command.arguments[1] if len(command.arguments) > 1 else None
    if not isinstance(wanted, list):
        raise ImapSyntaxError("list of items expected")
    folder = find(session, name)
    values = {
        "MESSAGES": len(folder.entries),
        "RECENT": sum(entry.recent for entry in folder.entries),
        "UIDNEXT": folder.uid_next,
        "UIDVALIDITY": folder.uid_validity,
        "UNSEEN": sum("\\Seen" not in entry.flags for entry in folder.entries),
    }
    try:
        shown = " ".join(f"{text(item).upper()} {values[text(item).upper()]}" for item in wanted)
    except KeyError as error:
        raise ImapSyntaxError("unknown STATUS item") from error
    await session.untagged(f"STATUS {quoted(name).decode()} ({shown})")
    return "OK done"


async def create(session: ImapSession, command: Command) -> str:
    (name,) = _names(command, 1)
    try:
        session.operator.store.create_folder(session.address, _checked(name))
    except FileExistsError as error:
        raise NoError("[ALREADYEXISTS] folder exists") from error
    return "OK created"


async def delete(session: ImapSession, command: Command) -> str:
    (name,) = _names(command, 1)
    if name.upper() == INBOX:
        raise NoError("[CANNOT] INBOX stays")
    find(session, name)
    session.operator.store.delete_folder(session.address, name)
    return "OK deleted"


async def rename(session: ImapSession, command: Command) -> str:
    name, new_name = _names(command, 2)
    if name.upper() == INBOX:
        raise NoError("[CANNOT] INBOX stays")
    find(session, name)
    try:
        session.operator.store.rename_folder(session.address, name, _checked(new_name))
    except FileExistsError as error:
        raise NoError("[ALREADYEXISTS] folder exists") from error
    return "OK renamed"


async def subscribe(session: ImapSession, command: Command) -> str:
    find(session, _names(command, 1)[0])
    return "OK done"


async def namespace(session: ImapSession, command: Command) -> str:
    await session.untagged('NAMESPACE (("" "/")) NIL NIL')
    return "OK done"


async def append(session: ImapSession, command: Command) -> str:
    """APPEND folder [(flags)] ["date"] literal."""
    (name,) = _names(command, 1)
    rest = list(command.arguments[1:])
    flags = frozenset(text(flag) for flag in rest.pop(0)) if rest and isinstance(rest[0], list) else frozenset()
    if not rest or not isinstance(rest[-1], bytes):
        raise ImapSyntaxError("literal expected")
    raw = rest[-1]
    received = _date(text(rest[0])) if len(rest) > 1 else session.operator.clock.iso()
    if len(raw) > session.operator.settings.max_bytes:
        raise NoError("[TOOBIG] larger than the limit of this operator")
    folder = find(session, name, code="[TRYCREATE] ")
    entry = await session.operator.store.run(
        lambda: folder.add(find_message_id(raw), id=new_id(), raw=raw, received_at=received, flags=flags)
    )
    folder.notify()
    return f"OK [APPENDUID {folder.uid_validity} {entry.uid}] appended"


def _date(value: str) -> str:
    try:
        given = datetime.strptime(value.strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError as error:
        raise ImapSyntaxError("bad date") from error
    return given.astimezone(UTC).isoformat(timespec="milliseconds")


COMMANDS: dict[str, Callable[[ImapSession, Command], Awaitable[str]]] = {
    "SELECT": select,
    "EXAMINE": select,
    "CLOSE": close,
    "UNSELECT": close,
    "LIST": list_,
    "LSUB": list_,
    "STATUS": status,
    "CREATE": create,
    "DELETE": delete,
    "RENAME": rename,
    "SUBSCRIBE": subscribe,
    "UNSUBSCRIBE": subscribe,
    "NAMESPACE": namespace,
    "APPEND": append,
}
