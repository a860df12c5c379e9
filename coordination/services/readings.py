"""Step 7: opening a document is a fact, and the secretary's « lue » derives from it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from coordination import audit, blobs
from coordination.models import DocumentVersion, Reading, ReadingVia, User


def open_version(version: DocumentVersion, *, by: User) -> bytes:
    """The readable bytes of a version that `by` may see; records the opening (and the Reading).

    Raises BlobError: nothing was shown, nothing is recorded.
    """
    data = blobs.read(version.readable or version.original)
    reader = _first_reader(version, by)
    if reader is None:
        audit.record("document.opened", by=by, subject=version)  # one row: a transaction of its own
        return data
    with transaction.atomic():
        audit.record("document.opened", by=by, subject=version)
        first = Reading(version=version, professional_id=reader, user=by, at=timezone.now(), via=ReadingVia.PERINAT)
        Reading.objects.bulk_create([first], ignore_conflicts=True)  # opened twice at once: one is the first
    return data


def _first_reader(version: DocumentVersion, by: User) -> UUID | None:
    """The town carer who opens another's paper in perinat for the first time, else nobody."""
    reader = by.professional_id
    if not by.is_town_carer or reader is None or version.document.author_id == reader:
        return None
    known = Reading.objects.filter(version=version, professional=reader, via=ReadingVia.PERINAT).exists()
    return None if known else reader
