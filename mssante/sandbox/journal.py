"""Append-only JSON lines on disk: what is written is synced, a torn last line is dropped at reading."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO


class Disk:
    """Whether what is written waits for the disk. Off, a crash of the machine (not of us) may lose mails."""

    def __init__(self, *, sync: bool = True) -> None:
        self.sync = sync

    def settle(self, stream: BinaryIO) -> None:
        stream.flush()
        if self.sync:
            os.fsync(stream.fileno())

    def write(self, path: Path, data: bytes) -> None:
        """Create `path` with `data`, on disk when this returns."""
        with path.open("wb") as stream:
            stream.write(data)
            self.settle(stream)


def replace_synced(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one rename."""
    temporary = path.with_name(f".{path.name}.new")
    Disk().write(temporary, data)
    temporary.replace(path)


class Journal:
    """One .jsonl file. The outside reads it with any JSON reader, one object per line."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self.path = path
        self._disk = disk
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("ab")
        self._mend()

    def _mend(self) -> None:
        """Cut a last line that a crash left incomplete."""
        data = self.path.read_bytes()
        if data and not data.endswith(b"\n"):
            os.truncate(self.path, data.rfind(b"\n") + 1)

    def append(self, *records: dict[str, Any], sync: bool = True) -> None:
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        self._stream.write(lines.encode())
        if sync:
            self._disk.settle(self._stream)
        else:
            self._stream.flush()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with self.path.open("rb") as stream:
            for line in stream:
                yield json.loads(line)

    def close(self) -> None:
        self._stream.close()
