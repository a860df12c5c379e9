"""Administration of the sandbox, plain loopback HTTP and JSON. Not part of the real service."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from perinat.connectors.annuaire_sante.sandbox.faults import KINDS, Faults, UnknownFaultError
from perinat.connectors.annuaire_sante.sandbox.store import Store, StoreError


class Administration:
    """GET / · POST, DELETE /faults · POST /resources (publish, change) · DELETE /resources/KIND/ID · POST /reset."""

    def __init__(self, store: Store, faults: Faults, journal: deque[str]) -> None:
        self._store, self._faults, self._journal = store, faults, journal

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and state after the act; {"error": …} in French for a wrong request."""
        try:
            if not self._act(method, path.strip("/").split("/"), json.loads(body or b"{}")):
                return 404, {"error": "Adresse inconnue."}
        except (StoreError, UnknownFaultError, ValueError, TypeError, AttributeError) as error:
            return 400, {"error": str(error)}
        return 200, self._state()

    def _act(self, method: str, words: list[str], body: dict[str, Any]) -> bool:
        match method, words:
            case "GET", [""]:
                return True
            case "POST", ["faults"]:
                times, seconds, after = body.get("times", 1), float(body.get("seconds", 0)), int(body.get("after", 0))
                self._faults.add(str(body.get("kind")), times=times, seconds=seconds, after=after)
            case "DELETE", ["faults"]:
                self._faults.clear()
            case "POST", ["resources"]:
                self._store.put(str(body.pop("kind", "")), body)
            case "DELETE", ["resources", kind, key]:
                self._store.remove(kind, key)
            case "POST", ["reset"]:
                self._store.reset()
                self._faults.clear()
                self._journal.clear()
            case _:
                return False
        return True

    def _state(self) -> dict[str, Any]:
        return {
            "published": self._store.counts(),
            "faults": self._faults.all(),
            "known_faults": KINDS,
            "journal": list(self._journal),
        }
