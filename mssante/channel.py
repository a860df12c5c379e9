"""The MSSanté channel: a Parcel goes out as one mail, receipts come back from the same mailbox."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from coordination.ports import (
    Action,
    BoxKeeper,
    ChannelError,
    DocumentSize,
    Incoming,
    OpenedBox,
    Parcel,
    PermanentChannelError,
    Proof,
    TemporaryChannelError,
)
from mssante import answers, message, receipts, trust_space
from mssante.collector import MailboxCollector, Token
from mssante.conf import MssanteConfig, box_keeper, from_settings
from mssante.cursors import Cursor, CursorStore, DatabaseCursors
from mssante.imap import UNREACHABLE_FR
from mssante.keys import TOKEN, KeyRing
from mssante.personal import PersonalCollector
from mssante.smtp_pool import SmtpPool
from perinat.standards.patient_box import is_patient
from perinat.standards.received import Disposition

logger = logging.getLogger(__name__)


class MssanteChannel:
    """Satisfies `coordination.ports.Channel`. Thread-safe; keeps its sessions (SMTP pool, one IMAP by mailbox)."""

    def __init__(
        self,
        config: MssanteConfig | None = None,
        cursors: CursorStore | None = None,
        keeper: BoxKeeper | None = None,
    ) -> None:
        """Without arguments: the settings of the process, and cursors in the database."""
        self._ring = KeyRing(config or from_settings(), keeper if config else box_keeper())
        self._config = config or from_settings()
        self._cursors = cursors or DatabaseCursors()
        self._pool = SmtpPool(self._config, self._ring)
        self._lock = threading.Lock()
        self._collectors: dict[str, MailboxCollector] = {}

    @property
    def max_bytes(self) -> int:
        """Bound of the whole mail, as sent."""
        return self._config.max_bytes

    def size_of(self, documents: Sequence[DocumentSize]) -> int:
        """The mail that carries them, archive and PDF twins in base64."""
        return message.size_of(documents)

    def submit(self, parcel: Parcel) -> Proof:
        """Send (SEND or REPLACE). The proof is the operator's « 250 »: accepted, not yet delivered.

        Raises one of the three ChannelError.
        """
        if parcel.action is Action.WITHDRAW:
            return self.withdraw(parcel)
        return self._send(parcel)

    def withdraw(self, parcel: Parcel) -> Proof:
        """Send the mail that takes the documents back: the same documents under XDM action D.

        A mail cannot be called back: the recipient's software or a person acts on it.
        """
        if parcel.action is not Action.WITHDRAW:
            raise PermanentChannelError("ACTION", "Cet envoi n'est pas un retrait.")
        return self._send(parcel)

    def answer(self, disposition: Disposition) -> Proof:
        """Send the notification of what became of a mail received. Raises one of the three ChannelError."""
        self._ring.require(disposition.mailbox)
        mail = answers.compose(disposition, self._config)
        trust_space.check(mail.recipient, self._config.trust_list)
        reply = self._pool.send(mail)
        return Proof(code=reply.verbatim, remote_id=reply.text[:200], at=datetime.now(UTC), raw=reply.raw)

    def reread(self, raw: bytes, *, mailbox: str, received_at: datetime) -> Incoming:
        """A mail kept while its box was nobody's; there is nothing left to acknowledge."""
        return replace(receipts.parse(raw, token="", received_at=received_at), mailbox=mailbox)

    def find(self, parcel: Parcel) -> Proof | None:
        """Always None: SMTP has no question « did you receive this? ».

        A resend in doubt is safe: same Message-ID, same bytes, so that the recipient sees one mail.
        """
        return None

    def _send(self, parcel: Parcel) -> Proof:
        self._ring.require(parcel.sender.mailbox)
        mail = message.compose(parcel, self._config)
        trust_space.check(mail.recipient, self._config.trust_list)
        reply = self._pool.send(mail)
        return Proof(
            code=reply.verbatim,
            remote_id=(reply.loggable if is_patient(mail.recipient) else reply.text)[:200],  # it may repeat a matricule
            at=datetime.now(UTC),
            raw=reply.raw,
            documents={document.unique_id: parcel.message_id for document in parcel.documents},
        )

    def collect(self) -> Iterator[Incoming]:
        """What arrived in the mailboxes that can be opened, since the last acknowledged mail, oldest first in each.

        A mailbox that cannot be read does not keep the others from being read (ECO.1.2.3): its failure
        is raised at the end. Raises TemporaryChannelError.
        """
        failures: list[ChannelError] = []
        opened = self._ring.opened()
        self._leave_all_but(opened)
        for address, box in opened.items():
            try:
                yield from self._collector(address, box).collect()
            except ChannelError as error:
                if error.code == TOKEN:  # said when it was refused; nothing is new until there is another one
                    continue
                logger.warning("mssante.collect_failed code=%s", error.code)
                failures.append(error)
            except Exception as error:  # nobody foresaw it: this mailbox waits, the others are read
                logger.error("mssante.collect_unforeseen cause=%s", type(error).__name__)
                failures.append(TemporaryChannelError("UNFORESEEN", UNREACHABLE_FR, type(error).__name__))
        if failures:
            raise failures[0]

    def acknowledge(self, incoming: Incoming) -> None:
        """The core has committed it. Raises ValueError: a token that is not ours."""
        token = Token.parse(incoming.token)
        with self._lock:
            collector = self._collectors.get(token.address)
        opened = self._ring.opened() if collector is None else {}
        if collector is None and token.address not in opened:  # she has signed out meanwhile
            self._cursors.save(token.address, Cursor(token.uidvalidity, token.uid))
            return
        (collector or self._collector(token.address, opened[token.address])).acknowledge(token)

    def _collector(self, address: str, box: OpenedBox | None) -> MailboxCollector:
        with self._lock:
            if address not in self._collectors:
                self._collectors[address] = (
                    PersonalCollector(self._config, box, self._ring, self._cursors)
                    if box
                    else MailboxCollector(self._config, address, self._ring, self._cursors)
                )
            return self._collectors[address]

    def _leave_all_but(self, opened: dict[str, OpenedBox | None]) -> None:
        """She has signed out: her box is left at once (ECO.1.2.6)."""
        with self._lock:
            gone = [self._collectors.pop(address) for address in set(self._collectors) - set(opened)]
        for collector in gone:
            collector.close()

    def close(self) -> None:
        """Close the idle connections; the channel can serve again."""
        self._pool.close()
        with self._lock:
            collectors = list(self._collectors.values())
        for collector in collectors:
            collector.close()
