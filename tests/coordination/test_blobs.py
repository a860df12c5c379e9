"""Encrypted files: what was altered, exchanged or lost is said, never given back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from coordination import blobs
from coordination.models import Blob

SECRET = b"Compte rendu d'accouchement de LOUISE ACACIA"


@pytest.fixture
def stored(db: None, files: None) -> Blob:
    return blobs.store(SECRET, media_type="text/plain")


def path(blob: Blob) -> Path:
    return Path(settings.BLOB_DIR) / blob.pk.hex[:2] / blob.pk.hex


def keys() -> Path:
    return Path(settings.BLOB_KEYS_DIR)


def test_there_and_back(stored: Blob) -> None:
    assert blobs.read(stored) == SECRET and stored.size == len(SECRET) and len(stored.sha256) == 64


@pytest.mark.parametrize("data", [b"", b"\0" * 100_000])
def test_any_length(db: None, files: None, data: bytes) -> None:
    assert blobs.read(blobs.store(data, media_type="x")) == data


def test_nothing_is_in_clear_on_disk(stored: Blob) -> None:
    written = b"".join(p.read_bytes() for p in Path(settings.BLOB_DIR).rglob("*") if p.is_file())
    assert b"ACACIA" not in written and blobs.store(SECRET, media_type="x").pk != stored.pk
    assert path(stored).stat().st_mode & 0o077 == 0 or path(stored).parent.stat().st_mode & 0o077 == 0
    assert (keys() / "k1.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("place", [0, 12, 20, -1])
def test_one_bit_altered(stored: Blob, place: int) -> None:
    data = bytearray(path(stored).read_bytes())
    data[place] ^= 1
    path(stored).write_bytes(bytes(data))
    with pytest.raises(blobs.BlobError):
        blobs.read(stored)


@pytest.mark.parametrize("left", [0, 5, 12, 20])
def test_truncated(stored: Blob, left: int) -> None:
    path(stored).write_bytes(path(stored).read_bytes()[:left])
    with pytest.raises(blobs.BlobError):
        blobs.read(stored)


def test_two_files_exchanged_on_disk(stored: Blob) -> None:
    other = blobs.store(b"Un autre papier", media_type="x")
    mine, theirs = path(stored).read_bytes(), path(other).read_bytes()
    path(stored).write_bytes(theirs)
    path(other).write_bytes(mine)
    for blob in (stored, other):
        with pytest.raises(blobs.BlobError):
            blobs.read(blob)


def test_a_missing_file(stored: Blob) -> None:
    path(stored).unlink()
    with pytest.raises(blobs.BlobError):
        blobs.read(stored)


@pytest.mark.parametrize("key", [None, b"", b"short"])
def test_a_missing_or_broken_key(stored: Blob, key: bytes | None) -> None:
    if key is None:
        (keys() / "k1.key").unlink()
    else:
        (keys() / "k1.key").write_bytes(key)
    blobs._cipher.cache_clear()
    with pytest.raises(blobs.BlobError):
        blobs.read(stored)
    blobs._cipher.cache_clear()


def test_a_new_key_reads_old_and_new(stored: Blob) -> None:
    for name in ("k9", "k10"):
        (keys() / f"{name}.key").write_bytes(name.encode() * 16 if name == "k9" else b"0" * 32)
    blobs._current_key.cache_clear()
    assert blobs.ensure_key() == "k10", "ten comes after nine"
    fresh = blobs.store(b"nouveau", media_type="x")
    assert fresh.key_id == "k10" and blobs.read(fresh) == b"nouveau" and blobs.read(stored) == SECRET


def test_the_first_key_is_made_once_by_processes_that_start_together(files: None) -> None:
    start, names = threading.Barrier(8), []

    def run() -> None:
        start.wait()
        names.append((blobs.ensure_key(), (keys() / "k1.key").read_bytes()))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 1 and len(names[0][1]) == 32 and [p.name for p in keys().iterdir()] == ["k1.key"]


def test_a_rollback_leaves_no_row(db: None, files: None) -> None:
    class Interrupted(Exception):
        pass

    with pytest.raises(Interrupted), transaction.atomic():
        blobs.store(SECRET, media_type="x")
        raise Interrupted
    assert not Blob.objects.exists()


def test_a_full_disk_leaves_no_row(db: None, files: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(blobs, "_write_durably", full)
    with pytest.raises(OSError):
        blobs.store(SECRET, media_type="x")
    assert not Blob.objects.exists()
