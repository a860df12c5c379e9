"""Editions of a version: one validation, one content, sealed again for who cannot receive the first sealing.

The bytes of a version never change. Two facts that stand inside the CDA may differ from one place to another:
the INS (a newborn's arrives later, ADR 0011) and the version that it replaces there (ADR 0015).
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Max, QuerySet

from coordination import audit, blobs
from coordination.cda import frozen
from coordination.models import Document, DocumentVersion
from coordination.selectors import contents
from coordination.services import sealing
from perinat.standards.identifiers import oid_from_uuid


def edition(
    version: DocumentVersion, *, replaces: DocumentVersion | None, with_ins: bool = False
) -> DocumentVersion | None:
    """The edition of this validated version that names `replaces` (and bears the INS): found, else sealed now.

    Call in a transaction. None when somebody else is on this document: ask again later. Raises BlobError,
    cda.errors.CdaContentError.
    """
    found = _same_content(version).filter(replaces=replaces).order_by("-number")
    known = (found.filter(cda_with_ins=True) if with_ins else found).first()
    if known is not None:
        return known
    locked = Document.objects.select_for_update(skip_locked=True, no_key=True)
    if not locked.filter(pk=version.document_id).exists():
        return None
    made = DocumentVersion(
        document=version.document,
        number=next_number(version.document),
        unique_id=oid_from_uuid(uuid.uuid4()),
        original_id=version.original_id,
        readable=version.readable,
        body_id=version.body_id,
        letter_check=version.letter_check,
        card_id=version.card_id,
        frozen=_qualified(version) if with_ins and not version.cda_with_ins else version.frozen,
        masks=version.masks,
        validated_at=version.validated_at,
        validated_by_id=version.validated_by_id,
        validated_under_id=version.validated_under_id,
        replaces=replaces,
        reason=version.reason,
        comment=version.comment,
    )
    made.save(force_insert=True)
    assert made.readable is not None
    sealing.seal(made, pdf=blobs.read(made.readable))
    audit.record("document.reissued", by=None, subject=version.document, version=made.number, ins=made.cda_with_ins)
    return made


def _qualified(version: DocumentVersion) -> dict[str, Any]:
    """What was validated, under the traits qualified since: an INS never stands beside traits that are not its own."""
    assert version.frozen is not None
    return frozen.with_traits(version.frozen, contents.patient(version.document))


def next_number(document: Document) -> int:
    """The versionNumber to come (the row of the document is locked: two versions never share one)."""
    last: int | None = document.versions.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _same_content(version: DocumentVersion) -> QuerySet[DocumentVersion]:
    return DocumentVersion.objects.filter(document_id=version.document_id, validated_at=version.validated_at)
