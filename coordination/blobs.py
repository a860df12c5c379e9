"""Encrypted files: AES-256-GCM, one key file per key id, each file bound to its own row.

File layout: 12-byte nonce, then ciphertext and tag. The associated data is the row's id, so that two
files cannot be exchanged on disk. A file is written whole and fsynced under a temporary name before
its row exists: a transaction that rolls back leaves an orphan file, never a row without its file.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import secrets
import uuid
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from coordination.models import Blob

NONCE_BYTES = 12


class BlobError(Exception):
    """A stored file is missing, was altered, or its key is not here."""


def ensure_key() -> str:
    """The id of the current (newest) key. A sandbox makes its first one; production never invents a key.

    Raises BlobError: no key here (folder not mounted, `manage.py create_blob_key` never run).
    """
    folder = Path(settings.BLOB_KEYS_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = sorted((path.stem for path in folder.glob("*.key")), key=lambda name: (len(name), name))  # k9, then k10
    if names:
        return names[-1]
    if not settings.SANDBOX:
        raise BlobError("no key in BLOB_KEYS_DIR")
    return create_first_key(folder)


def create_first_key(folder: Path) -> str:
    """Appears whole or not at all; two processes that start together agree on one key."""
    temporary = folder / f"{uuid.uuid4().hex}.new"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(temporary, folder / "k1.key")
    temporary.unlink()
    return "k1"


@functools.lru_cache(maxsize=16)
def _cipher(folder: str, key_id: str) -> AESGCM:
    try:
        return AESGCM((Path(folder) / f"{key_id}.key").read_bytes())
    except (OSError, ValueError) as error:  # absent, or not 32 bytes
        raise BlobError(f"key {key_id} is not readable") from error


@functools.lru_cache(maxsize=4)
def _current_key(folder: str) -> str:
    return ensure_key()


def _path(blob_id: uuid.UUID) -> Path:
    name = blob_id.hex
    return Path(settings.BLOB_DIR) / name[:2] / name


def _write_durably(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(".tmp")
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name too survives a power cut
    finally:
        os.close(folder)


def store(data: bytes, *, media_type: str) -> Blob:
    """Encrypt `data` to disk, then insert its row (in the caller's transaction)."""
    key_id = _current_key(str(settings.BLOB_KEYS_DIR))
    blob = Blob(sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type=media_type, key_id=key_id)
    nonce = secrets.token_bytes(NONCE_BYTES)
    cipher = _cipher(str(settings.BLOB_KEYS_DIR), key_id)
    _write_durably(_path(blob.id), nonce + cipher.encrypt(nonce, data, blob.id.bytes))
    blob.save(force_insert=True)
    return blob


def store_json(value: Any) -> Blob:
    """The same for a JSON value."""
    return store(json.dumps(value, ensure_ascii=False, sort_keys=True).encode(), media_type="application/json")


def read_json(blob: Blob) -> Any:
    """What `store_json` kept. Raises BlobError."""
    return json.loads(read(blob))


def erase(blob: Blob) -> None:
    """Forget a file that nothing names any more: its row, then the file once that is committed."""
    path = _path(blob.pk)
    blob.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def read(blob: Blob) -> bytes:
    """Clear bytes of a stored file. Raises BlobError: missing, altered, key absent."""
    try:
        data = _path(blob.id).read_bytes()
    except OSError as error:
        raise BlobError(f"blob {blob.id} is missing") from error
    cipher = _cipher(str(settings.BLOB_KEYS_DIR), blob.key_id)
    try:
        return cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], blob.id.bytes)
    except (InvalidTag, ValueError) as error:  # ValueError: shorter than its nonce
        raise BlobError(f"blob {blob.id} was altered") from error
