"""« Relève »: what remains, on one page to read or print, and one activation to take it over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from coordination import audit
from coordination.models import HOSPITAL_ROLES
from coordination.selectors import discharge_list, relay_view
from coordination.selectors.tray import tray
from coordination.views.guard import SignedRequest, act, back, page


@page(*HOSPITAL_ROLES)
def relay(request: SignedRequest) -> HttpResponse:
    remaining = [line for line in discharge_list.discharges(request.user) if not line.needs_nobody]
    context = {
        "lines": remaining,
        "tasks": discharge_list.tasks(request.user),
        "tray": tray(request.user),
        "last": relay_view.last_taken(request.user),
        "now": timezone.now(),
    }
    return render(request, "coordination/relay.html", context)


@act(*HOSPITAL_ROLES)
def take(request: SignedRequest) -> HttpResponse:
    """« J'ai pris la relève »: who, when, and how many lines there were."""
    remaining = [line for line in discharge_list.discharges(request.user) if not line.needs_nobody]
    audit.record(
        relay_view.TAKEN,
        by=request.user,
        subject=request.user.organisation,
        lines=len(remaining),
        tasks=len(discharge_list.tasks(request.user)),
    )
    messages.success(request, "La relève est prise. L'équipe voit que vous avez la liste.")
    return back(request, "relay")
