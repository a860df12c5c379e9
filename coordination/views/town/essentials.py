"""« L'essentiel »: the 30-second card of a stay, on its own page and above each document."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from coordination import audit
from coordination.access import CONSULTERS, READERS
from coordination.blobs import BlobError
from coordination.models import Document, Person, Stay, User
from coordination.selectors import brief_sources, brief_view, my_visits, record_memory, record_view
from coordination.services import cards
from coordination.views.guard import SignedRequest, page
from coordination.views.town import rows


def card_of(user: User, stay: Stay) -> brief_view.Card | None:
    """The card of what this person may open; None when the mother's information is not recorded for her."""
    return _card(user, stay) if user.is_hospital or my_visits.is_informed(user, stay) else None


def card_beside(user: User, document: Document) -> brief_view.Card | None:
    """The same beside a document that she may open: that of her own paper asks whether she still follows the mother."""
    own = user.professional_id is not None and document.author_id == user.professional_id
    if own and not user.is_hospital and not my_visits.is_informed(user, document.stay):
        return None
    return _card(user, document.stay, about=document.person)


def interview(user: User, stay: Stay) -> record_view.Item | None:
    """The synthesis of the prenatal interview, from perinat or from what the DMP gave her these last hours."""
    try:
        found = record_memory.memory(user, stay.mother)
    except BlobError:
        found = None
    return record_view.interview(user, stay, found[0] if found else None)


def _card(user: User, stay: Stay, *, about: Person | None = None) -> brief_view.Card:
    read = {version: cards.values(version) for version in brief_sources.versions(user, stay)}
    return brief_view.card(stay, read, about=about)


@page(*sorted(READERS))
def essentials(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """One tap from « Mes visites ». Showing it is audited; it is not a Reading of the documents."""
    stay = rows.stay_or_404(request, stay_id)
    card = card_of(request.user, stay)
    if card is not None:
        audit.record("card.opened", by=request.user, subject=stay)
    context: dict[str, object] = {"stay": stay, "card": card, "not_informed": my_visits.NOT_INFORMED}
    if card is not None and request.user.role in CONSULTERS:
        found = interview(request.user, stay)
        context |= {"may_consult": True, "interview": found, "here": reverse("record", args=[stay.pk])}
    return render(request, "coordination/essentials.html", context)
