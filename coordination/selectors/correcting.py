"""Which documents written on a screen may be corrected, by whom, and the corrections in progress."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from coordination.lifecycles import DocumentStatus
from coordination.models import Document, Draft, User
from coordination.selectors.writable import WRITERS

WHO_CORRECTS = "Ce document est écrit à l’écran : un médecin ou une sage-femme de la maternité peut le corriger."


@dataclass(frozen=True, slots=True)
class Correction:
    """`sentence` says who can, to whom may not. `saved_at`: of the correction in progress, when there is one."""

    saved_at: datetime | None = None
    sentence: str = ""


def corrections(documents: Iterable[Document], reader: User, *, waiting: Collection[UUID]) -> dict[UUID, Correction]:
    """One for each document in force that nothing waits to replace (`waiting`), or whose correction is begun."""
    written = [document for document in documents if document.volet]
    if not written:
        return {}
    in_force = [one.pk for one in written if one.status == DocumentStatus.VALIDATED and one.pk not in waiting]
    if reader.role not in WRITERS:
        return dict.fromkeys(in_force, Correction(sentence=WHO_CORRECTS))
    begun = Draft.objects.visible_to(reader).filter(
        document__in=written, replaces__isnull=False, finished_at__isnull=True, abandoned_at__isnull=True
    )
    kept = {draft.document_id: Correction(draft.saved_at) for draft in begun if draft.document_id}
    return dict.fromkeys(in_force, Correction()) | kept
