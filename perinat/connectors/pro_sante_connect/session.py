"""What a sign-in leaves in the session: requests in progress, where she was going, the token that closes it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

PENDING = "oidc_states"  # written by mozilla-django-oidc: state → nonce, code_verifier
DESTINATION = "psc_next"
ID_TOKEN = "psc_id_token"
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


def opened(request: HttpRequest, id_token: str) -> None:
    """Signed in: keep what closing needs, drop the rest."""
    for key in (PENDING, DESTINATION, "oidc_login_next"):
        request.session.pop(key, None)
    request.session[ID_TOKEN] = id_token


def closing(request: HttpRequest, id_token: str, then: str) -> None:
    """The perinat session has ended; the next page ends the other one."""
    request.session[CLOSING] = {"id_token": id_token, "then": then}


def take_closing(request: HttpRequest) -> tuple[str, str]:
    """ID token and next address, once; empty when there is nothing to close."""
    kept = request.session.pop(CLOSING, {})
    return kept.get("id_token", ""), kept.get("then", "")
