"""Step 7: opening a document is a fact, and the secretary's « lue » derives from it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from coordination import audit, blobs
from coordination.models import DocumentVersion, Reading, ReadingVia, User
from coordination.services import nudges


def open_version(
    version: DocumentVersion, *, by: User, read_before: bool | None = None, via: ReadingVia = ReadingVia.PERINAT
) -> bytes:
    """The readable bytes of a version that `by` may see; records the opening (and the Reading).

    `read_before`: whether she has read it in perinat, when the caller knows; None: it is looked up. `via`: by what way
    it was opened to her.
    Raises BlobError: nothing was shown, nothing is recorded.
    """
    data = blobs.read(version.readable or version.original)
    reader = _first_reader(version, by, read_before, via)
    if reader is None:
        audit.record("document.opened", by=by, subject=version)  # one row: a transaction of its own
        return data
    with transaction.atomic():
        audit.record("document.opened", by=by, subject=version)
        first = Reading(version=version, professional_id=reader, user=by, at=timezone.now(), via=via)
        Reading.objects.bulk_create([first], ignore_conflicts=True)  # opened twice at once: one is the first
        nudges.note_reading(version, reader)
    return data


def _first_reader(version: DocumentVersion, by: User, read_before: bool | None, via: ReadingVia) -> UUID | None:
    """The town carer who opens another's paper in perinat for the first time, else nobody."""
    reader = by.professional_id
    if not by.is_town_carer or reader is None or version.document.author_id == reader:
        return None
    if read_before is None:
        read_before = Reading.objects.filter(version=version, professional=reader, via=via).exists()
    return None if read_before else reader
