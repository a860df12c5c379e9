"""The three addresses: to Pro Santé Connect, back from it, and the end of its session."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import login
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from mozilla_django_oidc.views import OIDCAuthenticationRequestView

from perinat.connectors.pro_sante_connect import claims, conf, discovery, session, vault
from perinat.connectors.pro_sante_connect.discovery import Provider
from perinat.connectors.pro_sante_connect.errors import (
    CancelledError,
    ClientRefusedError,
    PscError,
    StateMismatchError,
    UnknownProfessionalError,
)
from perinat.connectors.pro_sante_connect.oidc import CALLBACK, PscClient, library_settings

log = logging.getLogger(__name__)
BACKEND = "perinat.connectors.pro_sante_connect.backend.ProSanteConnectBackend"
View = Callable[[HttpRequest], HttpResponse]


def in_french(view: View) -> View:
    """A sign-in that fails becomes a page: what happened, what to do, and the way back to where she was going."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except PscError as error:
            log.warning("psc.failed code=%s", error.code)
            where = session.destination(request)
            suffix = f"?{urlencode({'next': where})}" if where else ""
            context = {
                "problem": error,
                "retry_url": reverse("psc_sign_in") + suffix,
                "login_url": conf.login_url() + suffix,
            }
            return render(request, "pro_sante_connect/problem.html", context, status=error.status)

    return answer


class _Request(OIDCAuthenticationRequestView):  # type: ignore[misc]  # the library brings no types
    """Code flow with state, nonce and PKCE S256, all three kept in the session."""

    @cached_property
    def _known(self) -> dict[str, object]:
        config = conf.load()
        return library_settings(config, discovery.provider(config))

    def get_settings(self, attr: str, *args: Any) -> Any:
        return self._known[attr] if attr in self._known else args[0]


@require_GET
@never_cache
@in_french
def sign_in(request: HttpRequest) -> HttpResponse:
    """To the page of Pro Santé Connect. `next`: an address of this site, where she goes afterwards."""
    session.remember_destination(request)  # before the provider is asked: nothing is lost when it is down
    answer: HttpResponse = _Request.as_view()(request)
    return answer


@require_GET
@never_cache
@in_french
def callback(request: HttpRequest) -> HttpResponse:
    """Back from Pro Santé Connect: the code is redeemed, and the account of this professional opens."""
    config = conf.load()
    state = request.GET.get("state", "")
    pending = session.take_pending(request, state)
    if pending is None:
        raise StateMismatchError("state_unknown")
    provider = discovery.provider(config)
    _check_issuer(request, provider)
    if request.GET.get("error"):
        raise _refusal(request.GET["error"])
    answer = PscClient(config, provider).redeem(
        request.GET.get("code", ""),
        redirect_uri=request.build_absolute_uri(reverse(CALLBACK)),
        nonce=pending.nonce,
        verifier=pending.verifier,
    )
    identity = claims.identity(answer.userinfo)
    user = conf.user_resolver()(identity.ps_idnat, profession=identity.profession)
    if user is None:
        raise UnknownProfessionalError("unknown_professional", ps_idnat=identity.ps_idnat)
    where = session.destination(request) or conf.landing_url()
    login(request, user, backend=BACKEND)
    session.opened(request, answer.id_token, provider.end_session_endpoint)
    request.session.save()
    vault.keep(str(user.pk), answer.tokens, session_key=str(request.session.session_key))
    log.info("psc.signed_in user=%s", user.pk)
    return HttpResponseRedirect(where)


def _check_issuer(request: HttpRequest, provider: Provider) -> None:
    """RFC 9207 §2.4: an answer of another provider is not taken to this one."""
    issuer = request.GET.get("iss", "")
    if issuer != provider.issuer and (issuer or provider.answers_with_issuer):
        raise StateMismatchError("issuer_mismatch")


def _refusal(error: str) -> PscError:
    """RFC 6749 §4.1.2.1. Only a code in good order reaches the log."""
    code = error if re.fullmatch(r"[a-z_]{1,40}", error) else "unreadable"
    if code in ("access_denied", "login_required", "interaction_required"):
        return CancelledError(code)
    return ClientRefusedError(code)


@require_GET
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """After the end of a session that Pro Santé Connect opened: its own session ends too (RP-Initiated Logout 1.0).

    A page, not a redirect: `form-action 'self'` stops a browser that follows a form to another site.
    """
    closing = session.take_closing(request)
    if closing is None:
        return HttpResponseRedirect(conf.login_url())
    back = request.build_absolute_uri(conf.login_url())
    parameters = {"id_token_hint": closing.id_token, "post_logout_redirect_uri": back}
    url = f"{closing.end_session_endpoint}?{urlencode(parameters)}"
    page = render(request, "pro_sante_connect/sign_out.html", {"end_session_url": url, "then": closing.then})
    storage = get_messages(request)
    if isinstance(storage, BaseStorage):
        storage.used = False  # this page passes by: what was to be said is said on the next one
    return page
