"""What the national health directory publishes, as plain values: people, places, practices, their mailboxes.

Source: Annuaire Santé, FHIR IG « annuaire » 1.2.0 (as-dp-practitioner, as-dp-practitionerrole, as-dp-organization).
`key` is the technical id of the remote resource: stable between two readings, never shown, never sent.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

MSSANTE_KINDS = ("PER", "CAB", "ORG", "APP")  # TRE_R257-TypeBAL


@dataclass(frozen=True, slots=True)
class PublishedMailbox:
    """An MSSanté address in lower case; `kind` of TRE_R257."""

    address: str
    kind: str


@dataclass(frozen=True, slots=True)
class PublishedPlace:
    """A structure. `finess` is empty when it has none; `sector` is TRE_R02 (SA01, SA07…)."""

    key: str
    is_active: bool
    name: str
    finess: str = ""
    sector: str = ""
    line: str = ""
    postal_code: str = ""
    city: str = ""
    phone: str = ""
    mailboxes: tuple[PublishedMailbox, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedPerson:
    """A professional. `profession` is TRE_G15 (50: sage-femme); `rpps` has its 11 digits, key checked."""

    key: str
    is_active: bool
    rpps: str
    family_name: str = ""
    given_name: str = ""
    profession: str = ""
    skill: str = ""  # TRE_R38 (SM54: médecine générale)
    mailboxes: tuple[PublishedMailbox, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedPractice:
    """A person at a place (« situation d'exercice »). Keys are empty when the closed practice no longer says them."""

    key: str
    is_active: bool
    person_key: str = ""
    place_key: str = ""
    mailboxes: tuple[PublishedMailbox, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    """One page of an answer. `cursor` asks for the next one, empty on the last; `skipped`: entries nobody can use."""

    places: tuple[PublishedPlace, ...] = ()
    practices: tuple[PublishedPractice, ...] = ()
    people: tuple[PublishedPerson, ...] = ()
    cursor: str = ""
    skipped: int = 0


class DirectoryError(Exception):
    """The directory did not give what was asked. `code` for the log, `message_fr` for the screen, no name in either."""

    def __init__(self, code: str, message_fr: str) -> None:
        super().__init__(code)
        self.code = code
        self.message_fr = message_fr


class DirectoryRefusedError(DirectoryError):
    """A person must act: no key, key refused, question refused."""


class DirectoryUnavailableError(DirectoryError):
    """Not now: network, timeout, cut answer, 5xx, too many calls. The same question may be asked later."""


class DirectoryAnswerError(DirectoryError):
    """An answer nobody can use: too large, not a Bundle, pages that go round in circles."""


class CursorLostError(DirectoryError):
    """This page is no longer kept there: ask from the first one."""


def fold(text: str) -> str:
    """Lower-case words without accent nor punctuation, one space between: what a search compares."""
    spelled = text.lower().replace("œ", "oe").replace("æ", "ae")
    plain = (c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())
