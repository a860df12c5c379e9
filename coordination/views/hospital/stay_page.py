"""One stay: who is there, which papers, where each of them is, who follows the mother."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from coordination.models import HOSPITAL_ROLES, Document, Stay
from coordination.selectors import directory_search, mail_view, stay_view
from coordination.services import claims, readings, stays
from coordination.views.guard import SignedRequest, act, back, page
from coordination.views.hospital.discharges import dropzone
from coordination.views.hospital.papers import inline_pdf


def stay_of(request: SignedRequest, stay_id: UUID) -> Stay:
    rows = Stay.objects.visible_to(request.user).select_related("mother", "maternity", "physician")
    return get_object_or_404(rows, pk=stay_id)


def _context(request: SignedRequest, stay: Stay) -> dict[str, Any]:
    return {"stay": stay, "view": stay_view.stay_view(stay, request.user), **dropzone()}


@page(*HOSPITAL_ROLES)
def stay(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    found = stay_of(request, stay_id)
    text = request.POST.get("recherche", "")[:60]
    context = {
        **_context(request, found),
        "searched": text,
        "professionals": stay_view.professionals(text),
        "published": directory_search.find(text),
        "freshness": directory_search.freshness(timezone.now()),
        "received": mail_view.of_stay(found, request.user),
        "now": timezone.localtime(),
    }
    return render(request, "coordination/stay.html", context)


@page(*HOSPITAL_ROLES)
def printed(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """The pack as a sheet of paper: what there is, who has it, what is missing."""
    found = stay_of(request, stay_id)
    context = _context(request, found) | {"code": claims.stay_code(found.pk)}
    return render(request, "coordination/stay_print.html", context)


@act(*HOSPITAL_ROLES)
def discharge(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """« Sortie maintenant »: the clocks of the first visit start."""
    found = stay_of(request, stay_id)
    stays.discharge(found, at=timezone.now(), by=request.user)
    messages.success(request, "La sortie est enregistrée. Le délai de la première visite court.")
    return back(request, "discharge_list")


@page(*HOSPITAL_ROLES)
def pdf(request: SignedRequest, document_id: UUID) -> HttpResponse:
    """The readable copy of a paper; opening it is audited."""
    rows = Document.objects.visible_to(request.user)
    document = get_object_or_404(rows, pk=document_id)
    return inline_pdf(readings.open_version(document.current_version, by=request.user))
