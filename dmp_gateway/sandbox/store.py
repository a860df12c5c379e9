"""What the DMP keeps, in plain files that any reader can count.

- `documents.jsonl`: one line per registered document, in order of arrival (`sequence`, `at`);
- `documents/<uniqueId>.xml`: its bytes; `metadata/<uniqueId>.xml`: its ExtrinsicObject;
- `lots.jsonl`: one line per accepted lot, also those that only bring again what is known;
- `signatures/<lot uniqueId>.xml`: the XAdES of the lot, kept to be looked at;
- `changes.jsonl`: one line per later change of status.

Bytes are on disk before the line that names them; the lines of a lot are appended in one write. A
line cut by a crash, or a lot whose lines are not all there, is dropped when the store is opened. A
lot that brings documents is known by their lines: its own line need not reach the disk at once.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dmp_gateway.sandbox.files import append, sync_directory, write_atomic, write_durable
from dmp_gateway.sandbox.registry_objects import APPROVED, DELETED, DEPRECATED

FOLDERS = ("documents", "metadata", "signatures")


@dataclass(frozen=True, slots=True)
class Record:
    """One registered document. `replaces`: entryUUID made Deprecated by its arrival, else empty."""

    sequence: int
    at: str
    lot_unique_id: str
    lot_size: int
    unique_id: str
    entry_uuid: str
    patient: str
    structure: str
    legal: str
    mode: str
    hash_sha1: str
    size: int
    set_id: str
    version: int
    type_code: str
    title: str
    confidentiality: list[str]
    replaces: str = ""
    status: str = APPROVED


_WRITTEN = tuple(field.name for field in fields(Record) if field.name != "status")


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document about to be registered, with its bytes and its ExtrinsicObject."""

    record: Record
    data: bytes
    metadata: bytes


class Store:
    """Index in memory, truth on disk. Writers are serialised by the caller (World.commit)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._sequence = 0
        self._records: dict[str, Record] = {}
        self._entries: dict[str, str] = {}
        self._sets: dict[str, list[str]] = {}
        self._lots: set[str] = set()
        for name in FOLDERS:
            (directory / name).mkdir(parents=True, exist_ok=True)
        self._load()

    # --- reading ------------------------------------------------------------------------------
    def by_unique_id(self, unique_id: str) -> Record | None:
        with self._lock:
            return self._records.get(unique_id)

    def by_entry_uuid(self, entry_uuid: str) -> Record | None:
        with self._lock:
            unique_id = self._entries.get(entry_uuid)
            return self._records[unique_id] if unique_id else None

    def by_set(self, set_id: str) -> list[Record]:
        with self._lock:
            return [self._records[unique_id] for unique_id in self._sets.get(set_id, [])]

    def has_lot(self, unique_id: str) -> bool:
        with self._lock:
            return unique_id in self._lots

    def all(self) -> list[Record]:
        with self._lock:
            return sorted(self._records.values(), key=lambda record: record.sequence)

    @property
    def count(self) -> int:
        return len(self._records)

    @property
    def next_sequence(self) -> int:
        with self._lock:
            return self._sequence + 1

    def data(self, unique_id: str) -> bytes:
        return (self._directory / "documents" / f"{unique_id}.xml").read_bytes()

    def metadata(self, unique_id: str) -> bytes:
        return (self._directory / "metadata" / f"{unique_id}.xml").read_bytes()

    # --- writing ------------------------------------------------------------------------------
    def register(
        self, lot: str, new: Iterable[NewDocument], *, known: list[str], signature: bytes, structure: str
    ) -> None:
        """Keep a lot for good. `known`: uniqueIds of documents it brings again, already registered."""
        documents = list(new)
        (self._directory / "signatures" / f"{lot}.xml").write_bytes(signature)
        for document in documents:
            name = f"{document.record.unique_id}.xml"
            write_durable(self._directory / "documents" / name, document.data)
            write_durable(self._directory / "metadata" / name, document.metadata)
        if documents:
            self._append("documents.jsonl", [_line(document.record) for document in documents])
        line = {
            "at": _now(),
            "unique_id": lot,
            "structure": structure,
            "documents": [document.record.unique_id for document in documents],
            "already_known": known,
        }
        self._append("lots.jsonl", [line], durable=not documents)
        with self._lock:
            self._lots.add(lot)
            for document in documents:
                self._index(document.record)

    def change_status(self, lot: str, entry_uuid: str, status: str) -> None:
        """Change the status of one document by a lot of ITI-57."""
        self._append(
            "changes.jsonl", [{"at": _now(), "lot_unique_id": lot, "entry_uuid": entry_uuid, "status": status}]
        )
        with self._lock:
            self._lots.add(lot)
            self._set_status(entry_uuid, status)

    def clear(self) -> None:
        """Forget everything (POST /reset)."""
        for name in ("documents.jsonl", "lots.jsonl", "changes.jsonl"):
            (self._directory / name).unlink(missing_ok=True)
        for name in FOLDERS:
            shutil.rmtree(self._directory / name)
            (self._directory / name).mkdir()
        sync_directory(self._directory)
        self._load()

    # --- inside -------------------------------------------------------------------------------
    def _append(self, name: str, lines: list[dict[str, Any]], *, durable: bool = True) -> None:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        append(self._directory / name, text.encode("utf-8"), durable=durable)

    def _index(self, record: Record) -> None:
        self._sequence = max(self._sequence, record.sequence)
        self._records[record.unique_id] = record
        self._entries[record.entry_uuid] = record.unique_id
        self._sets.setdefault(record.set_id, []).append(record.unique_id)
        self._lots.add(record.lot_unique_id)
        if record.replaces:
            self._set_status(record.replaces, DEPRECATED)

    def _set_status(self, entry_uuid: str, status: str) -> None:
        unique_id = self._entries.get(entry_uuid)
        if unique_id:
            self._records[unique_id] = replace(self._records[unique_id], status=status)

    def _load(self) -> None:
        with self._lock:
            self._sequence = 0
            for index in (self._records, self._entries, self._sets, self._lots):
                index.clear()
            for record in self._read_documents():
                self._index(record)
            for line in _whole_lines(self._directory / "lots.jsonl"):
                self._lots.add(line["unique_id"])
            for line in _whole_lines(self._directory / "changes.jsonl"):
                self._lots.add(line["lot_unique_id"])
                self._set_status(line["entry_uuid"], line["status"])

    def _read_documents(self) -> list[Record]:
        path = self._directory / "documents.jsonl"
        records = [_record(line) for line in _whole_lines(path)]
        if not records:
            return []
        last = [record for record in records if record.lot_unique_id == records[-1].lot_unique_id]
        if len(last) < last[0].lot_size:
            records = records[: -len(last)]
            write_atomic(path, "".join(json.dumps(_line(r), ensure_ascii=False) + "\n" for r in records).encode())
        return records


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _line(record: Record) -> dict[str, Any]:
    # the status is a later fact: changes.jsonl and `replaces` tell it
    return {name: getattr(record, name) for name in _WRITTEN}


def _record(line: dict[str, Any]) -> Record:
    return Record(**{name: line[name] for name in _WRITTEN})


def _whole_lines(path: Path) -> list[dict[str, Any]]:
    """Lines that end with a newline; what follows the last one was cut by a crash and is removed."""
    if not path.exists():
        return []
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) != len(raw):
        write_atomic(path, whole)
    return [json.loads(line) for line in whole.splitlines()]


def is_alive(record: Record) -> bool:
    """Not deleted: still part of the patient's DMP."""
    return record.status != DELETED
