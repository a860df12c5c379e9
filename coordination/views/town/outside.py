"""A document of the DMP, read: asked when she opens it, kept encrypted for a few hours, shown as one of perinat."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from coordination import audit, blobs
from coordination.cda import reader
from coordination.cda.errors import CdaReadError
from coordination.models import QueryKind, RecordQuery
from coordination.papers.apart import draw_apart
from coordination.selectors import identity
from coordination.views.guard import SignedRequest, page
from coordination.views.town import narratives
from coordination.views.town.record import ROLES, record_address

GONE = "Ce document n’est plus gardé par perinat. Ouvrez-le à nouveau depuis la liste."
UNREADABLE = "perinat ne sait pas afficher ce document. Il reste lisible dans Mon espace santé et dans le DMP."


@page(*ROLES)
def outside(request: SignedRequest, query_id: UUID) -> HttpResponse:
    """The page of one document; while it is awaited, a region of it looks for the answer."""
    query = _query_or_404(request, query_id)
    context: dict[str, object] = {"query": query, "stay": query.stay, "back": _back(query)}
    if query.answered_at is None:
        return render(request, "coordination/outside.html", context)
    data = _data(query)
    context["problem"] = query.message_fr if query.code else ("" if data else GONE)
    if data:
        context |= _shown(request, query, data)
    return render(request, "coordination/outside.html", context)


@page(*ROLES, poll=True)
def live(request: SignedRequest, query_id: UUID) -> HttpResponse:
    """Nothing to change yet, or the whole page again."""
    query = _query_or_404(request, query_id)
    response = HttpResponse(status=204)
    if query.answered_at is not None:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@page(*ROLES)
def file(request: SignedRequest, query_id: UUID) -> HttpResponse:
    """The PDF inside the document, inline."""
    query = _query_or_404(request, query_id)
    pdf = _pdf(query)
    _record(request, query)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="dmp-{str(query_id)[:8]}.pdf"'
    return response


@require_GET
@page(*ROLES)
def image(request: SignedRequest, query_id: UUID, sheet: int) -> HttpResponse:
    """One page of that PDF as a picture, for phones. Its bytes are unknown: they are drawn in a child process."""
    query = _query_or_404(request, query_id)
    _, picture = draw_apart(_pdf(query), sheet)
    if not picture:
        raise Http404
    _record(request, query)
    return HttpResponse(picture, content_type="image/webp")


@require_GET
@page(*ROLES)
def joined(request: SignedRequest, query_id: UUID, rank: int) -> HttpResponse:
    """A file inside the document: downloaded."""
    query = _query_or_404(request, query_id)
    response = narratives.attached_file(_data(query), rank)
    _record(request, query)
    return response


def _pdf(query: RecordQuery) -> bytes:
    """404 when the document carries none."""
    try:
        pdf = reader.read(_data(query)).pdf
    except CdaReadError as error:
        raise Http404 from error
    if not pdf:
        raise Http404
    return pdf


def _query_or_404(request: SignedRequest, query_id: UUID) -> RecordQuery:
    found = RecordQuery.objects.visible_to(request.user).filter(pk=query_id, kind=QueryKind.OPEN)
    query: RecordQuery | None = found.select_related("answer", "stay", "person").first()
    if query is None:
        raise Http404
    return query


def _data(query: RecordQuery) -> bytes:
    """Its bytes; empty once they are erased, or when the file is lost."""
    if query.answer is None:
        return b""
    try:
        return blobs.read(query.answer)
    except blobs.BlobError:
        return b""


def _shown(request: SignedRequest, query: RecordQuery, data: bytes) -> dict[str, object]:
    try:
        found = reader.read_whole(data)
    except CdaReadError:
        return {"problem": UNREADABLE}
    narrative = narratives.of_document(found, lambda rank: _joined(query, rank))
    if narrative is not None:
        _record(request, query)
    author = found.header.author
    return {
        "title": found.header.title,
        "narrative": narrative,
        "files": () if narrative else narratives.files_of(found, lambda rank: _joined(query, rank)),
        "sheets": range(1, draw_apart(found.header.pdf, 0)[0] + 1) if found.header.pdf else (),
        "author": f"{author.given_name} {author.family_name}".strip() if author else "",
        "sender": author.organization if author else "",
        "written_at": found.header.created_at,
        "person": identity.card_of(query.person) if query.person else None,
        "is_child": hasattr(query.person, "newborn"),
    }


def _joined(query: RecordQuery, rank: int) -> str:
    return reverse("outside_attached", args=[query.pk, rank])


def _back(query: RecordQuery) -> str:
    """The list that it was opened from."""
    return record_address(query.stay.pk, query.person) if query.stay and query.person else ""


def _record(request: SignedRequest, query: RecordQuery) -> None:
    """A reading of a document that is not ours: it has no version here, so the audit alone keeps it."""
    audit.record("dmp.document_opened", by=request.user, subject=query.stay, document=query.document_uid)
