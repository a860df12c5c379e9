"""Settings of the connector, read at use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from coordination.ports import Intake
from perinat.standards.pushed import Pushed
from perinat.standards.received import ReceivedFile

STABLE, RENAME, OK = "stable", "rename", "ok"
READY = (STABLE, RENAME, OK)
Hl7Reader = Callable[[bytes, str], Pushed]
ArchiveReader = Callable[[bytes], tuple[tuple[ReceivedFile, ...], str]]


@dataclass(frozen=True, slots=True)
class FolderConfig:
    """One reading of the settings. `folders`: account of the ward → its folder. Times in seconds, sizes in bytes.

    `ready`: when a file is whole. `stable`: nothing of it has changed for `stable_seconds`; `rename`: as
    soon as its name is no temporary one; `ok`: an empty `<name>.ok` stands beside it. `postponed_hours`: a document
    that comes before its stay waits so long, then it is refused.
    """

    folders: Mapping[str, Path] = field(default_factory=dict)
    ready: str = STABLE
    stable_seconds: float = 10.0
    seconds: float = 5.0
    max_bytes: int = 30 * 1024 * 1024
    postponed_hours: float = 72.0


def load() -> FolderConfig:
    return FolderConfig(
        folders={account: Path(path) for account, path in settings.FOLDER_ACCOUNTS.items()},
        ready=settings.FOLDER_READY,
        stable_seconds=settings.FOLDER_STABLE_SECONDS,
        seconds=settings.FOLDER_SECONDS,
        max_bytes=settings.FOLDER_MAX_BYTES,
        postponed_hours=settings.FOLDER_POSTPONED_HOURS,
    )


def intake() -> Intake:
    """The function named by INTAKE."""
    return cast(Intake, import_string(settings.INTAKE))


def hl7_reader() -> Hl7Reader:
    """What the MLLP server would make of these bytes, for this account."""
    return cast(Hl7Reader, import_string(settings.FOLDER_READERS["hl7"]))


def archive_reader() -> ArchiveReader:
    """The documents of an IHE_XDM archive, or the sentence that refuses it."""
    return cast(ArchiveReader, import_string(settings.FOLDER_READERS["zip"]))


def is_account(name: str) -> bool:
    return bool(re.fullmatch(r"[\w.@+-]{1,150}", name))
