"""The last requests with their verdict and clause: what a test or a person looks at. No content."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

KEPT = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `verdict`: accepted, refused or fault; `code` as answered; `milliseconds` inside us."""

    sequence: int
    at: str
    path: str
    transaction: str
    verdict: str
    code: str
    detail: str
    clause: str
    fault: str
    status: int
    bytes_in: int
    milliseconds: float


class Journal:
    """Thread-safe, bounded. `connections`: how many were opened since the start, handshake done."""

    def __init__(self) -> None:
        self._connections = 0
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0
        self._lock = threading.Lock()

    def add(
        self,
        *,
        path: str,
        verdict: str,
        transaction: str = "",
        code: str = "",
        detail: str = "",
        clause: str = "",
        fault: str = "",
        status: int = 0,
        bytes_in: int = 0,
        milliseconds: float = 0.0,
    ) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._lock:
            self._count += 1
            self._entries.append(
                Entry(
                    self._count,
                    at,
                    path,
                    transaction,
                    verdict,
                    code,
                    detail,
                    clause,
                    fault,
                    status,
                    bytes_in,
                    round(milliseconds, 2),
                )
            )

    def recent(self, limit: int = 100) -> list[dict[str, object]]:
        """The latest `limit` entries, newest first."""
        with self._lock:
            latest = list(self._entries)[-limit:]
        return [asdict(entry) for entry in reversed(latest)]

    @property
    def count(self) -> int:
        return self._count

    @property
    def connections(self) -> int:
        return self._connections

    def connected(self) -> None:
        """One more client has opened a connection."""
        with self._lock:
            self._connections += 1

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._count = 0
