"""What one session believes a selected folder contains, and how it learns of changes."""

from __future__ import annotations

from collections.abc import Iterator

from mssante.sandbox.folder import Entry, Folder


class View:
    """Message numbers of a session: position in `uids`, from 1 (RFC 3501 §2.3.1.2)."""

    def __init__(self, name: str, folder: Folder, *, read_only: bool) -> None:
        self.name = name
        self.folder = folder
        self.read_only = read_only
        self.uid_validity = folder.uid_validity
        self._version = folder.version
        entries = folder.entries
        self.uids = [entry.uid for entry in entries]
        self.recent = {entry.uid for entry in entries if entry.recent}
        self._flags = {entry.uid: entry.flags for entry in entries}
        if not read_only:
            for entry in entries:
                entry.recent = False

    def numbered(self) -> Iterator[tuple[int, Entry]]:
        """(number, entry) of what is still there."""
        for number, uid in enumerate(self.uids, start=1):
            entry = self.folder.by_uid(uid)
            if entry is not None:
                yield number, entry

    def flags(self, entry: Entry) -> str:
        """Flags as shown to this session, \\Recent included; they count as told."""
        self._flags[entry.uid] = entry.flags
        recent = ["\\Recent"] if entry.uid in self.recent else []
        return " ".join(sorted(entry.flags) + recent)

    def changes(self, *, expunges: bool) -> list[str]:
        """Untagged lines that bring the session up to date."""
        if self._version == self.folder.version:
            return []
        if expunges:
            self._version = self.folder.version
        lines: list[str] = []
        live = {entry.uid: entry for entry in self.folder.entries}
        if expunges:
            for number in range(len(self.uids), 0, -1):
                if self.uids[number - 1] not in live:
                    self._flags.pop(self.uids.pop(number - 1), None)
                    lines.append(f"* {number} EXPUNGE")
        last = self.uids[-1] if self.uids else 0
        arrived = [entry for uid, entry in live.items() if uid > last]
        for entry in arrived:
            self.uids.append(entry.uid)
            self._flags[entry.uid] = entry.flags
            if entry.recent and not self.read_only:
                self.recent.add(entry.uid)
                entry.recent = False
        if arrived:
            lines += [f"* {len(self.uids)} EXISTS", f"* {len(self.recent)} RECENT"]
        for number, entry in self.numbered():
            if self._flags.get(entry.uid) != entry.flags:
                lines.append(f"* {number} FETCH (UID {entry.uid} FLAGS ({self.flags(entry)}))")
        return lines
