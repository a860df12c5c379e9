"""Leaving or locking perinat also ends the Pro Santé Connect session.

On a shared ward PC, that session (four hours at most) would otherwise let the next person in under the same name.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from perinat.connectors.pro_sante_connect import session, vault


class EndProSanteConnectSession:
    """After a POST that ended a session opened by Pro Santé Connect, goes through the page that closes the other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        opened = request.session.get(session.OPENED) if request.method == "POST" else None
        who = (str(request.session.get(SESSION_KEY, "")), str(request.session.session_key)) if opened else ("", "")
        response = self._get_response(request)
        if opened and session.OPENED not in request.session:
            vault.close(who[0], session_key=who[1])
        if opened and session.OPENED not in request.session and isinstance(response, HttpResponseRedirect):
            session.closing(request, opened, response["Location"])
            response["Location"] = reverse("psc_sign_out")
        return response
