"""SASL of both doors: EXTERNAL (RFC 4422), XOAUTH2, and PLAIN/LOGIN for ordinary test clients.

Applicative mailboxes: TLS client certificate, then EXTERNAL, the authorisation identity being the
mailbox (mssante.md §1.2: the exact binding is operator-specific). Personal and organisational
ones: XOAUTH2 with a Pro Santé Connect access token (ECO.1.2.1), whose holder is asked of the provider
(`psc_introspection`) and must own the box, or that the administrator gave (PUT /tokens). A session opened
by a token ends with it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mssante.sandbox.clock import Clock
from mssante.sandbox.introspection import Introspection
from mssante.sandbox.people import Mailbox, People
from mssante.sandbox.settings import Settings
from mssante.sandbox.tls import Certificate

Ask = Callable[[bytes], Awaitable[bytes]]


class AuthenticationError(Exception):
    """Refused. The text (ASCII, no address) says why."""


class SaslSyntaxError(Exception):
    """The exchange itself is malformed or cancelled."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who is at the other end: one mailbox, or every APP mailbox of a legal entity. `ends`: POSIX seconds."""

    mailbox: str
    legal_struct: str
    mechanism: str
    ends: float = math.inf

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
    def __init__(self, people: People, clock: Clock, settings: Settings) -> None:
        self._people = people
        self._clock = clock
        self._settings = settings
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
        ends = await self._end_of(value, user) if scheme.lower() == "bearer" else 0.0
        if ends > self._clock.timestamp():
            return Party(user, "", "XOAUTH2", ends)
        await ask(json.dumps({"status": "401", "schemes": "bearer", "scope": "mail"}).encode())
        raise AuthenticationError("access token refused")

    async def _end_of(self, value: str, user: str) -> float:
        """Until when this token opens this box; 0: it does not."""
        token = self.tokens.get(value)
        if token is not None:
            return token.expires_at if token.address == user else 0.0
        box = self._people.get(user)
        if box is None or box.kind not in ("PER", "ORG", "CAB"):
            return 0.0
        settings = self._settings
        provider = Introspection(settings.psc_introspection, settings.psc_client, settings.psc_secret)
        holder = await asyncio.to_thread(provider.holder, value)
        if holder is None or holder.rpps not in box.holders:
            return 0.0
        return self._clock.timestamp() + holder.seconds

    def is_over(self, party: Party) -> bool:
        """Its token has ended: the session too."""
        return party.ends <= self._clock.timestamp()


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise SaslSyntaxError("not UTF-8") from error
