"""What the two pages cost before anybody asks who may see them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from coordination.models import Blob, Document
from tests.load.world import LISTED, LISTED_PREFIX


def listed(request: HttpRequest) -> HttpResponse:
    """Twenty documents, their person and their sender, in a template."""
    rows = Document.objects.filter(stay__number__startswith=LISTED_PREFIX).select_related("person", "organisation")
    return render(request, "list.html", {"documents": rows.order_by("-created_at")[:LISTED]})


def opened(request: HttpRequest, blob_id: UUID) -> HttpResponse:
    """Row, disk, AES-GCM."""
    blob = get_object_or_404(Blob, pk=blob_id)
    data = (settings.BLOB_DIR / blob.pk.hex[:2] / blob.pk.hex).read_bytes()
    clear = _cipher(blob.key_id).decrypt(data[:12], data[12:], blob.pk.bytes)
    return HttpResponse(clear, content_type="application/pdf")


@cache
def _cipher(key_id: str) -> AESGCM:
    return AESGCM((Path(settings.BLOB_KEYS_DIR) / f"{key_id}.key").read_bytes())
