"""Home, which sends each role to its work, and the sign of presence that keeps a session open."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from coordination.views import navigation
from coordination.views.guard import SignedRequest, page


@page()
def home(request: SignedRequest) -> HttpResponse:
    """To the page where this person's work is."""
    url = navigation.home_url(request.user)
    return redirect(url) if url else render(request, "coordination/home.html")


@page(temporary=True)
def presence(request: SignedRequest) -> HttpResponse:
    """Somebody is typing: the session goes on. Empty answer."""
    return HttpResponse(status=204)
