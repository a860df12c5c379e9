"""Everything the operator keeps, as plain files under one folder.

    messages/<id>.eml                      each accepted mail, as delivered (trace headers on top)
    submissions.jsonl                      one line per accepted mail: who, to whom, findings
    refusals.jsonl                         one line per refused mail: code and findings, no content
    mailboxes/<address>/<folder>/          messages.jsonl and <id>.eml (see folder.py)
    agenda.jsonl  events.jsonl             receipts to come; what happened on the wire

An outside reader needs nothing of ours: JSON lines and RFC 5322 files.
"""

from __future__ import annotations

import asyncio
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

from mssante.sandbox.folder import Folder
from mssante.sandbox.journal import Disk, Journal

INBOX = "INBOX"
T = TypeVar("T")


def new_id() -> str:
    """Identifier of a stored message; sorts by time."""
    return f"{time.time_ns():019d}-{uuid.uuid4().hex[:8]}"


class Store:
    """One writer at a time: `run` sends a blocking write to a thread, in order."""

    def __init__(self, root: Path, disk: Disk) -> None:
        self.root = root
        self._disk = disk
        self.writing = asyncio.Lock()
        self._folders: dict[tuple[str, str], Folder] = {}
        self._open()

    def _open(self) -> None:
        (self.root / "messages").mkdir(parents=True, exist_ok=True)
        (self.root / "mailboxes").mkdir(exist_ok=True)
        self.submissions = Journal(self.root / "submissions.jsonl", self._disk)
        self.refusals = Journal(self.root / "refusals.jsonl", self._disk)
        self.events = Journal(self.root / "events.jsonl", self._disk)

    async def run(self, write: Callable[[], T]) -> T:
        async with self.writing:
            return await asyncio.to_thread(write)

    # accepted mails ---------------------------------------------------------------------------

    def keep(self, id: str, raw: bytes) -> Path:
        path = self.message_path(id)
        self._disk.write(path, raw)
        return path

    def message_path(self, id: str) -> Path:
        return self.root / "messages" / f"{Path(id).name}.eml"

    # folders ----------------------------------------------------------------------------------

    def _path(self, address: str, name: str) -> Path:
        return self.root / "mailboxes" / quote(address.lower(), safe="@+") / quote(name, safe="")

    def folder(self, address: str, name: str = INBOX) -> Folder:
        """The folder, made on first use for INBOX. Raises KeyError: no such folder."""
        name = INBOX if name.upper() == INBOX else name
        key = (address.lower(), name)
        if key not in self._folders:
            path = self._path(address, name)
            if name != INBOX and not path.exists():
                raise KeyError(name)
            self._folders[key] = Folder(path, int(time.time()), self._disk)
        return self._folders[key]

    def create_folder(self, address: str, name: str) -> None:
        """Raises FileExistsError."""
        path = self._path(address, name)
        if path.exists() or name.upper() == INBOX:
            raise FileExistsError(name)
        self._folders[address.lower(), name] = Folder(path, int(time.time()), self._disk)

    def delete_folder(self, address: str, name: str) -> None:
        self.folder(address, name).delete()
        del self._folders[address.lower(), name]

    def rename_folder(self, address: str, name: str, new_name: str) -> None:
        folder = self.folder(address, name)
        target = self._path(address, new_name)
        if target.exists():
            raise FileExistsError(new_name)
        folder.close()
        del self._folders[address.lower(), name]
        folder.path.rename(target)

    def folder_names(self, address: str) -> list[str]:
        base = self._path(address, INBOX).parent
        found = {unquote(path.name) for path in base.iterdir()} if base.exists() else set()
        return [INBOX, *sorted(found - {INBOX})]

    def all_folders(self) -> Iterator[tuple[str, str, Folder]]:
        """(address, folder name, folder) of everything on disk."""
        for base in sorted((self.root / "mailboxes").iterdir()):
            address = unquote(base.name)
            for name in self.folder_names(address):
                yield address, name, self.folder(address, name)

    def reset(self) -> None:
        """Forget every mail. Mailboxes, domains and settings stay."""
        self.close()
        self._folders.clear()
        for name in ("messages", "mailboxes"):
            shutil.rmtree(self.root / name)
        for name in ("submissions.jsonl", "refusals.jsonl", "events.jsonl"):
            (self.root / name).unlink()
        self._open()

    def close(self) -> None:
        for folder in self._folders.values():
            folder.close()
        for journal in (self.submissions, self.refusals, self.events):
            journal.close()
