"""Which version of a document a person opens: on the path of every reading, so two light statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection
from django.utils import timezone

from coordination.models import Blob, Document, DocumentVersion, ReadingVia, User


@dataclass(frozen=True, slots=True)
class Opening:
    """A version whose bytes a user may open, and whether she has already read it in perinat."""

    version: DocumentVersion
    read_before: bool


# The newest version or that number, the key of its readable copy, a reading of hers. The right comes before.
NEWEST = """
SELECT v.id, v.original_id, v.readable_id, copy.key_id,
       EXISTS (SELECT FROM coordination_reading r
                WHERE r.version_id = v.id AND r.professional_id = %s AND r.via = %s)
  FROM coordination_documentversion v LEFT JOIN coordination_blob copy ON copy.id = v.readable_id
 WHERE v.document_id = %s AND (%s::int IS NULL OR v.number = %s) AND (%s OR v.validated_at <= %s)
 ORDER BY v.number DESC LIMIT 1
"""


def opening(user: User, document_id: UUID, number: int | None = None) -> Opening | None:
    """The newest version this user may open, or that `number`.

    A carer opens only what is validated and can no longer be undone; its ward and its author open all.
    """
    try:
        document = Document.objects.visible_to(user).only("author_id").get(pk=document_id)
    except Document.DoesNotExist:
        return None
    me = user.professional_id
    drafts_too = user.is_hospital or (me is not None and document.author_id == me)
    final = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, (me, ReadingVia.PERINAT, document_id, number, number, drafts_too, final))
        row = cursor.fetchone()
    if row is None:
        return None
    *ids, key, read_before = row
    version = DocumentVersion.from_db(DEFAULT_DB_ALIAS, ["id", "original_id", "readable_id"], ids)
    version.document = document
    if version.readable_id:
        version.readable = Blob.from_db(DEFAULT_DB_ALIAS, ["id", "key_id"], [version.readable_id, key])
    return Opening(version, read_before)
