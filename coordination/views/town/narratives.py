"""A document kept as a structured CDA, without a PDF copy: its text is shown in the page itself.

Showing it is opening it: the Reading is recorded then, as when the bytes of a PDF are served.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.http import Http404, HttpResponse
from django.urls import reverse

from coordination.blobs import BlobError, read
from coordination.cda import reader
from coordination.cda.errors import CdaReadError
from coordination.models import DocumentVersion
from coordination.selectors import attached
from coordination.selectors.attached import File
from coordination.services import readings
from coordination.views.guard import SignedRequest

XML_TYPES = frozenset({"text/xml", "application/xml", "application/cda+xml", "application/xslt+xml"})
DEEPEST_HEADING = 6
ANCHOR = re.compile(r"[A-Za-z0-9.-]{1,20}")


@dataclass(frozen=True, slots=True)
class Part:
    """One section: `heading` is its level on the page (h2…h6), `html` is written by the reader and safe.

    `anchor`: its LOINC code, for the first section of that code.
    """

    heading: int
    title: str
    html: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Narrative:
    """`broken`: the document cannot be read. `files`: what it carries beside its text."""

    parts: tuple[Part, ...] = ()
    files: tuple[File, ...] = ()
    broken: bool = False


def is_cda(version: DocumentVersion) -> bool:
    """Kept as a CDA, without a PDF made of it."""
    return version.readable_id is None and version.original.media_type in XML_TYPES


def narrative_of(request: SignedRequest, version: DocumentVersion) -> Narrative | None:
    """What the page shows instead of a PDF; None when the document is, or carries, a PDF."""
    if not is_cda(version):
        return None
    try:
        found = reader.read_whole(read(version.original))
    except (BlobError, CdaReadError):
        return Narrative(broken=True)
    narrative = of_document(found, lambda number: _address(version, number))
    shows = found.narrated or (narrative is not None and any(one.is_shown for one in narrative.files))
    if narrative is not None and request.method == "GET" and shows:
        readings.open_version(version, by=request.user)
    return narrative


def _address(version: DocumentVersion, number: int) -> str:
    return reverse("document_attached", args=[version.document_id, version.number, number])


def of_document(found: reader.WholeDocument, where: Callable[[int], str]) -> Narrative | None:
    """The text of any CDA, and its files; None when it carries a PDF, which is shown instead."""
    if found.header.pdf:
        return None
    sections = [section for section in found.walk() if section.html or section.title]
    return Narrative(tuple(_parts(sections)), files=files_of(found, where))


def files_of(found: reader.WholeDocument, where: Callable[[int], str]) -> tuple[File, ...]:
    """The files beside the text or the PDF. `where`: the address that downloads one."""
    return attached.files(found.attachments, found.header.pdf, where)


def attached_file(data: bytes, number: int, *, max_bytes: int | None = None) -> HttpResponse:
    """One file of a CDA, as it was received: only ever downloaded. 404 when there is none."""
    try:
        found = attached.found(reader.read_whole(data, max_bytes=max_bytes).attachments, number)
    except CdaReadError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return download(*found)


def download(name: str, data: bytes) -> HttpResponse:
    """Bytes of others, never shown by the browser in our pages."""
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _parts(sections: Iterable[reader.Section]) -> Iterator[Part]:
    seen: set[str] = set()
    for section in sections:
        code = section.code.code if section.code and ANCHOR.fullmatch(section.code.code) else ""
        anchor = code if code not in seen else ""
        seen.add(code)
        yield Part(min(section.level + 1, DEEPEST_HEADING), section.title or _label(section), section.html, anchor)


def embedded_pdf(request: SignedRequest, version: DocumentVersion) -> bytes:
    """The PDF inside the CDA. 404, and nothing recorded, when there is none."""
    try:
        with transaction.atomic():  # nothing shown is not a reading
            pdf = reader.read(readings.open_version(version, by=request.user)).pdf
            if not pdf:
                raise Http404
    except (BlobError, CdaReadError) as error:
        raise Http404 from error
    return pdf


def _label(section: reader.Section) -> str:
    return section.code.words if section.code else ""
