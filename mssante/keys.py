"""What opens a mailbox (ADR 0021): the certificate of its legal entity, or the token of who is signed in.

APP: TLS client certificate, bound to the box by SASL EXTERNAL. PER, ORG, CAB: XOAUTH2 with the Pro Santé Connect
access token (ECO.1.2.1), asked from the keeper at each connection and kept nowhere here.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from coordination.ports import BoxKeeper, OpenedBox, PermanentChannelError, TemporaryChannelError
from mssante.conf import MssanteConfig

SIGN_IN = "SIGN_IN"
TOKEN = "TOKEN"  # every token of those who are signed in was refused before: none is shown again
SIGN_IN_FR = "Cette boîte MSSanté s'ouvre quand sa titulaire est connectée avec Pro Santé Connect : l'envoi l'attend."
NO_BOX_FR = "Aucune boîte MSSanté n'est déclarée pour ce site : l'envoi n'est pas possible."
TOKEN_REFUSED_FR = "La messagerie MSSanté refuse d'ouvrir cette boîte avec Pro Santé Connect."
_MOST_REFUSED = 1000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Certificate:
    """The ORG_AUTH_CLI of a legal entity, by its Struct_IdNat."""

    struct_idnat: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """An access token: minutes long, never shown."""

    token: str = field(repr=False)

    def response(self, mailbox: str) -> str:
        """What XOAUTH2 sends first, before base64 (format: general knowledge, see docs/interop/mssante.md)."""
        return f"user={mailbox}\x01auth=Bearer {self.token}\x01\x01"


Key = Certificate | Bearer


class RefusedTokenError(TemporaryChannelError):
    """The operator does not take this token for this box: too old, or another person's."""


class KeyRing:
    """The boxes of this process and what opens each. Thread-safe."""

    def __init__(self, config: MssanteConfig, keeper: BoxKeeper | None = None) -> None:
        self._mailboxes, self._keeper = config.mailboxes, keeper
        self._refused: set[bytes] = set()  # digests: a token that was refused is not shown again
        self._lock = threading.Lock()

    def opened(self) -> dict[str, OpenedBox | None]:
        """Address → the boxes that can be opened now; None for those of a certificate."""
        found: dict[str, OpenedBox | None] = dict.fromkeys(self._mailboxes)
        for box in self._keeper.boxes() if self._keeper else ():
            found.setdefault(box.address.lower(), box)
        return found

    def open(self, address: str, connect: Callable[[Key], _T]) -> _T:
        """`connect` with each key of this box until one opens it.

        Raises PermanentChannelError (no box of ours), TemporaryChannelError (nobody signed in, or only people whom the
        operator refuses), or as `connect`.
        """
        last = TemporaryChannelError(SIGN_IN, SIGN_IN_FR)
        for key in self._keys(address.lower()):
            if self._was_refused(address.lower(), key):
                last = RefusedTokenError(TOKEN, TOKEN_REFUSED_FR)
                continue
            try:
                return connect(key)
            except RefusedTokenError as error:
                self._remember(address.lower(), key)
                last = error
        raise last

    def require(self, address: str) -> None:
        """Raises PermanentChannelError: it is no box of ours, whoever is signed in."""
        if address.lower() in self._mailboxes or (self._keeper and address and self._keeper.declares(address.lower())):
            return
        raise PermanentChannelError("MAILBOX", NO_BOX_FR)

    def _keys(self, address: str) -> Iterator[Key]:
        struct_idnat = self._mailboxes.get(address)
        if struct_idnat is not None:
            yield Certificate(struct_idnat)
            return
        self.require(address)
        for token in self._keeper.tokens(address) if self._keeper else ():
            yield Bearer(token)

    def _was_refused(self, address: str, key: Key) -> bool:
        return isinstance(key, Bearer) and _digest(address, key.token) in self._refused

    def _remember(self, address: str, key: Key) -> None:
        if isinstance(key, Bearer):
            with self._lock:
                if len(self._refused) >= _MOST_REFUSED:
                    self._refused.clear()
                self._refused.add(_digest(address, key.token))


def _digest(address: str, token: str) -> bytes:
    return hashlib.sha256(f"{address}\0{token}".encode()).digest()
