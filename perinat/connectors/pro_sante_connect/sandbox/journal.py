"""What was asked and what was answered, for those who look: no token, no code, no name."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from perinat.connectors.pro_sante_connect.sandbox.rules import Refusal

KEPT = 200


class Journal:
    """The last entries, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def write(self, at: str, verdict: str, **data: str) -> None:
        with self._lock:
            self._entries.append({"at": at, "verdict": verdict, **data})

    def refused(self, at: str, refusal: Refusal) -> None:
        self.write(at, "refused", error=refusal.error, reason=refusal.reason, clause=refusal.clause)

    def all(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
