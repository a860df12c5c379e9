"""Opening a zip that anybody may have written: nothing is ever written to disk, and what is read is bounded.

An archive is refused whole, in one sentence, for a name that leaves its folder, a link, a password, two files
of the same name, too many files, or more bytes than a mail can honestly unfold.
"""

from __future__ import annotations

import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

MAX_ENTRIES = 2_000  # the largest official archive has some sixty
MAX_UNPACKED = 100 * 1024 * 1024  # bytes, all files together
MAX_RATIO = 200  # an XML document deflates by 5 to 20
_RATIO_FROM = 1024 * 1024  # bytes; a small file may repeat itself honestly
_CENTRAL = b"PK\x01\x02"
_ENCRYPTED = 0x1
# All that zipfile makes of bytes that are not what they say
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, lzma.LZMAError),
    *(ValueError, EOFError, OSError, NotImplementedError, RuntimeError),
)
NOISE = ("__MACOSX", ".")


class ArchiveError(Exception):
    """The archive is refused whole. `code` for the log; `message_fr` holds nothing of its content."""

    def __init__(self, code: str, message_fr: str) -> None:
        super().__init__(code)
        self.code = code
        self.message_fr = message_fr


@dataclass(frozen=True, slots=True)
class Files:
    """The files of an archive by their path as written; folders and the noise of other systems are left out."""

    _archive: zipfile.ZipFile
    by_path: Mapping[str, zipfile.ZipInfo]

    def read(self, path: str) -> bytes:
        """Raises ArchiveError: the bytes are not those that the archive announces."""
        info = self.by_path[path]
        try:
            with self._archive.open(info) as member:
                data = member.read(info.file_size + 1)
        except _BROKEN as error:
            raise ArchiveError("CORRUPT", "L'archive reçue est abîmée : un fichier ne peut pas être lu.") from error
        if len(data) != info.file_size:
            raise ArchiveError("CORRUPT", "L'archive reçue est abîmée : un fichier n'a pas la taille annoncée.")
        return data


def opened(data: bytes) -> Files:
    """The files of this archive. Raises ArchiveError."""
    if data.count(_CENTRAL) > MAX_ENTRIES:  # before zipfile makes an object of each
        raise ArchiveError("ENTRIES", "L'archive reçue contient trop de fichiers : elle n'est pas ouverte.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN as error:
        raise ArchiveError("NO_ZIP", "La pièce jointe annoncée comme une archive n'en est pas une.") from error
    _check_weight(archive, len(data))
    files: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for info in archive.infolist():
        _check_entry(info)
        if info.is_dir() or _is_noise(info.filename):
            continue
        if info.filename.lower() in seen:
            raise ArchiveError("TWICE", "L'archive reçue contient deux fichiers du même nom : elle n'est pas lue.")
        seen.add(info.filename.lower())
        files[info.filename] = info
    return Files(archive, files)


def _check_weight(archive: zipfile.ZipFile, size: int) -> None:
    unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > MAX_UNPACKED or (unpacked > _RATIO_FROM and unpacked > MAX_RATIO * size):
        raise ArchiveError("BOMB", "L'archive reçue se déplie en bien plus que ce qu'elle pèse : elle n'est pas lue.")


def _check_entry(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or ":" in name
    if outside or stat.S_ISLNK(info.external_attr >> 16):
        raise ArchiveError("PATH", "L'archive reçue contient un nom de fichier dangereux : elle n'est pas lue.")
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError("PASSWORD", "L'archive reçue est protégée par un mot de passe : elle ne peut pas être lue.")
    if info.file_size > _RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise ArchiveError("BOMB", "L'archive reçue se déplie en bien plus que ce qu'elle pèse : elle n'est pas lue.")


def _is_noise(name: str) -> bool:
    return any(part.startswith(NOISE) for part in PurePosixPath(name).parts)
