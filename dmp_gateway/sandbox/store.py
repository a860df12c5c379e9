"""What the DMP keeps, in plain files that any reader can count.

- `documents.jsonl`: one line per registered document, in order of arrival (`sequence`, `at`);
- `documents/<uniqueId>.xml`: its bytes; `metadata/<uniqueId>.xml`: its ExtrinsicObject;
- `lots.jsonl`: one line per accepted lot, also those that only bring again what is known;
- `signatures/<lot uniqueId>.xml`: the XAdES of the lot, kept to be looked at;
- `sets/<lot uniqueId>.xml`: its RegistryPackage;
- `changes.jsonl`: one line per later change, of status or of description (ITI-57); the description that
  a change brings is `metadata/<uniqueId>.<number>.xml`.

Bytes are on disk before the line that names them; the lines of a lot are appended in one write. A
line cut by a crash, or a lot whose lines are not all there, is dropped when the store is opened. A
lot that brings documents is known by their lines: its own line need not reach the disk at once.
"""

from __future__ import annotations

import json
import shutil
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dmp_gateway.sandbox.files import append, sync_directory, write_atomic, write_durable
from dmp_gateway.sandbox.registry_objects import APPROVED, DELETED, DEPRECATED

FOLDERS = ("documents", "metadata", "signatures", "sets")


@dataclass(frozen=True, slots=True)
class Record:
    """One registered document as it is now.

    `replaces`: entryUUID made Deprecated by its arrival, else empty; `authors`: PS_IdNat; `submitted`:
    submissionTime of its lot. `status`, `logical_id` (first entryUUID) and `number` (of the description)
    are later facts, as are `entry_uuid` and `confidentiality` after a change of description.
    """

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
    authors: list[str] = field(default_factory=list)
    submitted: str = ""
    status: str = APPROVED
    logical_id: str = ""
    number: int = 1


