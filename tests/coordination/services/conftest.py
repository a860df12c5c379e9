"""A fictitious INSi that listens, and the settings that lead to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from perinat.connectors.insi.sandbox.server import InsiSandbox
from tests.coordination.services.ins import CONNECTOR


@pytest.fixture
def insi(settings: object) -> Iterator[InsiSandbox]:
    with InsiSandbox() as sandbox:
        settings.IDENTITY_SERVICE, settings.INSI_URL = CONNECTOR, sandbox.url  # type: ignore[attr-defined]
        settings.IDENTITY_HOURS = [7, 20]  # type: ignore[attr-defined]
        yield sandbox
