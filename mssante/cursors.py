"""Where the IMAP cursors are kept: in the database, so that another process goes on from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cursor:
    """Every UID up to `last_uid` is done with, under this `uidvalidity`."""

    uidvalidity: int
    last_uid: int


class CursorStore(Protocol):
    def load(self, address: str) -> Cursor | None: ...

    def save(self, address: str, cursor: Cursor) -> None:
        """Never moves backwards under one UIDVALIDITY."""
        ...


class DatabaseCursors:
    """Cursors in `mssante.models.MailboxCursor`."""

    def load(self, address: str) -> Cursor | None:
        from mssante.models import MailboxCursor

        row = MailboxCursor.objects.filter(address=address).first()
        return Cursor(row.uidvalidity, row.last_uid) if row else None

    def save(self, address: str, cursor: Cursor) -> None:
        from mssante.models import MailboxCursor

        values = {"uidvalidity": cursor.uidvalidity, "last_uid": cursor.last_uid}
        row, created = MailboxCursor.objects.get_or_create(address=address, defaults=values)
        if created:
            return
        if row.uidvalidity != cursor.uidvalidity:
            MailboxCursor.objects.filter(address=address).update(**values)
            return
        # Two collectors may overlap: the slower one must not take the cursor back.
        MailboxCursor.objects.filter(
            address=address, uidvalidity=cursor.uidvalidity, last_uid__lt=cursor.last_uid
        ).update(last_uid=cursor.last_uid)
