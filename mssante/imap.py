"""One mailbox over IMAP4rev1 (RFC 3501, STARTTLS, EXTERNAL or XOAUTH2): list, fetch, put away.

ECO.1.0.2, ECO.1.1.x. `imaplib` speaks the protocol; this file asks only for what a collector needs,
by UID, and never marks a mail as read before it is acknowledged (BODY.PEEK).
"""

from __future__ import annotations

import imaplib
import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from coordination.ports import TemporaryChannelError
from mssante import tls
from mssante.conf import MssanteConfig
from mssante.keys import TOKEN_REFUSED_FR, Bearer, Key, RefusedTokenError
from mssante.places import Place

UNREACHABLE_FR = "La boîte MSSanté ne peut pas être relevée pour le moment."
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UID = re.compile(rb"UID (\d+)")


_NOT_NOW = re.compile(r"\[(?:UNAVAILABLE|INUSE|SERVERBUG|LIMIT)\b", re.IGNORECASE)  # RFC 5530: nothing about the mail


class RefusedFetchError(TemporaryChannelError):
    """The server said NO or BAD to one mail, by its UID. The connection goes on."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in the mailbox, before its content is asked for. `received_at` is aware."""

    uid: int
    size: int
    received_at: datetime


class ImapSession:
    """One authenticated connection with INBOX selected. Not thread-safe. Raises TemporaryChannelError."""

    def __init__(self, config: MssanteConfig, address: str, key: Key, where: Place) -> None:
        self.address = address
        self._config = config
        context = tls.context(config, key)
        with _failures():
            self._imap = imaplib.IMAP4(*where, timeout=config.timeout)
        try:
            with _failures():
                self._open(context, key)
        except TemporaryChannelError:
            self.close()
            raise

    def _open(self, context: ssl.SSLContext, key: Key) -> None:
        if "STARTTLS" not in self._imap.capabilities:
            raise TemporaryChannelError("STARTTLS", "La messagerie ne propose pas de connexion sécurisée.")
        self._imap.starttls(context)
        if isinstance(key, Bearer):
            self._show(key)
        elif "AUTH=EXTERNAL" not in self._imap.capabilities:
            raise TemporaryChannelError("AUTH", "La messagerie n'admet pas l'authentification par certificat.")
        else:
            # The authorization identity names the mailbox: one structure may own several.
            self._imap.authenticate("EXTERNAL", lambda _challenge: self.address.encode())
        self._offered = self._capabilities()
        _ok(self._imap.select("INBOX"))
        self.uidvalidity = int(self._imap.response("UIDVALIDITY")[1][0] or 0)

    def _show(self, key: Bearer) -> None:
        """XOAUTH2; a refusal comes as a challenge, that an empty line answers."""
        if "AUTH=XOAUTH2" not in self._imap.capabilities:
            raise TemporaryChannelError("AUTH", "La messagerie n'admet pas l'authentification par Pro Santé Connect.")
        response = key.response(self.address).encode()
        try:
            self._imap.authenticate("XOAUTH2", lambda challenge: b"" if challenge else response)
        except imaplib.IMAP4.error as error:
            if isinstance(error, imaplib.IMAP4.abort) or _NOT_NOW.search(str(error)):
                raise
            raise RefusedTokenError("IMAP", TOKEN_REFUSED_FR, type(error).__name__) from error

    def refresh(self) -> None:
        """Learn what arrived and whether UIDVALIDITY changed since the last time."""
        with _failures():
            _ok(self._imap.select("INBOX"))
            self.uidvalidity = int(self._imap.response("UIDVALIDITY")[1][0] or 0)

    def list_after(self, last_uid: int) -> list[Listed]:
        """Mails whose UID is greater than `last_uid`, oldest first."""
        with _failures():
            answer = self._uid("FETCH", f"{last_uid + 1}:*", "(UID RFC822.SIZE INTERNALDATE)")
            found = [listed for line in answer if (listed := _listed(line))]
        # « n:* » always names the last mail, even when its UID is below n (RFC 3501 §6.4.8).
        return sorted((mail for mail in found if mail.uid > last_uid), key=lambda mail: mail.uid)

    def fetch(self, uid: int, *, headers_only: bool = False) -> bytes | None:
        """The mail as stored; None when it has left the mailbox meanwhile. Raises RefusedFetchError too."""
        what = "(BODY.PEEK[HEADER])" if headers_only else "(BODY.PEEK[])"
        with _failures():
            try:
                answer = self._uid("FETCH", str(uid), what)
            except imaplib.IMAP4.error as error:
                if isinstance(error, imaplib.IMAP4.abort) or _NOT_NOW.search(str(error)):
                    raise
                raise RefusedFetchError("IMAP", UNREACHABLE_FR, type(error).__name__) from error
        return next((part[1] for part in answer if isinstance(part, tuple)), None)

    def put_away(self, uid: int) -> None:
        """Mark as read, then move to the folder of processed mails when there is one."""
        with _failures():
            self._uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
            folder = self._config.processed_folder
            if folder and b"MOVE" in self._offered:
                status, answer = self._imap.uid("MOVE", str(uid), folder)
                if status != "OK" and b"TRYCREATE" in b"".join(line for line in answer if isinstance(line, bytes)):
                    self._imap.create(folder)
                    self._uid("MOVE", str(uid), folder)

    def _capabilities(self) -> frozenset[bytes]:
        """What is offered once signed in: Dovecot tells of MOVE only then, and imaplib asks only before."""
        status, answer = self._imap.capability()
        _ok((status, answer))
        return frozenset(b" ".join(line for line in answer if isinstance(line, bytes)).upper().split())

    def _uid(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
        status, answer = self._imap.uid(command, *arguments)
        _ok((status, answer))
        return [line for line in answer if line is not None]

    def close(self) -> None:
        """Leave without waiting for an answer."""
        with suppress(OSError, imaplib.IMAP4.error):
            self._imap.shutdown()


def _listed(line: bytes | tuple[bytes, bytes]) -> Listed | None:
    text = line if isinstance(line, bytes) else line[0]
    uid, size = _UID.search(text), _SIZE.search(text)
    return Listed(int(uid.group(1)), int(size.group(1)), _received_at(text)) if uid and size else None


def _received_at(text: bytes) -> datetime:
    """INTERNALDATE; now when it is no date: one mail without a date must not hide, nor stop the others."""
    try:
        date = imaplib.Internaldate2tuple(text)  # strptime would read the months in the language of the process
        return datetime.fromtimestamp(time.mktime(date), UTC) if date else datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)


def _ok(answer: tuple[str, Sequence[object]]) -> None:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(answer[0], *answer[1])


@contextmanager
def _failures() -> Iterator[None]:
    """Nothing is lost when collecting fails: the cursor has not moved."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise TemporaryChannelError("TLS", UNREACHABLE_FR, error.verify_message) from error
    except (OSError, ValueError, imaplib.IMAP4.error) as error:
        raise TemporaryChannelError("IMAP", UNREACHABLE_FR, type(error).__name__) from error