_LATER = ("status", "logical_id", "number")
_WRITTEN = tuple(field.name for field in fields(Record) if field.name not in _LATER)


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot as ITI-18 gives it. `members`: entryUUIDs that it brought."""

    unique_id: str
    patient: str
    submitted: str
    members: tuple[str, ...] = ()

    @property
    def entry_uuid(self) -> str:
        """Drawn from its uniqueId: the same at every opening of the store."""
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, self.unique_id)}"


@dataclass(frozen=True, slots=True)
class Version:
    """One description of a document: current, or superseded by a later one."""

    record: Record
    entry_uuid: str
    number: int

    @property
    def is_current(self) -> bool:
        return self.entry_uuid == self.record.entry_uuid

    @property
    def status(self) -> str:
        return self.record.status if self.is_current else DEPRECATED


@dataclass(frozen=True, slots=True)
class Change:
    """A lot of ITI-57 about one document: its new status, or its new description (then `entry_uuid` is the new one)."""

    lot: str
    patient: str
    submitted: str
    target: str
    status: str
    entry_uuid: str = ""
    confidentiality: tuple[str, ...] = ()

    def line(self) -> dict[str, Any]:
        """As changes.jsonl has it: `entry_uuid` is the target, `status` the one after the change."""
        told: dict[str, Any] = {"lot_unique_id": self.lot, "entry_uuid": self.target, "status": self.status}
        told |= {"patient": self.patient, "submitted": self.submitted}
        if self.entry_uuid:
            told |= {"new_entry_uuid": self.entry_uuid, "confidentiality": list(self.confidentiality)}
        return told


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
        self._sent: dict[str, Lot] = {}
        self._versions: dict[str, tuple[str, int]] = {}
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

    def version(self, entry_uuid: str) -> Version | None:
        """A description of a document, even superseded."""
        with self._lock:
            known = self._versions.get(entry_uuid)
            return Version(self._records[known[0]], entry_uuid, known[1]) if known else None

    def lots(self, patient: str) -> list[Lot]:
        """The lots of a patient, in order of arrival."""
        with self._lock:
            return [lot for lot in self._sent.values() if lot.patient == patient]

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

    def metadata(self, unique_id: str, number: int = 1) -> bytes:
        """The ExtrinsicObject of one description, the first by default."""
        return self._metadata_path(unique_id, number).read_bytes()

    def package(self, lot: str) -> bytes:
        """The RegistryPackage of a lot."""
        return (self._directory / "sets" / f"{lot}.xml").read_bytes()

    def _metadata_path(self, unique_id: str, number: int) -> Path:
        suffix = f".{number}" if number > 1 else ""
        return self._directory / "metadata" / f"{unique_id}{suffix}.xml"

    # --- writing ------------------------------------------------------------------------------
    def register(
        self,
        lot: str,
        new: Iterable[NewDocument],
        *,
        known: list[str],
        signature: bytes,
        package: bytes,
        structure: str,
    ) -> None:
        """Keep a lot for good. `known`: uniqueIds of documents it brings again, already registered."""
        documents = list(new)
        (self._directory / "signatures" / f"{lot}.xml").write_bytes(signature)
        (self._directory / "sets" / f"{lot}.xml").write_bytes(package)
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

    def change(self, change: Change, *, package: bytes, metadata: bytes = b"") -> None:
        """Change the status or the description of one document by a lot of ITI-57."""
        (self._directory / "sets" / f"{change.lot}.xml").write_bytes(package)
        if change.entry_uuid:
            record = self.by_entry_uuid(change.target)
            assert record is not None  # checked by the caller, under World.commit
            write_durable(self._metadata_path(record.unique_id, record.number + 1), metadata)
        self._append("changes.jsonl", [{"at": _now(), **change.line()}])
        with self._lock:
            self._apply(change)

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
        self._records[record.unique_id] = replace(record, logical_id=record.entry_uuid)
        self._entries[record.entry_uuid] = record.unique_id
        self._versions[record.entry_uuid] = (record.unique_id, 1)
        self._bring(record.lot_unique_id, record.patient, record.submitted, record.entry_uuid)
        self._sets.setdefault(record.set_id, []).append(record.unique_id)
        self._lots.add(record.lot_unique_id)
        if record.replaces:
            self._set_status(record.replaces, DEPRECATED)

    def _bring(self, lot: str, patient: str, submitted: str, *members: str) -> None:
        self._lots.add(lot)
        known = self._sent.get(lot) or Lot(lot, patient, submitted)
        self._sent[lot] = replace(known, members=(*known.members, *members))

    def _apply(self, change: Change) -> None:
        if not change.entry_uuid:
            self._bring(change.lot, change.patient, change.submitted)
            self._set_status(change.target, change.status)
            return
        unique_id = self._entries.pop(change.target)
        record = self._records[unique_id]
        self._records[unique_id] = replace(
            record,
            entry_uuid=change.entry_uuid,
            number=record.number + 1,
            confidentiality=list(change.confidentiality),
        )
        self._entries[change.entry_uuid] = unique_id
        self._versions[change.entry_uuid] = (unique_id, record.number + 1)
        self._bring(change.lot, change.patient, change.submitted, change.entry_uuid)

    def _set_status(self, entry_uuid: str, status: str) -> None:
        unique_id = self._entries.get(entry_uuid)
        if unique_id:
            self._records[unique_id] = replace(self._records[unique_id], status=status)

    def _load(self) -> None:
        with self._lock:
            self._sequence = 0
            for index in (self._records, self._entries, self._sets, self._lots, self._sent, self._versions):
                index.clear()
            changes = [(line["at"], _change(line)) for line in _whole_lines(self._directory / "changes.jsonl")]
            events: list[tuple[str, Record | Change]] = [(record.at, record) for record in self._read_documents()]
            for _, event in sorted([*events, *changes], key=lambda pair: pair[0]):  # as they came
                if isinstance(event, Record):
                    self._index(event)
                else:
                    self._apply(event)
            for line in _whole_lines(self._directory / "lots.jsonl"):
                self._lots.add(line["unique_id"])

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
    return Record(**{name: line[name] for name in _WRITTEN if name in line})


def _change(line: dict[str, Any]) -> Change:
    return Change(
        line["lot_unique_id"],
        line.get("patient", ""),
        line.get("submitted", ""),
        line["entry_uuid"],
        line["status"],
        line.get("new_entry_uuid", ""),
        tuple(line.get("confidentiality", ())),
    )


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
