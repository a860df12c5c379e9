"""The official code lists (« jeux de valeurs », JDV) as dated data: which code stands in which list, or left it when.

Two folders hold the lists, one JSON file each (format: `value_set_files`), in value_sets/ and, for the
associations between lists (ASS_…), in associations/. The folder given to `configure` comes first:
`manage.py load_codes` writes the refreshed lists there. Then come the lists of this package, drawn from
the files that ANS publishes. A damaged file is an error, never a silent return to the older list.

A code that leaves a list stays in it with the day it left (`left_on`): documents of before that day
remain right, new ones are refused. Where one list holds the same code of two systems, the first one
of the official order is found by the code alone, the next ones by « code|system ».
"""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from perinat.standards import value_set_files
from perinat.standards.codes import Code

COMMITTED = Path(__file__).parent / "data"
_NAME = re.compile(r"[A-Za-z0-9_]+")  # a name is never a path
CLASSES = "ASS_X16_CorrespondanceType_Classe_DMP"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Concept:
    """One code of a list; `left_on` is the first day on which it is no longer to be written."""

    code: Code
    left_on: date | None = None

    def stands_on(self, on: date) -> bool:
        return self.left_on is None or on < self.left_on


@dataclass(frozen=True, slots=True)
class ValueSet:
    """One official list. `concepts` is keyed by code, in the official order; `published` dates the version."""

    name: str
    oid: str
    version: str
    published: date | None
    concepts: Mapping[str, Concept]

    def find(self, code: str, system: str | None = None) -> Concept | None:
        """The concept of that code, also when it has left the list; None when it never stood there.

        With `system` (OID), the concept of that system: the same code of another one is another concept.
        """
        found = self.concepts.get(code)
        if found is not None and system is not None and found.code.system != system:
            return self.concepts.get(f"{code}|{system}")
        return found

    def current(self, on: date) -> tuple[Code, ...]:
        """The codes that may be written on that day, in the official order."""
        return tuple(concept.code for concept in self.concepts.values() if concept.stands_on(on))


class UnknownValueSetError(LookupError):
    """No list has that name."""


class DamagedValueSetError(RuntimeError):
    """The file of a list cannot be read: `manage.py load_codes` writes it anew."""


@dataclass(slots=True)
class _Folder:
    """Where the refreshed lists are, for this process."""

    refreshed: Path | None = None


_folder = _Folder()
_lock = threading.Lock()


def configure(folder: Path | None) -> None:
    """Read the lists of `folder` before those of the package (None: those of the package only).

    The folder may be absent. Called once when the application starts; each process keeps what it has
    read, so a running process sees a refresh after its restart.
    """
    with _lock:
        _folder.refreshed = folder
        _load.cache_clear()
        _classes.cache_clear()


def value_set(name: str) -> ValueSet:
    """The list of that official name, without or with its _CISIS suffix: value_set("JDV_ModaliteEntree").

    Raises UnknownValueSetError, or DamagedValueSetError when its file cannot be read.
    """
    return _load(name.removesuffix("_CISIS"))


@functools.cache
def _load(name: str) -> ValueSet:
    stored = stored_list(name)
    if stored is None:
        raise UnknownValueSetError(name)
    concepts = {
        key: Concept(found.code, found.left_on) for key, found in value_set_files.keyed(stored.concepts).items()
    }
    head = stored.head
    return ValueSet(head.name, head.oid, head.version, head.published, MappingProxyType(concepts))


def stored_list(name: str) -> value_set_files.StoredList | None:
    """The file of a list as it stands now, not kept in memory; None when there is none."""
    path = _path(name, "value_sets")
    return _read(path, value_set_files.read_list) if path else None


def stored_association(name: str) -> value_set_files.StoredAssociation | None:
    """The file of an association (ASS_…) as it stands now; None when there is none."""
    path = _path(name, "associations")
    return _read(path, value_set_files.read_association) if path else None


def _read(path: Path, reader: Callable[[Path], _T]) -> _T:
    try:
        return reader(path)
    except (OSError, value_set_files.DamagedListError) as error:
        raise DamagedValueSetError(f"{path.name}: {error}") from error


def _path(name: str, kind: str) -> Path | None:
    if _NAME.fullmatch(name):
        for folder in _folders():
            if (path := folder / kind / f"{name}.json").is_file():
                return path
    return None


def _folders() -> tuple[Path, ...]:
    return (_folder.refreshed, COMMITTED) if _folder.refreshed is not None else (COMMITTED,)


def names() -> tuple[str, ...]:
    """Every list there is, refreshed or of the package, in alphabetical order."""
    return _names("value_sets")


def association_names() -> tuple[str, ...]:
    """Every association there is, in alphabetical order."""
    return _names("associations")


def _names(kind: str) -> tuple[str, ...]:
    return tuple(sorted({path.stem for folder in _folders() for path in (folder / kind).glob("*.json")}))


def class_of(type_code: str, system: str) -> str | None:
    """The classCode (TRE_A03) that ASS_X16 derives from a typeCode; None when it does not know the type."""
    pair = _classes().get((type_code, system))
    return pair[0] if pair else None


@functools.cache
def _classes() -> Mapping[tuple[str, str], tuple[str, str]]:
    stored = stored_association(CLASSES)
    if stored is None:
        raise UnknownValueSetError(CLASSES)
    return stored.pairs


def refusal(name: str, code: str, on: date, *, system: str | None = None) -> str | None:
    """Why `code` may not be written on that day from that list, in French; None when it may.

    `system` (OID), when given, must be that of the code.
    """
    found = value_set(name).find(code, system)
    if found is None:
        return f"Le code {code} n'est pas dans la liste {name}."
    if found.left_on is not None and not found.stands_on(on):
        return f"Le code {code} n'est plus dans la liste {name} depuis le {found.left_on:%d/%m/%Y}."
    return None
