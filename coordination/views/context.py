"""What the shell of every page shows: who is signed in, her pages, whether a channel is a sandbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from coordination.auth import must_change_password
from coordination.views import navigation

PSC_START = "/psc/connexion/"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: one query at most (the organisation), none for anonymous pages."""
    context: dict[str, Any] = {
        "sandbox": settings.SANDBOX,
        "idle_seconds": settings.SESSION_COOKIE_AGE,
        "psc_url": PSC_START if settings.PSC_DISCOVERY_URL else "",
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        if not must_change_password(request):
            context["navigation"] = navigation.links(user, request.path)
        context["who"] = {
            "name": str(user),
            "has_password": user.has_usable_password(),
            "role": user.get_role_display() + (", cadre" if user.is_ward_head else ""),
            "organisation": user.organisation.name if user.organisation else "",
        }
    return context
