"""The JSON files of code lists: what this package carries and what `manage.py load_codes` writes.

A list is {"name", "oid", "version", "published" (ISO date or null), "source", "concepts": [[code, system,
label], …]} in the official order; a fourth member is the day on which the code left the list. An
association (ASS_…) has "pairs" in place of concepts: [[code, system, code it gives, its system], …].
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from perinat.standards.codes import Code


class DamagedListError(ValueError):
    """A file of code lists that is not in the format above. The text names the file."""


@dataclass(frozen=True, slots=True)
class Head:
    """What dates a list; `source` says where it was read."""

    name: str
    oid: str
    version: str
    published: date | None
    source: str


@dataclass(frozen=True, slots=True)
class StoredConcept:
    code: Code
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class StoredList:
    head: Head
    concepts: tuple[StoredConcept, ...]


@dataclass(frozen=True, slots=True)
class StoredAssociation:
    """`pairs`: (code, system) to the (code, system) that it gives."""

    head: Head
    pairs: Mapping[tuple[str, str], tuple[str, str]]


def keyed(concepts: Iterable[StoredConcept]) -> Mapping[str, StoredConcept]:
    """By code; a code that an earlier concept already has, in another system, is keyed « code|system »."""
    found: dict[str, StoredConcept] = {}
    for concept in concepts:
        code = concept.code
        key = f"{code.code}|{code.system}" if code.code in found else code.code
        found.setdefault(key, concept)
    return found


def read_list(path: Path) -> StoredList:
    """Raises DamagedListError when the file is not a list, OSError when it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = [(Code(str(row[0]), str(row[1]), str(row[2])), row[3:]) for row in data["concepts"]]
        concepts = tuple(StoredConcept(code, _day(rest[0]) if rest else None) for code, rest in rows)
        return StoredList(_head(data), concepts)
    except (ValueError, LookupError, TypeError) as error:
        raise DamagedListError(f"{path.name}: {type(error).__name__} {error}") from error


def read_association(path: Path) -> StoredAssociation:
    """Raises DamagedListError when the file is not an association, OSError when it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        pairs = {(str(row[0]), str(row[1])): (str(row[2]), str(row[3])) for row in data["pairs"]}
        return StoredAssociation(_head(data), pairs)
    except (ValueError, LookupError, TypeError) as error:
        raise DamagedListError(f"{path.name}: {type(error).__name__} {error}") from error


def _head(data: Mapping[str, Any]) -> Head:
    published = _day(data["published"])
    return Head(str(data["name"]), str(data["oid"]), str(data["version"]), published, str(data["source"]))


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value is not None else None


def to_text(stored: StoredList | StoredAssociation) -> str:
    """The file's text, one concept or pair a line so that two versions can be compared."""
    if isinstance(stored, StoredList):
        return _text(stored.head, "concepts", [_row(concept) for concept in stored.concepts])
    return _text(stored.head, "pairs", [[*given, *gives] for given, gives in stored.pairs.items()])


def _text(head: Head, key: str, rows: Sequence[Sequence[str]]) -> str:
    members = {
        "name": head.name,
        "oid": head.oid,
        "version": head.version,
        "published": head.published.isoformat() if head.published else None,
        "source": head.source,
    }
    lines = [f'"{name}": {json.dumps(value, ensure_ascii=False)},' for name, value in members.items()]
    body = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return "{" + "\n".join(lines) + f'\n"{key}": [\n{body}\n]}}\n'


def _row(concept: StoredConcept) -> list[str]:
    code = concept.code
    row = [code.code, code.system, code.label]
    return [*row, concept.left_on.isoformat()] if concept.left_on else row


def kind_of(stored: StoredList | StoredAssociation) -> str:
    """The folder in which such a file stands."""
    return "value_sets" if isinstance(stored, StoredList) else "associations"


def write(folder: Path, stored: Iterable[StoredList | StoredAssociation]) -> None:
    """Write lists into folder/value_sets and associations into folder/associations, each file atomically.

    All the bytes are on the disk before the first file is replaced, so that a full disk changes nothing.
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        for item in stored:
            path = folder / kind_of(item) / f"{item.head.name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            waiting.append((temporary, path))
            with temporary.open("w", encoding="utf-8") as file:
                file.write(to_text(item))
                file.flush()
                os.fsync(file.fileno())
        for temporary, path in waiting:
            temporary.replace(path)
    finally:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)
