"""SASL of both doors: EXTERNAL (RFC 4422), XOAUTH2, and PLAIN/LOGIN for ordinary test clients.

Applicative mailboxes: TLS client certificate, then EXTERNAL, the authorisation identity being the
mailbox (mssante.md §1.2: the exact binding is operator-specific). Personal and organisational
ones: XOAUTH2 with a Pro Santé Connect access token (ECO.1.2.1); the tokens that this operator
believes are given by the administrator (PUT /tokens).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mssante.sandbox.clock import Clock
from mssante.sandbox.people import Mailbox, People
from mssante.sandbox.tls import Certificate

Ask = Callable[[bytes], Awaitable[bytes]]


class AuthenticationError(Exception):
    """Refused. The text (ASCII, no address) says why."""


class SaslSyntaxError(Exception):
    """The exchange itself is malformed or cancelled."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who is at the other end: one mailbox, or every APP mailbox of a legal entity."""

    mailbox: str
    legal_struct: str
    mechanism: str

    def may_use(self, box: Mailbox) -> bool:
        if self.mailbox:
            return box.address == self.mailbox
        return box.kind == "APP" and box.legal_struct == self.legal_struct

    def label(self) -> str:
        return self.mailbox or f"structure {self.legal_struct}"


@dataclass(frozen=True, slots=True)
class Token:
    """A PSC access token that the operator believes: its mailbox, its end (POSIX seconds)."""

    address: str
    expires_at: float


def decode(text: bytes) -> bytes:
    """Base64 of a SASL response; `=` is the empty one. Raises SaslSyntaxError."""
    if text == b"=":
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise SaslSyntaxError("invalid base64") from error


class Authenticator:
    def __init__(self, people: People, clock: Clock) -> None:
        self._people = people
        self._clock = clock
        self.tokens: dict[str, Token] = {}

    def mechanisms(self, certificate: Certificate | None) -> list[str]:
        return (["EXTERNAL"] if certificate else []) + ["PLAIN", "LOGIN", "XOAUTH2"]

    async def run(self, mechanism: str, initial: bytes | None, ask: Ask, certificate: Certificate | None) -> Party:
        """Hold the exchange. `ask(challenge)` returns the client's decoded answer.

        Raises AuthenticationError (refused) or SaslSyntaxError (malformed, unknown mechanism).
        """
        name = mechanism.upper()
        if name not in self.mechanisms(certificate):
            raise SaslSyntaxError("mechanism not available on this session")
        if name == "LOGIN":
            user = initial if initial is not None else await ask(b"Username:")
            return self.by_password(_text(user), _text(await ask(b"Password:")))
        response = initial if initial is not None else await ask(b"")
        if name == "PLAIN":
            return self._plain(response)
        if name == "XOAUTH2":
            return await self._xoauth2(response, ask)
        assert certificate is not None
        return self._external(_text(response), certificate)

    def by_password(self, user: str, password: str) -> Party:
        box = self._people.get(user)
        expected = box.password if box else ""
        if not expected or not hmac.compare_digest(expected.encode(), password.encode()):
            raise AuthenticationError("authentication credentials invalid")
        return Party(user.lower(), "", "PASSWORD")

    def by_certificate(self, certificate: Certificate) -> Party:
        """Every APP mailbox of the certificate's OU. Raises AuthenticationError: it opens none."""
        if not self._people.of_structure(certificate.legal_struct):
            raise AuthenticationError("no applicative mailbox for the structure of this certificate")
        return Party("", certificate.legal_struct, "EXTERNAL")

    def _external(self, identity: str, certificate: Certificate) -> Party:
        party = self.by_certificate(certificate)
        if not identity:
            return party
        box = self._people.get(identity)
        if box is None or not party.may_use(box):
            raise AuthenticationError("this certificate does not open this mailbox")
        return Party(box.address, certificate.legal_struct, "EXTERNAL")

    def _plain(self, response: bytes) -> Party:
        fields = response.split(b"\0")
        if len(fields) != 3:
            raise SaslSyntaxError("PLAIN needs authzid, authcid and password (RFC 4616)")
        identity, user, password = map(_text, fields)
        if identity and identity.lower() != user.lower():
            raise AuthenticationError("this user may not act for another mailbox")
        return self.by_password(user, password)

    async def _xoauth2(self, response: bytes, ask: Ask) -> Party:
        fields = dict(part.partition(b"=")[::2] for part in response.split(b"\x01") if part)
        user = _text(fields.get(b"user", b"")).lower()
        scheme, _, value = _text(fields.get(b"auth", b"")).partition(" ")
        token = self.tokens.get(value) if scheme.lower() == "bearer" else None
        if token and token.address == user and token.expires_at > self._clock.timestamp():
            return Party(user, "", "XOAUTH2")
        await ask(json.dumps({"status": "401", "schemes": "bearer", "scope": "mail"}).encode())
        raise AuthenticationError("access token refused")


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise SaslSyntaxError("not UTF-8") from error
