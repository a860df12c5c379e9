"""The ZIP of an XDM mail: safety, layout and names (IHE ITI TF-2 ITI-32, ISO 9660 level 1)."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from mssante.sandbox.lint.findings import Finding

CLAUSE = "IHE ITI-32 §3.32.4.1.2"
MAX_ENTRIES = 500
MAX_BYTES = 100 * 1024 * 1024  # once inflated
METADATA = "METADATA.XML"
ROOT_FILES = ("README.TXT", "INDEX.HTM")
_NAME = re.compile(r"[A-Z0-9_]{1,8}(\.[A-Z0-9_]{1,3})?")


@dataclass(slots=True)
class Archive:
    """Files of each submission set: subset directory → (path inside it → bytes)."""

    subsets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read(data: bytes) -> Archive:
    """Open an archive, never trusting it; what is wrong is in `findings`."""
    archive = Archive()
    try:
        with zipfile.ZipFile(BytesIO(data)) as opened:
            unsafe = list(_safety(opened))
            archive.findings += unsafe
            if not unsafe:
                archive.findings += _layout(opened.namelist())
                _load(opened, archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError):
        archive.findings.append(Finding("zip", CLAUSE, "IHE_XDM.zip n'est pas une archive ZIP lisible."))
    return archive


def _safety(opened: zipfile.ZipFile) -> Iterator[Finding]:
    entries = opened.infolist()
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        yield Finding("zip-bomb", CLAUSE, "L'archive est démesurée une fois décompressée.")
    names = [entry.filename for entry in entries]
    if len(names) != len({name.upper() for name in names}):
        yield Finding("zip-duplicate", CLAUSE, "L'archive porte deux fois le même nom.")
    for entry in entries:
        steps = entry.filename.split("/")
        if entry.filename.startswith("/") or "\\" in entry.orig_filename or ":" in entry.filename or ".." in steps:
            yield Finding("zip-traversal", CLAUSE, "Un nom de l'archive sort de son arborescence.")
        if entry.flag_bits & 0x1:
            yield Finding("zip-encrypted", CLAUSE, "L'archive est chiffrée.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            yield Finding("zip-link", CLAUSE, "L'archive contient un lien.")


def _layout(names: list[str]) -> Iterator[Finding]:
    for name in ROOT_FILES:
        if name not in names:
            yield Finding("layout-root", CLAUSE, f"Le fichier {name} manque à la racine de l'archive.")
    inside = [name for name in names if name.startswith("IHE_XDM/")]
    if not inside:
        yield Finding("layout-tree", CLAUSE, "Le répertoire IHE_XDM manque dans l'archive.")
    for name in inside:
        steps = [step for step in name.split("/")[1:] if step]
        if not all(_NAME.fullmatch(step) for step in steps):
            yield Finding("layout-name", "ISO 9660 niveau 1", "Un nom sous IHE_XDM n'est pas de la forme 8.3.")
    subsets = {name.split("/")[1] for name in inside if name.count("/") >= 2}
    if inside and not subsets:
        yield Finding("layout-subset", CLAUSE, "IHE_XDM ne contient aucun lot.")
    for subset in sorted(subsets):
        if f"IHE_XDM/{subset}/{METADATA}" not in names:
            yield Finding("layout-metadata", CLAUSE, "Un lot n'a pas de METADATA.XML.")


def _load(opened: zipfile.ZipFile, archive: Archive) -> None:
    left = MAX_BYTES
    for entry in opened.infolist():
        steps = entry.filename.split("/", 2)
        if entry.is_dir() or steps[0] != "IHE_XDM" or len(steps) < 3:
            continue
        with opened.open(entry) as stream:
            data = stream.read(left + 1)
        left -= len(data)
        if left < 0:
            archive.findings.append(Finding("zip-bomb", CLAUSE, "L'archive est démesurée une fois décompressée."))
            return
        archive.subsets.setdefault(steps[1], {})[steps[2]] = data
