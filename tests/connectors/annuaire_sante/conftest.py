"""A fictitious Annuaire Santé on real sockets, and a client that waits little."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from perinat.connectors.annuaire_sante.client import AnnuaireSante
from perinat.connectors.annuaire_sante.conf import AnnuaireConfig
from perinat.connectors.annuaire_sante.sandbox.server import AnnuaireSandbox


class Annuaire:
    """The sandbox seen from a test: its addresses, and its administration over HTTP."""

    def __init__(self, sandbox: AnnuaireSandbox) -> None:
        self.base_url, self.api_key, self._admin = sandbox.base_url, sandbox.api_key, sandbox.admin_url

    def admin(self, path: str = "", method: str = "POST", **body: Any) -> dict[str, Any]:
        request = urllib.request.Request(f"{self._admin}/{path}", json.dumps(body).encode(), method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return dict(json.load(answer))

    def fault(self, kind: str, **how: Any) -> None:
        self.admin("faults", kind=kind, **how)

    def publish(self, kind: str, key: str, **fields: Any) -> None:
        self.admin("resources", kind=kind, id=key, **fields)

    def remove(self, kind: str, key: str) -> None:
        self.admin(f"resources/{kind}/{key}", "DELETE")

    def client(self, **settings: Any) -> AnnuaireSante:
        """`tries`, `page_size`… of this test; no pause between calls."""
        quick = {
            "base_url": self.base_url,
            "api_key": self.api_key,
            "interval": 0.0,
            "longest_wait": 1.5,
            "page_size": 3,
        }
        return AnnuaireSante(AnnuaireConfig(**{**quick, **settings}))


@pytest.fixture(scope="session")
def running() -> Iterator[AnnuaireSandbox]:
    with AnnuaireSandbox(calls_per_second=10_000) as sandbox:
        yield sandbox


@pytest.fixture
def annuaire(running: AnnuaireSandbox) -> Annuaire:
    """As at its start."""
    one = Annuaire(running)
    one.admin("reset")
    return one
