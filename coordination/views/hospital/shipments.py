"""The two acts on what has been sent: try again, recall."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from coordination.lifecycles import DocumentStatus
from coordination.models import HOSPITAL_ROLES, Document, Shipment
from coordination.services import documents, outbox
from coordination.views.guard import SignedRequest, act, back


@act(*HOSPITAL_ROLES)
def retry(request: SignedRequest, shipment_id: UUID) -> HttpResponse:
    """Send again what was refused or failed."""
    shipment = get_object_or_404(Shipment.objects.visible_to(request.user), pk=shipment_id)
    outbox.retry(shipment, by=request.user)
    messages.success(request, "L'envoi repart. Son état se met à jour dans la page.")
    return back(request, "discharge_list")


@act(*HOSPITAL_ROLES)
def withdraw(request: SignedRequest, document_id: UUID) -> HttpResponse:
    """Take back a paper, with a reason: one that nobody validated is dropped; else what has not left is cancelled,

    and what has is recalled everywhere.
    """
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    reason = request.POST.get("motif", "").strip()[:200]
    if not reason:
        messages.error(request, "Indiquez pourquoi ce papier est retiré. Rien n'a été fait.")
        return back(request, "discharge_list")
    if document.status == DocumentStatus.TO_VALIDATE:
        documents.abandon(document, by=request.user, reason=reason)
        messages.success(request, "Le papier est retiré. Il n'avait été envoyé à personne.")
    else:
        documents.withdraw(document, by=request.user, reason=reason)
        messages.success(request, "Le papier est retiré. Chaque destinataire est prévenu par le même canal.")
    return back(request, "discharge_list")
