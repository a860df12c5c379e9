"""Idle SMTP sessions, so that each thread finds a warm one."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

from coordination.ports import PermanentChannelError, TemporaryChannelError, UncertainChannelError
from mssante import places
from mssante.conf import MssanteConfig
from mssante.errors import Reply
from mssante.keys import Bearer, Key, KeyRing
from mssante.message import Mail
from mssante.smtp import SmtpSession


class SmtpPool:
    """Idle sessions by mailbox, the warmest first. Thread-safe; a forked process starts with none."""

    def __init__(self, config: MssanteConfig, ring: KeyRing) -> None:
        self._config, self._ring = config, ring
        self._lock = threading.Lock()
        self._idle: dict[str, list[SmtpSession]] = {}
        self._pid = os.getpid()

    def send(self, mail: Mail) -> Reply:
        """Send on a warm session, or on a new one. Raises one of the three ChannelError.

        It lasts `config.longest_sending` at most: connecting and handing over share one deadline.
        """
        ends = time.monotonic() + self._config.hand_over_timeout
        session = self._take(mail.sender)
        if session is not None:
            try:
                return self._send_on(session, mail, ends)
            except TemporaryChannelError as error:
                # A session left idle was perhaps closed by the server: nothing of the mail was received.
                if error.code != "UNREACHABLE" and not error.code.startswith("421"):
                    raise
        return self._send_on(
            self._ring.open(mail.sender, lambda key: self._connected(mail.sender, key, ends)), mail, ends
        )

    def _connected(self, mailbox: str, key: Key, ends: float) -> SmtpSession:
        where = places.submission(self._config, mailbox)
        return places.first(where, lambda place: SmtpSession(self._config, mailbox, key, place, ends))

    def _send_on(self, session: SmtpSession, mail: Mail, ends: float) -> Reply:
        try:
            reply = session.send(mail, ends)
        except (PermanentChannelError, TemporaryChannelError) as error:
            self._keep_after(session, error)
            raise
        except UncertainChannelError:
            session.close()
            raise
        self._give_back(session)
        return reply

    def _keep_after(self, session: SmtpSession, error: PermanentChannelError | TemporaryChannelError) -> None:
        if error.code[:1].isdigit() and not error.code.startswith("421"):
            with suppress(TemporaryChannelError):
                session.reset()
                self._give_back(session)
                return
        session.close()

    def _take(self, mailbox: str) -> SmtpSession | None:
        with self._lock:
            if self._pid != os.getpid():
                self._idle, self._pid = {}, os.getpid()
            waiting = self._idle.get(mailbox)
            return waiting.pop() if waiting else None

    def _give_back(self, session: SmtpSession) -> None:
        if isinstance(session.key, Bearer):  # she may leave at any moment: nothing stays open behind her
            session.close()
            return
        with self._lock:
            self._idle.setdefault(session.mailbox, []).append(session)

    def close(self) -> None:
        """Close the idle sessions."""
        with self._lock:
            idle, self._idle = self._idle, {}
        for session in (one for waiting in idle.values() for one in waiting):
            session.close()
