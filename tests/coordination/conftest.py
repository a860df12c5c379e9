"""Fakes in place of the channels, and a small ward."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination import blobs, channels
from tests.coordination import world
from tests.fakes import FakeChannel


@pytest.fixture
def files(settings: object, tmp_path: Path) -> None:
    """A folder of one's own for keys and encrypted files; no national pack unless the test asks."""
    settings.BLOB_DIR = tmp_path / "blobs"  # type: ignore[attr-defined]
    settings.BLOB_KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]
    settings.ANS_PACK = ""  # type: ignore[attr-defined]
    blobs._current_key.cache_clear()


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, FakeChannel]]:
    """The DMP and MSSanté, in memory."""
    made = {"dmp": FakeChannel(), "mssante": FakeChannel()}
    monkeypatch.setattr(channels, "get", made.__getitem__)
    monkeypatch.setattr(channels, "names", lambda: list(made))
    yield made


@pytest.fixture
def ward(db: None, files: None) -> world.Ward:
    return world.ward()
