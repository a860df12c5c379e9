"""Collecting a box that people read elsewhere too: only what concerns perinat, and nothing is moved (ADR 0021)."""

from __future__ import annotations

from coordination.ports import Incoming, OpenedBox, ReceiptKind
from mssante.collector import MailboxCollector, Token
from mssante.conf import MssanteConfig
from mssante.cursors import Cursor, CursorStore
from mssante.imap import ImapSession, Listed
from mssante.keys import KeyRing
from mssante.receipts import TOO_LARGE, UNREADABLE

_KEPT = (
    ReceiptKind.DOCUMENTS,
    ReceiptKind.DELIVERED,
    ReceiptKind.DELAYED,
    ReceiptKind.BOUNCED,
    ReceiptKind.INTEGRATED,
    ReceiptKind.NOT_INTEGRATED,
    ReceiptKind.DISPLAYED,
)


class PersonalCollector(MailboxCollector):
    """A PER, ORG or CAB box: mails since it was declared, that bring documents or are receipts.

    The core forgets the receipts that are of none of our sendings. Words of a patient to her carer, or of anybody else,
    do not leave this file. A mail that could not be read may bring documents: its holder is told that it is there.
    """

    def __init__(self, config: MssanteConfig, box: OpenedBox, ring: KeyRing, cursors: CursorStore) -> None:
        super().__init__(config, box.address.lower(), ring, cursors)
        self._since = box.since.replace(microsecond=0)  # INTERNALDATE has no fraction: the mail of that second is hers

    def _to_offer(self, session: ImapSession, listed: list[Listed]) -> list[Listed]:
        """Those since the declaration; the cursor passes over what stands before the first of them."""
        recent = [mail for mail in listed if mail.received_at >= self._since]
        if len(recent) < len(listed):
            reached = recent[0].uid - 1 if recent else listed[-1].uid
            self._cursors.save(self.address, Cursor(session.uidvalidity, reached))
        return recent

    def _concerns_us(self, incoming: Incoming) -> bool:
        if incoming.kind in _KEPT or incoming.code.split(" ", 1)[0] in (UNREADABLE, TOO_LARGE):
            return True
        self.acknowledge(Token.parse(incoming.token))
        return False

    def _put_away(self, session: ImapSession, uid: int) -> None:
        """It stays as it is: she reads her box with other software too."""
