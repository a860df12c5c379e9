"""A dropped file → what is pushed to the core. What needs another adapter is read by a function found by its path."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from perinat.connectors.watched_folder import conf
from perinat.connectors.watched_folder.found import DOCUMENTS, NOT_A_FILE, TOO_LARGE
from perinat.standards.pushed import Act, Pushed, PushedDocument
from perinat.standards.received import ReceivedFile

HL7 = (".hl7", ".er7")
ACTS = {"": Act.NEW, "C": Act.REPLACE, "D": Act.DELETE}
EMPTY = "Ce fichier est vide."
NO_DOCUMENT = "Cette archive ne contient aucun document."
NOT_READABLE = "Un document de l'archive n'est ni un CDA ni un PDF : il n'est pas pris en compte."


class FileRefusedError(Exception):
    """The file says nothing that can be pushed; `message_fr` says why, without a name nor a content."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def opened(path: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file, never of what a link names. Raises FileRefusedError, OSError."""
    if path.is_symlink():
        raise FileRefusedError(NOT_A_FILE)
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise FileRefusedError(TOO_LARGE.format(limit=max_bytes // 1024**2))
    if not data:
        raise FileRefusedError(EMPTY)
    return data


def pushed(name: str, data: bytes, twin: bytes, *, account: str, modified: float) -> list[Pushed]:
    """One value for each document. The same bytes always give the same identifiers. Raises FileRefusedError."""
    suffix = os.path.splitext(name)[1].lower()
    if suffix in HL7:
        return [replace(conf.hl7_reader()(data, account), anew=True)]
    stem, at = os.path.splitext(name)[0], datetime.fromtimestamp(modified, UTC)
    if suffix == ".zip":
        documents, refusal = conf.archive_reader()(data)
        if refusal or not documents:
            raise FileRefusedError(refusal or NO_DOCUMENT)
        number = _digest(data, b"")
        return [
            _push(_of_archive(one, f"{stem} ({rank}).pdf"), account, f"{number}:{rank}", at, one.data)
            for rank, one in enumerate(documents, start=1)
        ]
    kind = "CDA" if suffix in DOCUMENTS else "PDF"
    document = PushedDocument(
        act=Act.NEW, person=None, stay_number="", type_code="", data=data, name=f"{stem}.pdf", pdf=twin
    )
    return [_push(document, account, _digest(data, twin), at, data, kind)]


def _of_archive(file: ReceivedFile, name: str) -> PushedDocument:
    if not file.data.startswith(b"%PDF") and "xml" not in file.media_type:
        raise FileRefusedError(NOT_READABLE)
    return PushedDocument(
        act=ACTS.get(file.action, Act.NEW),
        person=None,
        stay_number="",
        type_code=file.type.code if file.type else "",
        data=file.data,
        unique_id=file.unique_id,
        name=name,
        pdf=file.twin,
    )


def _push(
    document: PushedDocument, account: str, number: str, at: datetime, raw: bytes, kind: str = "IHE_XDM"
) -> Pushed:
    sender = f"dossier:{account}"[:200]
    return Pushed(
        account=account, sender=sender, control_id=number, kind=kind, at=at, content=document, raw=raw, anew=True
    )


def _digest(data: bytes, twin: bytes) -> str:
    own = hashlib.sha256(data).hexdigest()
    return f"{own}+{hashlib.sha256(twin).hexdigest()}" if twin else own
