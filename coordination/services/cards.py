"""What the card reads in one version of a document: read once, kept encrypted beside it."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

from coordination import blobs
from coordination.cda.errors import CdaReadError
from coordination.cda.reading.safe import root_of
from coordination.cda.volets.read import read_body
from coordination.models import DocumentVersion
from coordination.papers.brief.case import read_case
from coordination.papers.brief.text import read_text
from coordination.papers.brief.values import Found, as_json, from_json
from coordination.papers.pdfium import RenderError, open_pages
from coordination.papers.words import fold

logger = logging.getLogger(__name__)

MOST_PAGES = 30


def values(version: DocumentVersion) -> tuple[Found, ...]:
    """The values of a version: those kept, else read now and kept. A file that cannot be read gives none.

    Load `card`, `body`, `readable`, `original` and `document` with the version.
    """
    try:
        known = from_json(blobs.read_json(version.card)) if version.card else None
        if known is not None:
            return known
        found = _read(version)
    except (blobs.BlobError, CdaReadError, RenderError):
        logger.error("card.unreadable version=%s", version.pk)
        return ()
    _keep(version, found)
    return found


@transaction.atomic
def _keep(version: DocumentVersion, found: tuple[Found, ...]) -> None:
    """Two people who open it at once write the same: the last one stays."""
    version.card = blobs.store_json(as_json(found))
    DocumentVersion.objects.filter(pk=version.pk).update(card=version.card)


def _read(version: DocumentVersion) -> tuple[Found, ...]:
    """From the case of a structured document, the entries of a CDA kept as it came, else the text of the PDF."""
    texts = _texts(version)
    if version.body is not None:
        return _with_pages(read_case(version.document.volet, blobs.read_json(version.body)), texts)
    if version.readable is None:
        read = read_body(root_of(blobs.read(version.original)))
        return read_case(read[0].name, read[1], left=read[2]) if read else ()
    return read_text(texts, about_child=version.document.is_about_newborn)


def _texts(version: DocumentVersion) -> list[str]:
    """The text of each page of the copy made by perinat; a file as it was received is never opened here."""
    if version.readable is None:
        return []
    with open_pages(blobs.read(version.readable)) as pages:
        return [pages.text(number) for number in range(1, min(pages.count, MOST_PAGES) + 1)]


def _with_pages(found: tuple[Found, ...], texts: list[str]) -> tuple[Found, ...]:
    """The page on which each value's section begins, in the PDF that perinat made of the case."""
    folded = [fold(text) for text in texts]

    def page(heading: str) -> Any:
        return next((number for number, text in enumerate(folded, start=1) if fold(heading) in text), 0)

    return tuple(Found(one.field, one.value, one.key, page(one.heading), one.section, one.heading) for one in found)
