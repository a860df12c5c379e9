"""A server on a real socket, before a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections

from coordination import blobs, channels, doorbell
from coordination.services import intake
from perinat.connectors.hl7v2.conf import Hl7Config
from perinat.connectors.hl7v2.er7 import Message
from perinat.connectors.hl7v2.reception import Reception
from perinat.connectors.hl7v2.server import MllpServer
from tests.connectors.hl7v2 import messages
from tests.coordination import world
from tests.fakes import FakeChannel


@pytest.fixture
def ward(db: None, settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> world.Ward:
    settings.BLOB_DIR, settings.BLOB_KEYS_DIR = tmp_path / "blobs", tmp_path / "keys"  # type: ignore[attr-defined]
    settings.ANS_PACK = ""  # type: ignore[attr-defined]
    blobs._current_key.cache_clear()
    monkeypatch.setattr(doorbell, "ring", lambda *_, **__: None)
    return world.ward()


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeChannel]:
    """The DMP and MSSanté, in memory."""
    made = {"dmp": FakeChannel(), "mssante": FakeChannel()}
    monkeypatch.setattr(channels, "get", made.__getitem__)
    monkeypatch.setattr(channels, "names", lambda: list(made))
    return made


@pytest.fixture
def reception(ward: world.Ward) -> Reception:
    return Reception(Hl7Config(senders={messages.SENDER: ward.secretary.username}), intake.receive)


@pytest.fixture
def push(reception: Reception) -> Callable[[bytes], Message]:
    """A message and its answer, without a socket between them."""
    return lambda data: messages.parse(reception.answer(data))


@pytest.fixture
def server(reception: Reception) -> Iterator[MllpServer]:
    config = Hl7Config(
        senders=reception.config.senders, port=0, timeout=1.0, idle_timeout=20.0, max_bytes=100_000, max_connections=3
    )
    with MllpServer(config, Reception(config, intake.receive), after=connections.close_all) as running:
        running.start()
        yield running
