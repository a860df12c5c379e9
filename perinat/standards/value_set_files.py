"""The JSON file of one code list: what this package carries and what `manage.py load_codes` writes.

{"name", "oid", "version", "published" (ISO date or null), "source", "concepts": [[code, system, label], …]}
in the official order; a fourth member is the day on which the code left the list.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from perinat.standards.codes import Code


class DamagedListError(ValueError):
    """A file of code lists that is not in the format above. The text names the file."""


@dataclass(frozen=True, slots=True)
class StoredConcept:
    code: Code
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class StoredList:
    """One list as a file holds it; `source` says where it was read."""

    name: str
    oid: str
    version: str
    published: date | None
    source: str
    concepts: tuple[StoredConcept, ...]


def keyed(concepts: Iterable[StoredConcept]) -> Mapping[str, StoredConcept]:
    """By code; a code that an earlier concept already has, in another system, is keyed « code|system »."""
    found: dict[str, StoredConcept] = {}
    for concept in concepts:
        code = concept.code
        key = f"{code.code}|{code.system}" if code.code in found else code.code
        found.setdefault(key, concept)
    return found


def read(path: Path) -> StoredList:
    """Raises DamagedListError when the file is not a list, OSError when it cannot be read."""
    try:
        return _stored(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedListError(f"{path.name}: {type(error).__name__} {error}") from error


def _stored(data: dict[str, Any]) -> StoredList:
    rows = [(Code(str(row[0]), str(row[1]), str(row[2])), row[3:]) for row in data["concepts"]]
    return StoredList(
        name=str(data["name"]),
        oid=str(data["oid"]),
        version=str(data["version"]),
        published=_day(data["published"]),
        source=str(data["source"]),
        concepts=tuple(StoredConcept(code, _day(rest[0]) if rest else None) for code, rest in rows),
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value is not None else None


def to_text(stored: StoredList) -> str:
    """The file's text, one concept a line so that two versions can be compared."""
    head = {
        "name": stored.name,
        "oid": stored.oid,
        "version": stored.version,
        "published": stored.published.isoformat() if stored.published else None,
        "source": stored.source,
    }
    lines = [f'"{key}": {json.dumps(value, ensure_ascii=False)},' for key, value in head.items()]
    rows = ",\n".join(json.dumps(_row(concept), ensure_ascii=False) for concept in stored.concepts)
    return "{" + "\n".join(lines) + '\n"concepts": [\n' + rows + "\n]}\n"


def _row(concept: StoredConcept) -> list[str]:
    code = concept.code
    row = [code.code, code.system, code.label]
    return [*row, concept.left_on.isoformat()] if concept.left_on else row


def write(path: Path, stored: StoredList) -> None:
    """Atomic: a reader sees the former file or the new one, whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(to_text(stored), encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
