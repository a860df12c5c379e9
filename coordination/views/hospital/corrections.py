"""« Corriger » a structured document already sent: its draft is the page of any structured document (`writing`)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from coordination.models import Draft
from coordination.selectors.writable import WRITERS
from coordination.services import corrections
from coordination.views.guard import SignedRequest, act
from coordination.views.hospital.replacements import document_of


@act(*sorted(WRITERS))
def start(request: SignedRequest, document_id: UUID) -> HttpResponse:
    """Open the correction of this document (or the one in progress)."""
    return redirect("writing", corrections.open_correction(document_of(request, document_id), by=request.user).pk)


@act(*sorted(WRITERS))
def catch_up(request: SignedRequest, draft_id: UUID) -> HttpResponse:
    """She has read the version that came meanwhile: her correction is to replace that one."""
    draft = get_object_or_404(Draft.objects.visible_to(request.user).filter(replaces__isnull=False), pk=draft_id)
    corrections.catch_up(draft, by=request.user)
    messages.success(request, "Votre correction part maintenant de la version en cours. Relisez-la avant de terminer.")
    return redirect("writing", draft.pk)
