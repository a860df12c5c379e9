"""« À faire »: a line that a person settles by other means (papers handed over, receipt recognised)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from coordination.lifecycles import PaperStatus
from coordination.models import HOSPITAL_ROLES, PaperDelivery, WorkItem, WorkItemKind
from coordination.selectors.discharge_list import CLOSED_BY_A_PERSON, ONE_ACTIVATION
from coordination.services import paper_deliveries, worklist
from coordination.views.guard import SignedRequest, act, back


@act(*HOSPITAL_ROLES)
def done(request: SignedRequest, item_id: UUID) -> HttpResponse:
    """Close the line, with what was done instead; the event keeps the reason."""
    item = get_object_or_404(WorkItem.objects.visible_to(request.user), pk=item_id)
    kind = WorkItemKind(item.kind)
    if kind not in CLOSED_BY_A_PERSON:
        raise Http404
    reason = request.POST.get("motif", "").strip()[:200]
    if not reason:
        messages.error(request, "Indiquez ce qui a été fait. La tâche reste ouverte.")
        return back(request, "discharge_list")
    worklist.close_items(kind, key=item.key.removeprefix(f"{kind}:"), by=request.user, reason=reason)
    messages.success(request, "La tâche est close.")
    return back(request, "discharge_list")


@act(*HOSPITAL_ROLES)
def settled(request: SignedRequest, item_id: UUID) -> HttpResponse:
    """« Remis en main propre », « Appelée »: done, in one activation."""
    item = get_object_or_404(WorkItem.objects.visible_to(request.user), pk=item_id)
    kind = WorkItemKind(item.kind)
    if kind not in ONE_ACTIVATION:
        raise Http404
    papers = PaperDelivery.objects.visible_to(request.user).filter(shipment=item.shipment_id)
    paper = papers.filter(status=PaperStatus.TO_GIVE).first() if kind == WorkItemKind.PAPER_TO_GIVE else None
    if paper is not None:
        paper_deliveries.give(paper, by=request.user)
    worklist.close_items(
        kind, key=item.key.removeprefix(f"{kind}:"), by=request.user, reason=ONE_ACTIVATION[kind].lower()
    )
    messages.success(request, f"C’est noté : {ONE_ACTIVATION[kind].lower()}.")
    return back(request, "discharge_list")
