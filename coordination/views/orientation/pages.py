"""What the coordinator reads: « À placer » first, one mother, and who can take whom."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from coordination.models import Handover, Role, User
from coordination.selectors import board as boards
from coordination.selectors import placement
from coordination.views.guard import SignedRequest, page
from coordination.views.orientation.reasons import CLOSE, DECLINED, ESCALATE, PLACE_AGAIN

REASONS = {"escalate": ESCALATE, "close": CLOSE, "declined": DECLINED, "place_again": PLACE_AGAIN}


def relay_or_404(user: User, handover_id: UUID) -> Handover:
    """The relay of this territory; any other is not found."""
    found = placement.handover_of(user, handover_id)
    if found is None:
        raise Http404
    return found


@page(Role.COORDINATOR)
def board(request: SignedRequest) -> HttpResponse:
    return render(request, "coordination/board.html", {"board": boards.board(request.user)})


@page(Role.COORDINATOR)
def case(request: SignedRequest, handover_id: UUID) -> HttpResponse:
    """One mother: whom to ask, what was answered, how to end."""
    found = placement.case_of(relay_or_404(request.user, handover_id))
    return render(request, "coordination/ask.html", {"case": found, "reasons": REASONS})


@page(Role.COORDINATOR, poll=True)
def answers(request: SignedRequest, handover_id: UUID) -> HttpResponse:
    """The answers alone, asked every 20 seconds while a request is open."""
    found = placement.case_of(relay_or_404(request.user, handover_id))
    return render(request, "coordination/ask_answers.html", {"case": found})


@page(Role.COORDINATOR)
def capacity(request: SignedRequest) -> HttpResponse:
    return render(request, "coordination/ask_capacity.html", {"midwives": placement.capacity(request.user)})
