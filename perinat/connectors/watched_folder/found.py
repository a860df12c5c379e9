"""What stands in a folder: files that are whole, in the order they came; what is no file that perinat may read.

A document and its PDF of the same name are one. Nothing is opened here.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from perinat.connectors.watched_folder.conf import OK, STABLE, FolderConfig

TAKEN, REFUSED, WORK = "traites", "refuses", ".perinat"
OURS = frozenset((TAKEN, REFUSED, WORK))
PENDING_SUFFIXES = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")
DOCUMENTS, PDF = (".xml",), ".pdf"
KINDS = frozenset((*DOCUMENTS, PDF, ".zip", ".hl7", ".er7"))
OK_SUFFIX = ".ok"
NOT_A_FILE = "Ce n'est pas un fichier ordinaire (lien, tube ou périphérique) : perinat ne l'ouvre pas."
TOO_LARGE = "Ce fichier dépasse la taille admise ({limit} Mo). Rien n'en a été lu."
UNKNOWN_KIND = "perinat ne lit ici que .xml, .pdf, .zip (IHE_XDM) et .hl7."


@dataclass(frozen=True, slots=True)
class Found:
    """`names`: the file, then its PDF when it has one beside it; `refusal`: why it is not to be opened."""

    names: tuple[str, ...]
    modified: float
    refusal: str = ""


def scan(folder: Path, config: FolderConfig, *, now: float | None = None) -> list[Found]:
    """What is ready, oldest first, then by name. Raises OSError."""
    instant = time.time() if now is None else now
    entries = dict(_entries(folder))
    ready = {name for name in entries if _is_ready(name, entries, config, instant)}
    found = list(_files(ready, entries, config))
    return sorted(found, key=lambda one: (one.modified, one.names))


def subfolders(folder: Path) -> list[str]:
    """Folders that perinat did not make: nothing is read in them, and the administrator is told. Raises OSError."""
    return sorted(entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)
                  and entry.name not in OURS)  # fmt: skip


def _entries(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):  # taken away by who dropped it
            if not _is_ours(entry):
                yield entry.name, entry.stat(follow_symlinks=False)


def _is_ours(entry: os.DirEntry[str]) -> bool:
    return entry.name in OURS or entry.is_dir(follow_symlinks=False)


def _is_ready(name: str, entries: dict[str, os.stat_result], config: FolderConfig, now: float) -> bool:
    lower = name.lower()
    if name.startswith(".") or lower.endswith((*PENDING_SUFFIXES, OK_SUFFIX)):
        return False
    if config.ready == OK:
        return f"{name}{OK_SUFFIX}" in entries or _follows_its_document(name, entries)
    # the date of the last change, which no copy that keeps dates can set back
    return config.ready != STABLE or now - entries[name].st_ctime >= config.stable_seconds


def _follows_its_document(name: str, entries: dict[str, os.stat_result]) -> bool:
    """A PDF whose document is ready comes with it, without a mark of its own."""
    stem, suffix = os.path.splitext(name)
    return suffix.lower() == PDF and any(f"{stem}{kind}{OK_SUFFIX}" in entries for kind in DOCUMENTS)


def _files(ready: set[str], entries: dict[str, os.stat_result], config: FolderConfig) -> Iterator[Found]:
    twins = {}
    for name in ready:
        stem, suffix = os.path.splitext(name)
        if suffix.lower() in DOCUMENTS:
            twins[name] = next((f"{stem}{end}" for end in (PDF, PDF.upper()) if f"{stem}{end}" in entries), "")
    waited_for = set(twins.values())
    for name in ready - waited_for:
        twin = twins.get(name, "")
        if twin and twin not in ready:
            continue  # its copy is being written
        names = (name, twin) if twin else (name,)
        refusal = next((why for one in names if (why := _refusal(one, entries[one], config))), "")
        yield Found(names, entries[name].st_mtime, refusal)


def _refusal(name: str, info: os.stat_result, config: FolderConfig) -> str:
    if not stat.S_ISREG(info.st_mode):
        return NOT_A_FILE
    if info.st_size > config.max_bytes:
        return TOO_LARGE.format(limit=config.max_bytes // 1024**2)
    return "" if os.path.splitext(name)[1].lower() in KINDS else UNKNOWN_KIND
