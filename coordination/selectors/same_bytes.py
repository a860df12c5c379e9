"""The same file in two people's records: one of the two sendings is probably that of the wrong person.

Here is whose paper in force is made of these bytes, as far as the person who looks may know it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from coordination.lifecycles import DocumentStatus
from coordination.models import Deposit, Document, DocumentVersion, Organisation, Person, User
from coordination.selectors.identity import mother_name

LIVE = (DocumentStatus.VALIDATED, DocumentStatus.TO_VALIDATE)


@dataclass(frozen=True, slots=True)
class Sent:
    """A paper in force made of the same bytes. `whose` and the ids are empty when its stay may not be seen.

    `waits`: nobody validated it yet, nothing left.
    """

    at: datetime
    waits: bool
    whose: str = ""
    title: str = ""
    stay_id: UUID | None = None
    document_id: UUID | None = None


def in_force(digests: Collection[str], site: Organisation) -> QuerySet[DocumentVersion]:
    """The versions in force in this maternity that are made of these bytes: those replaced since are not."""
    later = DocumentVersion.objects.filter(document=OuterRef("document"), validated_at__gt=OuterRef("validated_at"))
    rows = DocumentVersion.objects.filter(
        original__sha256__in=digests, document__organisation=site, document__status__in=LIVE
    )
    return rows.exclude(Exists(later)).order_by("created_at")


def of_others(digests: Collection[str], site: Organisation, *, person: Person | None) -> QuerySet[DocumentVersion]:
    """Those about somebody else than `person`; any of them when nobody is known yet."""
    rows = in_force(digests, site)
    return rows if person is None else rows.exclude(document__person=person)


def sent_for_others(deposits: Iterable[Deposit], user: User) -> dict[UUID, Sent]:
    """For each deposit, the paper of somebody else made of the same file. Two queries for each ward."""
    found: dict[UUID, Sent] = {}
    by_site: dict[UUID, list[Deposit]] = {}
    for deposit in deposits:
        by_site.setdefault(deposit.organisation_id, []).append(deposit)
    for same_site in by_site.values():
        digests = {one.blob.sha256 for one in same_site}
        rows = in_force(digests, same_site[0].organisation).select_related(
            "original", "document__person", "document__stay__mother"
        )
        papers = {one.document_id for one in rows}
        seen = set(Document.objects.visible_to(user).filter(pk__in=papers).values_list("pk", flat=True))
        for deposit in same_site:
            others = (one for one in rows if one.original.sha256 == deposit.blob.sha256)
            other = next((one for one in others if one.document.person_id != deposit.person_id), None)
            if other is not None:
                found[deposit.pk] = _sent(other, is_seen=other.document_id in seen)
    return found


def _sent(version: DocumentVersion, *, is_seen: bool) -> Sent:
    document = version.document
    at, waits = version.validated_at or version.created_at, document.status == DocumentStatus.TO_VALIDATE
    if not is_seen:
        return Sent(at, waits)
    whose = document.person.display_name if document.is_about_newborn else mother_name(document.stay.mother)
    born = f"{document.person.birth_date:%d/%m/%Y}"
    return Sent(at, waits, f"{whose}, {born}", document.title, document.stay_id, document.pk)
