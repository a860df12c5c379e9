"""Papers that reached no address: handed over by a person, with a one-time code or without (ADR 0022)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from coordination.models import HOSPITAL_ROLES, PaperDelivery
from coordination.selectors import paper_view
from coordination.services import paper_codes, paper_deliveries
from coordination.views.guard import SignedRequest, act, page


def _paper_or_404(request: SignedRequest, shipment_id: UUID) -> PaperDelivery:
    rows = PaperDelivery.objects.visible_to(request.user).filter(status__in=paper_deliveries.LIVING)
    with_people = rows.select_related("shipment__recipient__organisation", "stay__mother", "organisation")
    return get_object_or_404(with_people, shipment=shipment_id)


@page(*HOSPITAL_ROLES)
def paper(request: SignedRequest, shipment_id: UUID) -> HttpResponse:
    """What there is to hand over, to whom, and the code if there is one."""
    found = _paper_or_404(request, shipment_id)
    context = {"handing": paper_view.handing(found), "may_have_code": paper_codes.may_have_one(found)}
    return render(request, "coordination/paper_delivery.html", context)


@act(*HOSPITAL_ROLES)
def give(request: SignedRequest, shipment_id: UUID) -> HttpResponse:
    """« Remis en main propre »."""
    paper_deliveries.give(_paper_or_404(request, shipment_id), by=request.user)
    messages.success(request, "C’est noté : remis en main propre.")
    return redirect("paper_delivery", shipment_id)


@act(*HOSPITAL_ROLES)
def sheet(request: SignedRequest, shipment_id: UUID) -> HttpResponse:
    """A new code and its sheet. The code is in this answer alone: another sheet is another code."""
    found = _paper_or_404(request, shipment_id)
    code, drawn = paper_codes.issue(found, by=request.user)
    context = {
        "handing": paper_view.handing(found),
        "site": found.organisation,
        "code": code,
        "drawn": drawn,
        "address": request.build_absolute_uri(reverse("paper_code")),
    }
    return render(request, "coordination/paper_sheet.html", context)


@act(*HOSPITAL_ROLES)
def revoke(request: SignedRequest, shipment_id: UUID) -> HttpResponse:
    """The sheet was lost, or given to the wrong person."""
    if paper_codes.revoke(_paper_or_404(request, shipment_id), by=request.user):
        messages.success(request, "Le code est annulé : il n’ouvre plus rien, à personne.")
    return redirect("paper_delivery", shipment_id)
