"""A document, read: its page, and its bytes. The Reading is recorded when the bytes are served, not before.

On a desk the browser's own PDF viewer shows the file; on a phone, which often has none inside a page,
each page of the PDF is served as an image. Nothing of them is kept by the browser.
"""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coordination.access import READERS
from coordination.blobs import BlobError, read
from coordination.models import DocumentVersion
from coordination.papers.drawing import MOST_PAGES, webp
from coordination.papers.pdfium import RenderError, open_pages
from coordination.selectors import reading_view
from coordination.selectors.opening import Opening, opening
from coordination.services import readings
from coordination.views.guard import SignedRequest, page
from coordination.views.town import essentials, narratives, rows

logger = logging.getLogger(__name__)

READER_ROLES = tuple(sorted(READERS))
LARGEST_NUMBER = 32767  # a smallint: a greater number in an address names no version


@page(*READER_ROLES)
def document(request: SignedRequest, document_id: UUID, number: int | None = None) -> HttpResponse:
    """The page: person, sender, validation, who read it, versions; the document itself follows."""
    row = rows.document_or_404(request, document_id)
    found = reading_view.page(request.user, row, number)
    if found is None:
        raise Http404
    shown, version = found
    count = _page_count(version)
    narrative = narratives.narrative_of(request, version)
    broken = count is None or (narrative is not None and narrative.broken)
    context = {
        "document": shown,
        "pages": range(1, (count or 0) + 1),
        "sheet": _sheet(request),
        "broken": broken,
        "narrative": narrative,
        "card": essentials.card_beside(request.user, row),
    }
    return render(request, "coordination/reading.html", context)


def _sheet(request: SignedRequest) -> int:
    """The page that a link of the card asks for."""
    asked = request.GET.get("feuille", "")
    return min(max(int(asked), 1), MOST_PAGES) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1


@require_GET
@page(*READER_ROLES)
def file(request: SignedRequest, document_id: UUID, number: int | None = None) -> HttpResponse:
    """The PDF, inline. Recorded: audit always, Reading for a town carer who is not its author."""
    opened = _opening_or_404(request, document_id, number)
    cda = narratives.is_cda(opened.version)
    data = narratives.embedded_pdf(request, opened.version) if cda else _open(request, opened)
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="perinat-{str(document_id)[:8]}.pdf"'
    return response


@require_GET
@page(*READER_ROLES)
def joined(request: SignedRequest, document_id: UUID, number: int, rank: int) -> HttpResponse:
    """A file inside a document kept as a CDA: downloaded. Recorded as the file of the document is."""
    opened = _opening_or_404(request, document_id, number)
    if not narratives.is_cda(opened.version):
        raise Http404
    with transaction.atomic():  # a file that is not there is not a reading
        return narratives.attached_file(_open(request, opened), rank)


@require_GET
@page(*READER_ROLES)
def image(request: SignedRequest, document_id: UUID, number: int, sheet: int) -> HttpResponse:
    """One page of the PDF as a WebP image, for screens without a PDF viewer. Recorded as the file is."""
    opened = _opening_or_404(request, document_id, number)
    if opened.version.readable is None:
        raise Http404
    with transaction.atomic():  # an image that cannot be drawn is not a reading
        picture = _drawn(_open(request, opened), sheet)
    return HttpResponse(picture, content_type="image/webp")


def _drawn(data: bytes, sheet: int) -> bytes:
    try:
        with open_pages(data) as pages:
            if not 1 <= sheet <= min(pages.count, MOST_PAGES):
                raise Http404
            return webp(pages, sheet)
    except RenderError as error:
        raise Http404 from error


def _opening_or_404(request: SignedRequest, document_id: UUID, number: int | None) -> Opening:
    found = opening(request.user, document_id, number) if (number or 0) <= LARGEST_NUMBER else None
    if found is None:
        raise Http404
    return found


def _open(request: SignedRequest, opened: Opening) -> bytes:
    try:
        return readings.open_version(opened.version, by=request.user, read_before=opened.read_before)
    except BlobError as error:
        logger.error("document.unreadable id=%s", opened.version.document_id)
        raise Http404 from error


def _page_count(version: DocumentVersion) -> int | None:
    """How many images the page offers; None when the file is lost. Shows nothing, so records nothing.

    Only the PDF/A copy is drawn here: a file as it was received is never opened by the pages.
    """
    try:
        data = read(version.readable or version.original)
        if version.readable is None:
            return 0
        with open_pages(data) as pages:
            return min(pages.count, MOST_PAGES)
    except BlobError:
        logger.error("document.unreadable id=%s", version.document_id)
        return None
    except RenderError:
        return 0
