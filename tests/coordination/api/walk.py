"""Every address of the site, pages and API, asked as one person; what she should not have had is a leak.

the row of somebody she may not see must be 403, 404 or 405, by GET and by POST, and stay unchanged
no answer may hold a word of somebody she may not see (name, INS, ids, name of a file)
without a session, nothing but the addresses of PUBLIC answers
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from coordination.models import User
from tests.coordination.api.territories import Case

PUBLIC = {"login", "health", "psc_sign_in", "psc_callback", "psc_sign_out", "lock", "logout"}
# They end the session of the walk, or lead out of the site: tested where they live.
NOT_WALKED = {"login", "logout", "lock", "psc_sign_in", "psc_callback", "psc_sign_out"}
OF_A_PERSON = {
    "stay_id", "person_id", "document_id", "deposit_id", "shipment_id", "handover_id", "offer_id", "item_id",
    "draft_id", "query_id", "received_id", "letter_id", "reply_id",
    "code_id", "version_id",
}  # fmt: skip
VIEWS = Path(__file__).resolve().parents[3] / "coordination" / "views"
REFUSED = {403, 404, 405}


@dataclass(frozen=True)
class Address:
    """A named pattern with the names of its parameters."""

    name: str
    parameters: frozenset[str]

    @property
    def of_a_person(self) -> bool:
        return bool(self.parameters & OF_A_PERSON)

    def key(self, parameter: str) -> str:
        """A parameter that does not say whose row it is (« pk ») is known by its address."""
        return f"{self.name}.pk" if parameter == "pk" else parameter

    def path(self, values: dict[str, Any]) -> str:
        return reverse(self.name, kwargs={name: values[self.key(name)] for name in self.parameters})


@dataclass(frozen=True)
class Leak:
    user: str
    address: str
    what: str


def addresses(patterns: Iterable[Any] | None = None) -> list[Address]:
    """Every address of the site. One without a name cannot be walked: it is an error."""
    found: dict[Address, None] = {}
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            found |= dict.fromkeys(addresses(pattern.url_patterns))
        elif isinstance(pattern, URLPattern):
            if not pattern.name:
                raise LookupError(f"an address without a name: {pattern.pattern}")
            found[Address(pattern.name, frozenset(pattern.pattern.converters))] = None
    return list(found)


def walk(user: User, cases: list[Case], others: dict[str, Any], among: list[Address]) -> Iterator[Leak]:
    """Leaks found by this person over these addresses. `others`: values of parameters that name nobody's row."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="coordination.backends.AccountBackend")
    for address in among:
        if address.name in NOT_WALKED:
            continue
        for case in cases if address.of_a_person else cases[:1]:
            path = address.path({**others, **case.rows})
            yield from _asked(client, user, address, path, case, cases)
    if client.get(reverse("presence")).status_code != 204:
        yield Leak(user.username, "presence", "the walk lost its session: it proves nothing")


def _asked(client: Client, user: User, address: Address, path: str, case: Case, cases: list[Case]) -> Iterator[Leak]:
    """Her own rows are only read; those of others are also acted on."""
    closed = address.of_a_person and not case.may_open(user, set(address.parameters))
    for ask in (client.get, client.post) if closed else (client.get,):
        response = ask(path)
        method = response.request["REQUEST_METHOD"]
        if response.status_code >= 500:
            yield Leak(user.username, address.name, f"{method} fails on {case.name}: {response.status_code}")
        elif closed and response.status_code not in REFUSED:
            yield Leak(user.username, address.name, f"{method} on {case.name}: {response.status_code}")
        text = body(response).lower()
        for other in cases:
            for word in other.hidden_from(user):
                if word.lower() in text:
                    yield Leak(user.username, address.name, f"{method} tells a word of {other.name}")


def posted_names() -> list[str]:
    """Every name that a page reads in a posted body, found in the sources of the views."""
    sources = (path.read_text(encoding="utf-8") for path in VIEWS.rglob("*.py"))
    return sorted(
        {name for source in sources for name in re.findall(r"POST(?:\.get|\.getlist)?[(\[]\"(\w+)\"", source)}
    )


def slipped(user: User, mine: Case, theirs: Case, others: dict[str, Any], among: list[Address]) -> Iterator[Leak]:
    """Her own addresses, with ids of somebody else's rows slipped into the body under every name that is read.

    What it finds by itself is a failure; that nothing of theirs moved is for the caller to look at.
    """
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="coordination.backends.AccountBackend")
    names = posted_names()
    rows = theirs.rows
    for address in among:
        if address.name in NOT_WALKED or not (mine.may_open(user, set(address.parameters)) or not address.of_a_person):
            continue
        for kind in ("stay_id", "document_id", "deposit_id", "member_id"):
            slip = str(rows[kind])
            told = {**dict.fromkeys(names, slip), "personne": f"{rows['person_id']}:{rows['stay_id']}"}
            response = client.post(address.path({**others, **mine.rows}), told)
            if response.status_code >= 500:
                yield Leak(user.username, address.name, f"POST fails on an id slipped in: {response.status_code}")
            said = body(response).lower().replace(slip, "")  # what she typed herself comes back to her
            yield from _told(user, address, said, theirs)
        yield from _told(user, address, body(client.get(reverse("home"), follow=True)).lower(), theirs)  # the messages


def _told(user: User, address: Address, text: str, theirs: Case) -> Iterator[Leak]:
    if any(word.lower() in text for word in theirs.hidden_from(user)):
        yield Leak(user.username, address.name, f"an id slipped in tells a word of {theirs.name}")


def without_session(cases: list[Case], others: dict[str, Any], among: list[Address]) -> Iterator[Leak]:
    """What answers to nobody: nothing but a way to sign in, or a refusal."""
    for address in among:
        if address.name in PUBLIC:
            continue
        path = address.path({**others, **cases[0].rows})
        for ask in (Client().get, Client().post):
            response = ask(path)
            to_login = response.status_code == 302 and response["Location"].startswith("/connexion/")
            if not to_login and response.status_code not in REFUSED:
                yield Leak("nobody", address.name, f"{response.request['REQUEST_METHOD']}: {response.status_code}")


def body(response: HttpResponse) -> str:
    """The text of an answer; nothing for a file or an image, whose address is refused as a whole."""
    if not response["Content-Type"].startswith(("text/", "application/json")) if "Content-Type" in response else True:
        return ""
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return content.decode()
