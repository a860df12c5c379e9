"""« J'ai un code » : the papers that a ward handed over with a one-time code, for the one who types it first."""

from __future__ import annotations

import logging
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from coordination.blobs import BlobError
from coordination.models import TOWN_CARE_ROLES, PaperCode
from coordination.selectors import paper_view
from coordination.services import paper_codes
from coordination.views.guard import SignedRequest, page
from coordination.views.town.forms import CodeForm

logger = logging.getLogger(__name__)
ROLES = tuple(sorted(TOWN_CARE_ROLES))


@page(*ROLES)
def code(request: SignedRequest) -> HttpResponse:
    """The code goes in a form, never in an address."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            found = paper_codes.redeem(form.cleaned_data["code"], by=request.user)
        except paper_codes.CodeRefusedError as refusal:
            form.add_error(None, refusal.message_fr)
        else:
            return redirect("paper_code_papers", found.pk)
    return render(request, "coordination/paper_code.html", {"form": form, "opened": _mine(request)})


def _mine(request: SignedRequest) -> list[PaperCode]:
    rows = PaperCode.objects.visible_to(request.user).select_related("paper__organisation")
    return list(rows.order_by("expires_at"))


def _code_or_404(request: SignedRequest, code_id: UUID) -> PaperCode:
    rows = PaperCode.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("paper__shipment__stay__mother", "paper__organisation"), pk=code_id)


@page(*ROLES)
def papers(request: SignedRequest, code_id: UUID) -> HttpResponse:
    """What this code opens, until when."""
    found = _code_or_404(request, code_id)
    opened = {version.pk for version in paper_codes.papers_of(found)}
    shown = [paper for paper in paper_view.papers_of(found.paper.shipment) if paper.version_id in opened]
    return render(request, "coordination/paper_code_papers.html", {"code": found, "papers": shown})


@require_GET
@page(*ROLES)
def file(request: SignedRequest, code_id: UUID, version_id: UUID) -> HttpResponse:
    """The PDF of one of them. Recorded as a reading, by this way."""
    found = _code_or_404(request, code_id)
    try:
        data = paper_codes.open_version(found, version_id, by=request.user)
    except BlobError as error:
        logger.error("document.unreadable version=%s", version_id)
        raise Http404 from error
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="perinat-{str(version_id)[:8]}.pdf"'
    return response
