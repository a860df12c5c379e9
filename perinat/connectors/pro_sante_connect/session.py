"""What a sign-in leaves in the session: requests in progress, where she was going, and what closes it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

PENDING = "oidc_states"  # written by mozilla-django-oidc: state → nonce, code_verifier
DESTINATION = "psc_next"
OPENED = "psc_opened"
CLOSING = "psc_closing"


@dataclass(frozen=True, slots=True)
class Pending:
    nonce: str
    verifier: str


def remember_destination(request: HttpRequest) -> None:
    """Keep `next` when it is an address of this site."""
    where = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(where, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    request.session[DESTINATION] = where if safe else ""


def destination(request: HttpRequest) -> str:
    return str(request.session.get(DESTINATION, ""))


def take_pending(request: HttpRequest, state: str) -> Pending | None:
    """The request that this state answers, once: saved before any call, so that a second answer finds nothing."""
    found = request.session.get(PENDING, {}).pop(state, None)
    if found is None:
        return None
    request.session.modified = True
    request.session.save()
    return Pending(str(found["nonce"]), str(found["code_verifier"]))


@dataclass(frozen=True, slots=True)
class Closing:
    """What ends the session of Pro Santé Connect, and where she goes when there is nothing to end."""

    end_session_endpoint: str
    id_token: str
    then: str


def opened(request: HttpRequest, id_token: str, end_session_endpoint: str) -> None:
    """Signed in: keep what closing needs (any process may serve it), drop the rest."""
    for key in (PENDING, DESTINATION, "oidc_login_next"):
        request.session.pop(key, None)
    request.session[OPENED] = {"id_token": id_token, "end_session_endpoint": end_session_endpoint}


def closing(request: HttpRequest, opened_by: dict[str, str], then: str) -> None:
    """The perinat session has ended; the next page ends the other one."""
    request.session[CLOSING] = {**opened_by, "then": then}


def take_closing(request: HttpRequest) -> Closing | None:
    """Once; None when there is nothing to close."""
    kept = request.session.pop(CLOSING, None)
    return Closing(**kept) if kept else None
