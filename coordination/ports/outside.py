"""What the core asks of the outside, and what pushes in, beside the channels: each by one Protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from perinat.standards.health_directory import DirectoryPage
from perinat.standards.national_identity import IdentityResult, IdentityTraits
from perinat.standards.pushed import IntakeRefusal, Pushed, PushedReport


@dataclass(frozen=True, slots=True)
class OpenedBox:
    """A mailbox that only somebody who is signed in may open. `since`: what came before is not read."""

    address: str
    since: datetime


class BoxKeeper(Protocol):
    """The mailboxes opened by the Pro Santé Connect token of a professional (ADR 0021). Thread-safe; keeps no token."""

    def boxes(self) -> Sequence[OpenedBox]:
        """Those that somebody signed in can open now."""
        ...

    def declares(self, address: str) -> bool:
        """Whether it is one of these boxes, open now or not."""
        ...

    def tokens(self, address: str) -> Iterator[str]:
        """A fresh access token of each person who may open it and is signed in. Never kept, never written."""
        ...


class AccessTokens(Protocol):
    """Who is signed in with Pro Santé Connect, and her access token (ADR 0021). Never raises."""

    def is_open(self, user_id: str) -> bool:
        """Whether she is signed in, here and there. No network but the cache."""
        ...

    def access_token(self, user_id: str) -> str | None:
        """A token good for some time yet; None: she is not signed in, or nobody answers. Never kept, never written."""
        ...


class IdentityService(Protocol):
    """INSi: search by strict traits (SEL-MP-043). Thread-safe."""

    def ask(self, traits: IdentityTraits) -> IdentityResult:
        """Whose INS has these traits? A service that is silent, or says nonsense, answers UNAVAILABLE."""
        ...


class Directory(Protocol):
    """Annuaire Santé, to be mirrored. One page per call; every method raises a health_directory.DirectoryError."""

    def places(self, departement: str, *, since: datetime | None = None, cursor: str = "") -> DirectoryPage:
        """Places of a département and the practices there, all of them or those changed since."""
        ...

    def practices(self, *, since: datetime, cursor: str = "") -> DirectoryPage:
        """Practices changed since, wherever they are."""
        ...

    def changed_people(self, *, since: datetime, cursor: str = "") -> DirectoryPage:
        """People changed since, wherever they are."""
        ...

    def people(self, keys: Sequence[str]) -> DirectoryPage:
        """The people of these keys, a page at most."""
        ...


class Notifier(Protocol):
    """Content-free notices: never a name, never a reason (rdv-service-public #372)."""

    def notify(self, address: str, *, text_fr: str, path: str) -> None: ...


class Intake(Protocol):
    """What the core gives to who pushes stays and documents in. Never raises; the same message is taken once."""

    def __call__(self, message: Pushed) -> IntakeRefusal | None:
        """None: taken, and committed."""
        ...


class IntakeReports(Protocol):
    """The way back to who pushed documents in: what became of them. Thread-safe."""

    def report(self, report: PushedReport) -> None:
        """Told and taken there. Raises PermanentChannelError when it is refused, else a failure: tell it again."""
        ...
