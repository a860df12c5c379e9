"""One IMAP folder on disk: `messages.jsonl` (what happened) and one `<id>.eml` per message.

Lines of the journal: `added` (uid, file, message_id, size, sha256, received_at, flags), `flags`,
`expunged`, `uidvalidity` (every live message is renumbered from 1). Who reads it folds the lines.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mssante.sandbox.journal import Disk, Journal

JOURNAL = "messages.jsonl"


@dataclass(slots=True)
class Entry:
    """One live message of a folder. `received_at`: ISO 8601, UTC."""

    id: str
    uid: int
    size: int
    sha256: str
    message_id: str
    received_at: str
    flags: frozenset[str]
    recent: bool = True

    @property
    def internal_date(self) -> datetime:
        return datetime.fromisoformat(self.received_at)

    def to_json(self) -> dict[str, Any]:
        names = ("id", "uid", "size", "sha256", "message_id", "received_at")
        return {name: getattr(self, name) for name in names} | {"flags": sorted(self.flags)}


class Folder:
    """Messages of one folder, oldest first. Methods that write return once the disk has it."""

    def __init__(self, path: Path, uid_validity: int, disk: Disk) -> None:
        self.path = path
        self._disk = disk
        self._live: dict[int, Entry] = {}
        self.uid_validity = uid_validity
        self.uid_next = 1
        self.version = 0  # counts changes, so that a session knows at once that nothing happened
        self.watchers: set[Callable[[], None]] = set()
        fresh = not (path / JOURNAL).exists()
        self._journal = Journal(path / JOURNAL, disk)
        for record in self._journal:
            self._replay(record)
        if fresh:
            self._journal.append({"event": "uidvalidity", "value": uid_validity})

    def _replay(self, record: dict[str, Any]) -> None:
        event = record["event"]
        if event == "added":
            fields = {key: value for key, value in record.items() if key not in ("event", "file")}
            fields["flags"] = frozenset(fields["flags"])
            self._live[record["uid"]] = Entry(**fields, recent=False)
            self.uid_next = record["uid"] + 1
        elif event == "flags":
            if entry := self.by_uid(record["uid"]):
                entry.flags = frozenset(record["flags"])
        elif event == "expunged":
            self._live.pop(record["uid"], None)
        elif event == "uidvalidity":
            self._renumber(record["value"])

    @property
    def entries(self) -> list[Entry]:
        """Live messages, in UID order."""
        return list(self._live.values())

    def by_uid(self, uid: int) -> Entry | None:
        return self._live.get(uid)

    def raw(self, entry: Entry) -> bytes:
        return self.file(entry).read_bytes()

    def file(self, entry: Entry) -> Path:
        return self.path / f"{entry.id}.eml"

    def add(
        self,
        message_id: str,
        *,
        id: str,
        raw: bytes,
        received_at: str,
        flags: frozenset[str] = frozenset(),
        source: Path | None = None,
    ) -> Entry:
        """Store one message. `source`: the same bytes already on disk, linked instead of written."""
        file = self.path / f"{id}.eml"
        if source is not None:
            os.link(source, file)
        else:
            self._disk.write(file, raw)
        digest = hashlib.sha256(raw).hexdigest()
        entry = Entry(id, self.uid_next, len(raw), digest, message_id, received_at, flags)
        self._journal.append({"event": "added", "file": file.name} | entry.to_json())
        self.uid_next += 1
        self._live[entry.uid] = entry
        self.version += 1
        return entry

    def set_flags(self, entry: Entry, flags: frozenset[str]) -> None:
        self._journal.append({"event": "flags", "uid": entry.uid, "flags": sorted(flags)})
        entry.flags = flags
        self.version += 1

    def expunge(self, doomed: list[Entry]) -> None:
        """Remove messages for good: line in the journal, then the file."""
        if not doomed:
            return
        self._journal.append(*({"event": "expunged", "uid": entry.uid} for entry in doomed))
        for entry in doomed:
            del self._live[entry.uid]
            self.file(entry).unlink(missing_ok=True)
        self.version += 1

    def change_uid_validity(self, value: int) -> None:
        """Forget every UID, as an operator does after a restoration (RFC 3501 §2.3.1.1)."""
        self._journal.append({"event": "uidvalidity", "value": value})
        self._renumber(value)

    def _renumber(self, value: int) -> None:
        self.uid_validity = value
        entries = self.entries
        for number, entry in enumerate(entries, start=1):
            entry.uid = number
        self._live = {entry.uid: entry for entry in entries}
        self.uid_next = len(entries) + 1

    def notify(self) -> None:
        """Wake the IMAP sessions that watch this folder (IDLE)."""
        for watcher in tuple(self.watchers):
            watcher()

    def close(self) -> None:
        """No more writing; the sessions that have it selected find their UIDs void and must reconnect."""
        self._journal.close()
        self.uid_validity = 0
        self.version += 1

    def delete(self) -> None:
        self.close()
        shutil.rmtree(self.path)
