"""Anti-replay: an assertion ID is accepted once while its IssueInstant is still fresh."""

from __future__ import annotations

import threading
from datetime import datetime


class ReplayMemory:
    """Identifiers already used, forgotten once they could not be fresh any more."""

    def __init__(self) -> None:
        self._used: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def first_use(self, identifier: str, *, until: datetime, now: datetime) -> bool:
        """Remember `identifier` until `until`; False when it was already used."""
        with self._lock:
            if len(self._used) > 10_000:
                self._used = {key: end for key, end in self._used.items() if end > now}
            if identifier in self._used:
                return False
            self._used[identifier] = until
            return True

    def clear(self) -> None:
        with self._lock:
            self._used.clear()
