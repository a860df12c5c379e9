"""« À faire »: a line that a person settles by other means (papers handed over, receipt recognised)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from coordination.models import HOSPITAL_ROLES, WorkItem, WorkItemKind
from coordination.selectors.discharge_list import CLOSED_BY_A_PERSON
from coordination.services import worklist
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
