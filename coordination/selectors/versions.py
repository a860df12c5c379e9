"""Which version of a paper is in force, and what was read of it. Editions of one validation are one version here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from coordination.models import DocumentVersion, Reading, ReplacementReason

WRONG_FILE = str(ReplacementReason.WRONG_FILE.label)  # a version keeps the words of its reason


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of the history. `rank`: 1, 2… as people count; `number`: the newest edition, to open it.

    `comment`: the ward's own words, empty for anybody else. `replaced_at`: when the next one took its place.
    `wrong_file`: the next one says that this was not the right file; only its ward and its author still open it.
    """

    rank: int
    number: int
    validated_at: datetime | None
    by: str
    reason: str
    comment: str
    replaced_at: datetime | None
    shown: bool = False
    wrong_file: bool = False


def history(
    versions: Iterable[DocumentVersion], *, for_ward: bool, shown: DocumentVersion | None = None
) -> list[VersionLine]:
    """The versions of a document, newest first (`validated_by` and `validated_under` loaded)."""
    newest = {version.validated_at: version for version in by_validation(versions)}
    ordered = list(newest.values())
    lines = []
    for rank, version in enumerate(ordered, start=1):
        following = ordered[rank] if rank < len(ordered) else None
        lines.append(
            VersionLine(
                rank,
                version.number,
                version.validated_at,
                signed_by(version),
                version.reason,
                version.comment if for_ward else "",
                following.validated_at if following else None,
                shown is not None and version.validated_at == shown.validated_at,
                following is not None and following.reason == WRONG_FILE,
            )
        )
    return lines[::-1]


def by_validation(versions: Iterable[DocumentVersion]) -> list[DocumentVersion]:
    """Oldest first, one that waits for its validation last. Not by number: an older one may be sealed again later."""
    return sorted(versions, key=lambda one: (one.validated_at is None, one.validated_at or datetime.min, one.number))


def signed_by(version: DocumentVersion) -> str:
    """Who validated it, and under whose delegation."""
    if version.validated_by is None:
        return ""
    under = version.validated_under
    return f"{version.validated_by}, par délégation de {under.professional}" if under else str(version.validated_by)


def readings_of(versions: Iterable[DocumentVersion]) -> tuple[list[Reading], list[Reading]]:
    """Readings of the version in force, and the older ones of whoever has not opened it yet (rows loaded)."""
    known = list(versions)
    newest = max((version.validated_at for version in known if version.validated_at), default=None)
    current = [reading for version in known if version.validated_at == newest for reading in version.readings.all()]
    again = {reading.professional_id for reading in current}
    older = [reading for version in known if version.validated_at != newest for reading in version.readings.all()]
    return current, [reading for reading in older if reading.professional_id not in again]


def in_force(readings: QuerySet[Reading]) -> QuerySet[Reading]:
    """Those of these readings that are of the newest version that carers may see."""
    final = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    newer = DocumentVersion.objects.filter(
        document=OuterRef("version__document"), validated_at__gt=OuterRef("version__validated_at")
    )
    return readings.exclude(Exists(newer.filter(validated_at__lte=final)))
