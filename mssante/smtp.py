"""Submission by SMTP (RFC 5321, 3207 STARTTLS, 3461 DSN, 4422 EXTERNAL, XOAUTH2), Référentiel socle #2 §1.

One session carries mails one after the other (`smtp_pool`). Where the line is cut decides what the failure means:
before the end of the content nothing was received (RFC 5321 §4.1.1.4); after it, perhaps. A server may
take minutes to answer the final dot, and giving up too early doubles mails (§4.5.3.2.6, RFC 1047).
"""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from coordination.ports import TemporaryChannelError, UncertainChannelError
from mssante import tls
from mssante.conf import MssanteConfig, Sasl
from mssante.errors import Reply, refusal
from mssante.keys import TOKEN_REFUSED_FR, Bearer, Key, RefusedTokenError
from mssante.message import Mail
from mssante.places import Place

UNREACHABLE_FR = "La messagerie MSSanté ne répond pas pour le moment."
UNTRUSTED_FR = "Le certificat de la messagerie MSSanté n'est pas reconnu : l'envoi attend."
CUT_FR = "La messagerie n'a pas confirmé la réception : l'envoi est peut-être parti."
SILENCE_FR = "La messagerie ne répond pas après avoir reçu le message : l'envoi est peut-être parti."
NO_XOAUTH2_FR = "La messagerie n'admet pas l'authentification par Pro Santé Connect."
_END = b".\r\n"
_CHUNK = 256 * 1024  # bytes of content between two looks at the time


class _Timed(smtplib.SMTP):
    """Each operation waits at most `patience` seconds, and none after `ends` (monotonic): then TimeoutError."""

    def __init__(self, host: str, port: int, *, name: str, patience: float, ends: float) -> None:
        self.patience, self.ends = patience, ends
        super().__init__(host, port, local_hostname=name, timeout=self._left())

    def _left(self) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("too long in all")
        return min(left, self.patience)

    def hurry(self) -> None:
        """Before an operation. Raises TimeoutError."""
        if self.sock is not None:
            self.sock.settimeout(self._left())

    def send(self, s: Any) -> None:
        self.hurry()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        self.hurry()
        return super().getreply()


