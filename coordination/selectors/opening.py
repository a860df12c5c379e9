"""Which version of a document a person opens: on the path of every reading, so one light statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.utils import timezone

from coordination.models import Blob, Document, DocumentVersion, ReadingVia, User
from coordination.selectors.versions import WRONG_FILE


@dataclass(frozen=True, slots=True)
class Opening:
    """A version whose bytes a user may open, and whether she has already read it in perinat."""

    version: DocumentVersion
    read_before: bool


# Of the document if she may see it: the newest version or that number, the key of its readable copy, her reading.
NEWEST = """
SELECT v.id, v.original_id, v.readable_id, copy.key_id, seen.author_id,
       EXISTS (SELECT FROM coordination_reading r
                WHERE r.version_id = v.id AND r.professional_id = %s AND r.via = %s)
  FROM ({seen}) seen JOIN coordination_documentversion v ON v.document_id = seen.id
  LEFT JOIN coordination_blob copy ON copy.id = v.readable_id
 WHERE (%s::int IS NULL OR v.number = %s)
   AND (%s OR seen.author_id = %s
        OR v.validated_at <= %s
           AND %s IS DISTINCT FROM (SELECT n.reason FROM coordination_documentversion n
                                     WHERE n.document_id = v.document_id AND n.validated_at > v.validated_at
                                       AND n.validated_at <= %s
                                     ORDER BY n.validated_at LIMIT 1))
 ORDER BY v.validated_at DESC, v.number DESC LIMIT 1
"""


def opening(user: User, document_id: UUID, number: int | None = None) -> Opening | None:
    """The newest version this user may open, or that `number`.

    A carer opens only what is validated and can no longer be undone, and not what was replaced because it was the
    wrong file: it may be anybody's. Its ward and its author open all.
    """
    row = _newest(user, Document.objects.visible_to(user).filter(pk=document_id), number)
    if row is None:
        return None
    version_id, original_id, readable_id, key, author_id, read_before = row
    fields = ["id", "document_id", "original_id", "readable_id"]
    version = DocumentVersion.from_db(DEFAULT_DB_ALIAS, fields, [version_id, document_id, original_id, readable_id])
    version.document = Document.from_db(DEFAULT_DB_ALIAS, ["id", "author_id"], [document_id, author_id])
    if readable_id:
        version.readable = Blob.from_db(DEFAULT_DB_ALIAS, ["id", "key_id"], [readable_id, key])
    return Opening(version, read_before)


def _newest(user: User, rows: QuerySet[Document], number: int | None) -> tuple[Any, ...] | None:
    """The row of NEWEST among `rows`, which are those she may see."""
    try:
        seen, rights = rows.order_by().values("id", "author_id").query.sql_with_params()
    except EmptyResultSet:  # her role sees no document
        return None
    me, final = user.professional_id, timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    wanted = (number, number, user.is_hospital, me, final, WRONG_FILE, final)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST.format(seen=seen), (me, ReadingVia.PERINAT, *rights, *wanted))
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
