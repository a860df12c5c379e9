"""A synthesis as a file for her own software: what her structure does not deposit in the DMP, she may."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from coordination import audit
from coordination.blobs import BlobError, read
from coordination.models import TOWN_CARE_ROLES
from coordination.views.guard import SignedRequest, page
from coordination.views.town import rows


@require_GET
@page(*sorted(TOWN_CARE_ROLES))
def cda(request: SignedRequest, document_id: UUID) -> HttpResponse:
    """The sealed CDA of her own document, byte for byte as it was sent: the same identifier on every channel."""
    document = rows.document_or_404(request, document_id)
    version = document.versions.filter(cda__isnull=False).order_by("-validated_at", "-number").first()
    if version is None or version.cda is None or document.author_id != request.user.professional_id:
        raise Http404
    try:
        data = read(version.cda)
    except BlobError as error:
        raise Http404 from error
    audit.record("document.exported", by=request.user, subject=version)
    response = HttpResponse(data, content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="perinat-{str(document_id)[:8]}.xml"'
    return response