class SmtpSession:
    """One authenticated connection for one mailbox. Not thread-safe: one user at a time."""

    def __init__(self, config: MssanteConfig, mailbox: str, key: Key, where: Place, ends: float | None = None) -> None:
        """Connect, STARTTLS, authenticate, before `ends` (monotonic). Raises TemporaryChannelError."""
        self.mailbox, self.key = mailbox, key
        self._config = config
        context = tls.context(config, key)
        domain = mailbox.partition("@")[2]
        with _failures():
            self._smtp = _Timed(
                *where,
                name=domain,
                patience=config.timeout,
                ends=time.monotonic() + config.hand_over_timeout if ends is None else ends,
            )
        try:
            with _failures():
                self._secure(context)
                self._authenticate()
        except TemporaryChannelError:
            self.close()
            raise

    def _secure(self, context: ssl.SSLContext) -> None:
        # Without it every mail of more than one segment waits some 40 ms for a delayed ACK.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._smtp.ehlo_or_helo_if_needed()
        if not self._smtp.has_extn("starttls"):
            raise TemporaryChannelError("STARTTLS", "La messagerie ne propose pas de connexion sécurisée.")
        _session_reply(self._smtp.starttls(context=context))
        _session_reply(self._smtp.ehlo())

    @property
    def _socket(self) -> socket.socket:
        if self._smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("closed")
        return self._smtp.sock

    def _authenticate(self) -> None:
        mechanisms = self._smtp.esmtp_features.get("auth", "").upper().split()
        if isinstance(self.key, Bearer):
            self._show(self.key, mechanisms)
            return
        if self._config.sasl is Sasl.NONE:
            return
        if "EXTERNAL" not in mechanisms:
            if self._config.sasl is Sasl.EXTERNAL:
                raise TemporaryChannelError("AUTH", "La messagerie n'admet pas l'authentification par certificat.")
            return
        # The authorization identity names the mailbox: one structure may own several.
        identity = base64.b64encode(self.mailbox.encode()).decode()
        _session_reply(self._smtp.docmd("AUTH", f"EXTERNAL {identity}"))

    def _show(self, key: Bearer, mechanisms: list[str]) -> None:
        """XOAUTH2; a refusal comes as a challenge, that an empty line answers."""
        if "XOAUTH2" not in mechanisms:
            raise TemporaryChannelError("AUTH", NO_XOAUTH2_FR)
        response = key.response(self.mailbox)
        try:
            self._smtp.auth("XOAUTH2", lambda challenge=None: response if challenge is None else "")
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code // 100 != 5:
                raise
            raise RefusedTokenError(str(error.smtp_code), TOKEN_REFUSED_FR) from error

    def send(self, mail: Mail, ends: float | None = None) -> Reply:
        """Hand over one mail before `ends` (monotonic), then wait for the final reply, and return it.

        Raises one of the three ChannelError.
        """
        self._smtp.ends = time.monotonic() + self._config.hand_over_timeout if ends is None else ends
        with _failures():
            _mail_reply(self._smtp.docmd(f"MAIL FROM:<{mail.sender}>{self._mail_options(mail)}"))
            _mail_reply(self._smtp.docmd(f"RCPT TO:<{mail.recipient}>{self._rcpt_options(mail)}"))
            _mail_reply(self._smtp.docmd("DATA"), wanted=3)
            # The content is known safe (mssante.message.Mail): no dot-stuffing pass over a megabyte.
            for start in range(0, len(mail.content), _CHUNK):
                self._smtp.hurry()
                self._socket.sendall(mail.content[start : start + _CHUNK])
            self._smtp.hurry()
        try:
            self._socket.sendall(_END)
            code, text = self._final_reply()
        except (OSError, smtplib.SMTPException) as error:
            if isinstance(error.__context__ or error, TimeoutError):  # smtplib hides it behind « disconnected »
                raise UncertainChannelError("SILENCE", SILENCE_FR, _cause(error), of_channel=True) from error
            raise UncertainChannelError("CUT", CUT_FR, _cause(error), of_channel=True) from error
        if code // 100 not in (2, 4, 5):
            raise UncertainChannelError("CUT", CUT_FR, f"reply {code}", text)
        return _mail_reply((code, text))

    def _final_reply(self) -> tuple[int, bytes]:
        timed, patience = self._smtp, self._smtp.patience
        timed.patience, timed.ends = self._config.data_timeout, time.monotonic() + self._config.data_timeout
        try:
            return timed.getreply()
        finally:
            timed.patience = patience

    def _mail_options(self, mail: Mail) -> str:
        options = f" SIZE={len(mail.content)}" if self._smtp.has_extn("size") else ""
        if not mail.content.isascii() and self._smtp.has_extn("8bitmime"):
            options += " BODY=8BITMIME"
        return f"{options} RET=HDRS ENVID={mail.envelope_id}" if self._wants_dsn() else options

    def _rcpt_options(self, mail: Mail) -> str:
        if not self._wants_dsn():
            return ""
        wanted = "SUCCESS,FAILURE,DELAY" if mail.wants_dsn else "NEVER"
        return f" NOTIFY={wanted} ORCPT=rfc822;{_xtext(mail.recipient)}"

    def _wants_dsn(self) -> bool:
        return self._config.request_receipts and self._smtp.has_extn("dsn")

    def reset(self) -> None:
        """Forget a refused mail; the session may serve again. Raises TemporaryChannelError."""
        self._smtp.ends = time.monotonic() + self._config.timeout
        with _failures():
            _session_reply(self._smtp.docmd("RSET"))

    def close(self) -> None:
        """Leave at once: a QUIT would wait for an answer that serves nobody."""
        with suppress(OSError):
            self._smtp.close()


def _mail_reply(answer: tuple[int, bytes], *, wanted: int = 2) -> Reply:
    reply = Reply(answer[0], answer[1].decode("utf-8", "replace"))
    if reply.code < 0:  # smtplib: not a reply line at all
        raise smtplib.SMTPServerDisconnected("unreadable reply")
    if reply.code // 100 != wanted:
        raise refusal(reply)
    return reply


def _session_reply(answer: tuple[int, bytes]) -> None:
    if answer[0] < 0:
        raise smtplib.SMTPServerDisconnected("unreadable reply")
    if answer[0] // 100 != 2:
        raise smtplib.SMTPResponseException(*answer)


@contextmanager
def _failures() -> Iterator[None]:
    """Anything that breaks here happens before the content has ended: surely not received."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error if isinstance(error.smtp_error, str) else error.smtp_error.decode("utf-8", "replace")
        raise refusal(Reply(error.smtp_code, text), about_session=True) from error
    except ssl.SSLCertVerificationError as error:
        raise TemporaryChannelError("TLS", UNTRUSTED_FR, error.verify_message, of_channel=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise TemporaryChannelError("UNREACHABLE", UNREACHABLE_FR, _cause(error), of_channel=True) from error


def _cause(error: BaseException) -> str:
    """Kind of a failure for the log; smtplib hides a TLS alert behind « disconnected »."""
    hidden = error.__context__
    reason = getattr(hidden, "reason", None) or getattr(error, "reason", None)
    return f"{type(error).__name__} {reason}" if reason else type(error).__name__


def _xtext(value: str) -> str:
    """RFC 3461 §4: `+`, `=` and what is not printable become +XX."""
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in value)
