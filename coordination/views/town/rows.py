"""Rows of the address, as this user may see them: anything else is a 404."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from coordination.access import VISITORS
from coordination.models import Document, Handover, Offer, Role, Stay
from coordination.selectors import reading_view, visit_form
from coordination.views.guard import SignedRequest

VISITOR_ROLES = tuple(sorted(VISITORS))
INTERVIEW_ROLES = (Role.MIDWIFE, Role.GP, Role.PMI)  # CSP L.2122-1: a midwife or a doctor


def stay_or_404(request: SignedRequest, stay_id: UUID) -> Stay:
    """A stay this user follows, with its mother."""
    stay = visit_form.stay_for(request.user, stay_id)
    if stay is None:
        raise Http404
    return stay


def handover_or_404(request: SignedRequest, stay: Stay) -> Handover:
    """Her own relay for this stay."""
    handover = visit_form.own_handover(request.user, stay)
    if handover is None:
        raise Http404
    return handover


def offer_or_404(request: SignedRequest, offer_id: UUID) -> Offer:
    """A request made to her."""
    rows = Offer.objects.visible_to(request.user).select_related("handover__stay", "midwife")
    offer = rows.filter(pk=offer_id).first()
    if offer is None:
        raise Http404
    return offer


def document_or_404(request: SignedRequest, document_id: UUID) -> Document:
    """A document this user may see."""
    document = reading_view.document_for(request.user, document_id)
    if document is None:
        raise Http404
    return document
