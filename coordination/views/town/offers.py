"""Requests made to a midwife, and « C'est ma patiente »."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from coordination.models import Role
from coordination.selectors import town_lists
from coordination.services import claims, handovers
from coordination.views.guard import SignedRequest, act, page
from coordination.views.town import rows
from coordination.views.town.forms import DECLINES, ClaimForm


@page(Role.MIDWIFE)
def offers(request: SignedRequest) -> HttpResponse:
    """What waits for her answer, and what became of the last ones."""
    context = {
        "offers": town_lists.open_offers(request.user),
        "answered": town_lists.answered_offers(request.user),
        "declines": [reason for reason, _ in DECLINES],
    }
    return render(request, "coordination/offers.html", context)


@act(Role.MIDWIFE)
def accept(request: SignedRequest, offer_id: UUID) -> HttpResponse:
    """One tap: the record opens, the whole pack leaves to her."""
    offer = rows.offer_or_404(request, offer_id)
    handovers.accept(offer, by=request.user)
    messages.success(request, "Suivi accepté. Le dossier de sortie est ouvert ci-dessous et part aussi par MSSanté.")
    return redirect(f"{reverse('visits')}#suivi-{offer.handover.stay_id}")


@act(Role.MIDWIFE)
def decline(request: SignedRequest, offer_id: UUID) -> HttpResponse:
    """With a short reason, that the coordination reads."""
    offer = rows.offer_or_404(request, offer_id)
    reason = request.POST.get("motif", "").strip()[:120]
    if not reason:
        messages.error(request, "Choisissez un motif : il aide la coordination à placer cette mère.")
        return redirect("offers")
    handovers.decline(offer, by=request.user, reason=reason)
    messages.success(request, "Demande déclinée. La coordination s’adresse à une autre sage-femme.")
    return redirect("visits")


@page(Role.MIDWIFE)
def claim(request: SignedRequest) -> HttpResponse:
    """« C'est ma patiente » : an exact match or nothing."""
    form = ClaimForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            stay = claims.claim(form.clue, by=request.user)
        except claims.ClaimRefusedError as refusal:
            form.add_error(None, refusal.message_fr)
        else:
            messages.success(request, "Suivi déclaré. Le dossier de sortie est ouvert ci-dessous.")
            return redirect(f"{reverse('visits')}#suivi-{stay.pk}")
    return render(request, "coordination/my_visits_claim.html", {"form": form})
