"""Step 7: opening a document is a fact, and the secretary's « lue » derives from it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from coordination import audit, blobs
from coordination.models import DocumentVersion, Professional, Reading, ReadingVia, User


@transaction.atomic
def open_version(version: DocumentVersion, *, by: User) -> bytes:
    """The readable bytes of a version that `by` may see; records the opening (and the Reading)."""
    document = version.document
    audit.record("document.opened", by=by, subject=version)
    if by.is_town_carer and by.professional is not None and document.author_id != by.professional.pk:
        _record(version, by.professional, by)
    return blobs.read(version.readable or version.original)


def _record(version: DocumentVersion, reader: Professional, by: User) -> None:
    if Reading.objects.filter(version=version, professional=reader, via=ReadingVia.PERINAT).exists():
        return
    Reading.objects.create(version=version, professional=reader, user=by, at=timezone.now(), via=ReadingVia.PERINAT)
