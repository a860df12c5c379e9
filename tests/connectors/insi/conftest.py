"""A fictitious INSi on real sockets, and a client that waits little."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from perinat.connectors.insi.client import Insi
from perinat.connectors.insi.conf import InsiConfig
from perinat.connectors.insi.sandbox.server import InsiSandbox


@pytest.fixture
def sandbox() -> Iterator[InsiSandbox]:
    with InsiSandbox() as made:
        yield made


@pytest.fixture
def insi(sandbox: InsiSandbox) -> Insi:
    return Insi(InsiConfig(sandbox.url, "PERINAT-BAC-A-SABLE"))
