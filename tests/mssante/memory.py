"""Cursors kept in memory, for tests of the protocol that need no database."""

from __future__ import annotations

from mssante.cursors import Cursor


class MemoryCursors:
    def __init__(self) -> None:
        self.kept: dict[str, Cursor] = {}

    def load(self, address: str) -> Cursor | None:
        return self.kept.get(address)

    def save(self, address: str, cursor: Cursor) -> None:
        before = self.kept.get(address)
        if before and before.uidvalidity == cursor.uidvalidity and before.last_uid > cursor.last_uid:
            return
        self.kept[address] = cursor
