"""« Reçus pour moi »: what others sent, newest first, read or not."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from coordination.models import TOWN_CARE_ROLES, Role
from coordination.selectors import town_lists
from coordination.services import availability
from coordination.views.guard import SignedRequest, page


@page(*sorted(TOWN_CARE_ROLES))
def received(request: SignedRequest) -> HttpResponse:
    """The home of GPs, PMI and specialists; PMI opens on the child."""
    number = request.GET.get("page", "1")
    notices = town_lists.waiting_notices(request.user)
    listed = town_lists.received(
        request.user, who=request.GET.get("qui", ""), page=int(number) if number.isdigit() else 1
    )
    context: dict[str, object] = {"received": listed, "notices": notices}
    if request.user.role == Role.PMI:
        context["in_difficulty"] = town_lists.in_difficulty(request.user)
    response = render(request, "coordination/received.html", context)
    if notices:
        availability.notices_shown(notices)
    return response
