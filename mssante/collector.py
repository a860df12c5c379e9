"""Collecting one mailbox: resumable, at least once, acknowledged after the core's commit.

The cursor (UIDVALIDITY + last UID) moves only over mails that the core has acknowledged, whatever
their order. After a crash or a change of UIDVALIDITY mails are offered again: the core knows them by
their digest.

One mail never stops the others: what breaks on it, foreseen or not, makes it UNREADABLE, with its UID and
the kind of error, and the core puts it aside for a person. A mail that cannot be fetched is passed over; it is
put aside only when the mail is what fails (MOST_FETCHES), never because the server is down or slow.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from coordination.ports import Incoming, TemporaryChannelError
from mssante import mes, places, receipts
from mssante.conf import MssanteConfig
from mssante.cursors import Cursor, CursorStore
from mssante.imap import UNREACHABLE_FR, ImapSession, Listed, RefusedFetchError
from mssante.keys import Key, KeyRing

logger = logging.getLogger(__name__)
MOST_FETCHES = 10  # rounds in which the server refuses one mail, or breaks on it and gives the next one
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Token:
    """Where a mail stands: what `Incoming.token` holds, opaque to the core."""

    address: str
    uidvalidity: int
    uid: int

    def __str__(self) -> str:
        return f"{self.address}|{self.uidvalidity}|{self.uid}"

    @classmethod
    def parse(cls, text: str) -> Token:
        """Raises ValueError: not one of our tokens."""
        address, uidvalidity, uid = text.split("|")
        return cls(address, int(uidvalidity), int(uid))


@dataclass(slots=True)
class _Batch:
    """What one round offered to the core: the UIDs not acknowledged yet, and the highest of all."""

    uidvalidity: int
    waiting: set[int]
    highest: int


class MailboxCollector:
    """One mailbox. Thread-safe; the network is used by one thread at a time, and not during a `yield`."""

    def __init__(self, config: MssanteConfig, address: str, ring: KeyRing, cursors: CursorStore) -> None:
        self.address = address
        self._config = config
        self._ring = ring
        self._cursors = cursors
        self._lock = threading.RLock()
        self._session: ImapSession | None = None
        self._batch: _Batch | None = None
        self._failed_fetches: dict[Token, int] = {}
        self._pid = os.getpid()

    def collect(self) -> Iterator[Incoming]:
        """What arrived since the last acknowledged mail, oldest first. Raises TemporaryChannelError.

        A mail that could not be fetched is passed over; its failure is raised once the others are read.
        """
        with self._lock:
            session = self._refreshed()
            cursor = self._cursors.load(self.address)
            same = cursor is not None and cursor.uidvalidity == session.uidvalidity
            last_uid = cursor.last_uid if cursor is not None and same else 0
            if cursor is not None and not same:
                logger.warning("mssante.uidvalidity_changed")
            listed = self._to_offer(session, self._closing_on_failure(lambda: session.list_after(last_uid)))
            uids = {mail.uid for mail in listed}
            self._batch = _Batch(session.uidvalidity, uids, max(uids, default=last_uid))
        left: list[Exception] = []
        broke: tuple[Listed, Exception] | None = None  # nothing was fetched since: is it the mail, or the server?
        for mail in listed:
            try:
                incoming = self._read(session, mail)
            except RefusedFetchError as error:
                incoming = self._passed_over(session, mail, error, left)
            except Exception as error:  # whatever imaplib makes of the answer
                self.close()
                if broke is not None:
                    raise
                broke = mail, error
                session = self._reopened(session.uidvalidity)
                continue
            else:
                aside = self._passed_over(session, *broke, left) if broke is not None else None
                if aside is not None and self._concerns_us(aside):
                    yield aside
                broke = None
            if incoming is not None and self._concerns_us(incoming):
                yield incoming
            if self._session is not session:  # closed by a failure: the next round goes on
                return
        if broke is not None:
            left.append(broke[1])
        if left:
            raise left[0]

    def _to_offer(self, session: ImapSession, listed: list[Listed]) -> list[Listed]:
        """In an applicative box, everything."""
        return listed

    def _concerns_us(self, incoming: Incoming) -> bool:
        return True

    def _put_away(self, session: ImapSession, uid: int) -> None:
        session.put_away(uid)

    def _reopened(self, uidvalidity: int) -> ImapSession:
        """Another connection to the same mails. Raises TemporaryChannelError: the server is what fails."""
        with self._lock:
            session = self._refreshed()
            if session.uidvalidity != uidvalidity:
                raise TemporaryChannelError("UIDVALIDITY", UNREACHABLE_FR)
            return session

    def _passed_over(
        self, session: ImapSession, mail: Listed, error: Exception, left: list[Exception]
    ) -> Incoming | None:
        """Count a failure that is the mail's own: put aside after MOST_FETCHES of them, else `left` for later."""
        token = Token(self.address, session.uidvalidity, mail.uid)
        logger.warning("mssante.not_fetched uid=%s:%s cause=%s", token.uidvalidity, token.uid, type(error).__name__)
        if not isinstance(error.__cause__ or error, OSError):  # a timeout, a line that is cut: the network's
            self._failed_fetches[token] = self._failed_fetches.get(token, 0) + 1
        if self._failed_fetches.get(token, 0) < MOST_FETCHES:
            left.append(error)
            return None
        return self._put_aside(b"", token, mail, error)

    def _read(self, session: ImapSession, mail: Listed) -> Incoming | None:
        """One mail; None when it is there no more. Raises whatever the fetch raises."""
        token = Token(self.address, session.uidvalidity, mail.uid)
        large = mail.size > self._config.collect_max_bytes
        with self._lock:
            raw = session.fetch(mail.uid, headers_only=large)
            self._failed_fetches.pop(token, None)
            if raw is None:  # moved or deleted by someone else since it was listed
                self._forget(mail.uid)
                return None
        try:
            return replace(self.parse(raw, token=token, mail=mail, large=large), mailbox=self.address)
        except Exception as error:  # a crafted mail finds what nobody foresaw in a parser: it stops nothing
            return self._put_aside(raw, token, mail, error)

    def parse(self, raw: bytes, *, token: Token, mail: Listed, large: bool) -> Incoming:
        """What a mail says. `large`: only its headers were fetched."""
        read = receipts.too_large if large else receipts.parse
        bounces = mes.load(self._config.mes_bounces)
        return read(raw, token=str(token), received_at=mail.received_at, bounces=bounces)

    def _put_aside(self, raw: bytes, token: Token, mail: Listed, error: Exception) -> Incoming:
        where, cause = f"{token.uidvalidity}:{token.uid}", type(error).__name__
        logger.error("mssante.unreadable uid=%s cause=%s", where, cause)
        aside = receipts.unreadable(raw, token=str(token), received_at=mail.received_at, where=where, cause=cause)
        return replace(aside, mailbox=self.address)

    def acknowledge(self, token: Token) -> None:
        """Move the cursor, then put the mail away. The core has committed: nothing is raised any more."""
        with self._lock:
            self._cursors.save(self.address, Cursor(token.uidvalidity, self._reached(token)))
            try:
                session = self._session or self._refreshed()
                if session.uidvalidity == token.uidvalidity:
                    self._closing_on_failure(lambda: self._put_away(session, token.uid))
            except TemporaryChannelError as error:
                # The cursor keeps it from being offered again; it only stays in the INBOX.
                logger.warning("mssante.not_put_away code=%s", error.code)

    def _reached(self, token: Token) -> int:
        """Highest UID below which everything is acknowledged."""
        if self._batch is None or self._batch.uidvalidity != token.uidvalidity:
            return token.uid  # another process made the round, oldest first
        self._forget(token.uid)
        waiting = self._batch.waiting
        return min(waiting) - 1 if waiting else max(self._batch.highest, token.uid)

    def _forget(self, uid: int) -> None:
        if self._batch is not None:
            self._batch.waiting.discard(uid)

    def _refreshed(self) -> ImapSession:
        """The open session, brought up to date; a new one when there is none or it has been closed."""
        if self._pid != os.getpid():  # a forked worker must not speak on its parent's connection
            self._session, self._pid = None, os.getpid()
        if self._session is not None:
            try:
                self._session.refresh()
                return self._session
            except TemporaryChannelError:
                self.close()
        self._session = self._ring.open(self.address, self._connected)
        return self._session

    def _connected(self, key: Key) -> ImapSession:
        where = places.collection(self._config, self.address)
        return places.first(where, lambda place: ImapSession(self._config, self.address, key, place))

    def _closing_on_failure(self, action: Callable[[], _T]) -> _T:
        try:
            return action()
        except TemporaryChannelError:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; the next round opens another."""
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.close()
