"""Step 7: opening a document is a fact, and the secretary's « lue » derives from it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from coordination import audit, blobs
from coordination.models import Document, DocumentVersion, Notice, Reading, ReadingVia, User


@transaction.atomic
def open_version(version: DocumentVersion, *, by: User) -> bytes:
    """The readable bytes of a version that `by` may see; records the opening (and the Reading)."""
    document = version.document
    audit.record("document.opened", by=by, subject=version)
    if by.is_town_carer and by.professional_id and document.author_id != by.professional_id:
        _record(version, by)
    return blobs.read(version.readable or version.original)


def _record(version: DocumentVersion, by: User) -> None:
    if Reading.objects.filter(version=version, professional_id=by.professional_id, via=ReadingVia.PERINAT).exists():
        return
    Reading.objects.create(
        version=version, professional_id=by.professional_id, user=by, at=timezone.now(), via=ReadingVia.PERINAT
    )
    Notice.objects.filter(professional_id=by.professional_id, seen_at__isnull=True, path=path_of(version.document)).update(
        seen_at=timezone.now()
    )


def path_of(document: Document) -> str:
    """The address of a document in the site: an opaque identifier, no content."""
    return f"/documents/{document.pk}/"
