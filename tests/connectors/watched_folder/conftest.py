"""A folder on a real disk, before a real database."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination import blobs, doorbell
from perinat.connectors.watched_folder.conf import RENAME, FolderConfig
from tests.coordination import world


@pytest.fixture
def ward(db: None, settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> world.Ward:
    settings.BLOB_DIR, settings.BLOB_KEYS_DIR = tmp_path / "blobs", tmp_path / "keys"  # type: ignore[attr-defined]
    settings.ANS_PACK = ""  # type: ignore[attr-defined]
    blobs._current_key.cache_clear()
    monkeypatch.setattr(doorbell, "ring", lambda *_, **__: None)
    return world.ward()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "entree"
    made.mkdir()
    return made


@pytest.fixture
def config(folder: Path) -> FolderConfig:
    return FolderConfig(folders={"secretaire": folder}, ready=RENAME, max_bytes=2_000_000)
