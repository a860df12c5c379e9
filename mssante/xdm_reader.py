"""An archive IHE_XDM received from anybody → its documents with what their metadata say (IHE ITI TF-2 §3.32).

Tolerant of layout (a folder above IHE_XDM, several trees, several subsets, any case, resources and noise
beside), strict on what makes a document another one: a hash or a size that lies refuses the whole archive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mssante import zip_guard
from mssante.zip_guard import ArchiveError, Files
from perinat.standards import ebrim, ebrim_reader, xml
from perinat.standards.ebrim_parsed import ParsedEntry, ParsedSubmission
from perinat.standards.received import ReceivedFile

ROOT, METADATA = "IHE_XDM", "METADATA.XML"
MAX_METADATA = 5 * 1024 * 1024
MAX_DOCUMENTS = 200
PDF = "application/pdf"
_RESOURCES = frozenset({".xsl", ".xslt", ".css", ".htm", ".html", ".gif", ".png", ".jpg", ".txt"})
NO_TREE = ArchiveError("NO_XDM", "L'archive reçue n'a pas de dossier IHE_XDM avec ses métadonnées.")
OLD_EBRIM_FR = (
    "Les métadonnées de l'archive reçue sont au format ebRIM 2.1, abandonné : elle n'est pas lue. Demandez à "
    "l'expéditeur une archive au format ebRIM 3.0."
)
UNREADABLE_FR = "Les métadonnées de l'archive reçue ne sont pas un XML lisible : elle n'est pas lue."
NO_ADDRESS_FR = "Un document n'a pas d'adresse dans les métadonnées : il est reconnu à son empreinte."
NO_DIGEST_FR = "Les métadonnées ne donnent pas l'empreinte ou la taille d'un document : il n'a pas pu être comparé."
TWICE_FR = "Un document est deux fois dans l'archive : il n'est montré qu'une fois."


@dataclass(frozen=True, slots=True)
class Archive:
    """`warnings`: French sentences about what was tolerated."""

    documents: tuple[ReceivedFile, ...]
    warnings: tuple[str, ...] = ()


def read(data: bytes) -> Archive:
    """Every document of the archive, each once. Raises ArchiveError: refused whole, with its sentence."""
    files = zip_guard.opened(data)
    folders = [PurePosixPath(path).parent for path in files.by_path if _is_metadata(PurePosixPath(path))]
    if not folders:
        raise NO_TREE
    documents: list[ReceivedFile] = []
    warnings: list[str] = []
    for folder in folders:
        documents += _Subset(files, folder, warnings).documents()
    kept: dict[tuple[str, bytes], ReceivedFile] = {}
    for document in documents:
        if kept.setdefault((document.unique_id, document.data), document) is not document:
            warnings.append(TWICE_FR)
    return Archive(tuple(kept.values()), tuple(dict.fromkeys(warnings)))


def _is_metadata(path: PurePosixPath) -> bool:
    return path.name.upper() == METADATA and len(path.parts) >= 3 and path.parts[-3].upper() == ROOT


class _Subset:
    """One folder under IHE_XDM: its metadata and its files, by name whatever the case."""

    def __init__(self, files: Files, folder: PurePosixPath, warnings: list[str]) -> None:
        self._files, self._warnings = files, warnings
        inside = [path for path in files.by_path if folder in PurePosixPath(path).parents]
        names = {str(PurePosixPath(path).relative_to(folder)).lower(): path for path in inside}
        self._metadata = names.pop(METADATA.lower())
        self._names = names
        self._data: dict[str, bytes] = {}

    def documents(self) -> list[ReceivedFile]:
        lot = self._submission()
        if len(lot.documents) > MAX_DOCUMENTS:
            raise ArchiveError("DOCUMENTS", "L'archive reçue contient trop de documents : elle n'est pas lue.")
        found = []
        for entry in lot.documents:
            name = self._file_of(entry)
            found.append((name, _document(self._names[name], self._checked(name, entry), entry)))
        return list(self._with_twins(found))

    def _submission(self) -> ParsedSubmission:
        try:
            root = xml.parse(self._files.read(self._metadata), max_bytes=MAX_METADATA)
            lot = ebrim_reader.read_submission(root)
        except xml.XmlError as error:
            raise ArchiveError(
                "METADATA", f"Les métadonnées de l'archive sont illisibles. {error.message_fr}"
            ) from error
        except ebrim.EbrimError as error:
            if next(root.iter("{*}LeafRegistryObjectList"), None) is not None:
                raise ArchiveError("EBRIM_21", OLD_EBRIM_FR) from error
            raise ArchiveError("METADATA", error.message_fr) from error
        if not lot.documents:
            raise ArchiveError("EMPTY", "Les métadonnées de l'archive ne décrivent aucun document.")
        return lot

    def _file_of(self, entry: ParsedEntry) -> str:
        """The name of its file: by its URI, else by its digest, else the only file there is."""
        if entry.uri:
            name = str(PurePosixPath(entry.uri)).lower()
            if name not in self._names:
                raise ArchiveError("ABSENT", "Un document décrit par les métadonnées n'est pas dans l'archive.")
            return name
        self._warnings.append(NO_ADDRESS_FR)
        candidates = [name for name in self._names if PurePosixPath(name).suffix not in _RESOURCES]
        if entry.hash_sha1:
            candidates = [name for name in candidates if _sha1(self._read(name)) == entry.hash_sha1]
        if len(candidates) != 1:
            raise ArchiveError("ABSENT", "Un document des métadonnées ne se reconnaît dans aucun fichier de l'archive.")
        return candidates[0]

    def _checked(self, name: str, entry: ParsedEntry) -> bytes:
        data = self._read(name)
        if not entry.hash_sha1 or entry.size is None:
            self._warnings.append(NO_DIGEST_FR)
        if (entry.size is not None and entry.size != len(data)) or (entry.hash_sha1 and entry.hash_sha1 != _sha1(data)):
            raise ArchiveError(
                "HASH",
                "Un document reçu n'a pas l'empreinte ou la taille que disent ses métadonnées : rien n'est gardé.",
            )
        return data

    def _read(self, name: str) -> bytes:
        if name not in self._data:
            self._data[name] = self._files.read(self._names[name])
        return self._data[name]

    def _with_twins(self, found: Sequence[tuple[str, ReceivedFile]]) -> Iterator[ReceivedFile]:
        """A PDF named as the document beside which it stands is its readable copy, described or not."""
        stems = {PurePosixPath(name).stem: name for name, one in found if one.media_type != PDF}
        for name, document in found:
            stem = PurePosixPath(name).stem
            if document.media_type == PDF and stem in stems and not document.action:
                continue
            twin = f"{PurePosixPath(name).with_suffix('.pdf')}"
            if document.media_type != PDF and twin in self._names:
                document = replace(document, twin=self._read(twin))
            yield document


def _document(path: str, data: bytes, entry: ParsedEntry) -> ReceivedFile:
    described = entry.patient_id
    return ReceivedFile(
        name=PurePosixPath(path).name,
        media_type=entry.mime_type.lower(),
        data=data,
        unique_id=entry.unique_id,
        title=entry.title,
        type=entry.type_code,
        ins=described.ins if described else None,
        action=entry.action,
    )


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
