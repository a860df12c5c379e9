"""The same file is not sent twice to the same person; one that was taken back may be, if a person says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from coordination import blobs
from coordination.cda.spec.checking import normal
from coordination.cda.volets import VOLETS
from coordination.lifecycles import DocumentStatus, ShipmentStatus
from coordination.models import Blob, Deposit, Document, DocumentVersion, Organisation, Person

LIVE = (DocumentStatus.VALIDATED, DocumentStatus.TO_VALIDATE)
SENT = tuple(status for status in ShipmentStatus if status != ShipmentStatus.CANCELLED)


def refusal(
    person: Person,
    original: Blob,
    *,
    confirmed: bool = False,
    filed_from: Deposit | None = None,
def said(version: DocumentVersion, original: Blob, body: Blob | None, *, confirmed: bool) -> str:
    """French sentence when what is to replace this version says what it, or another paper of hers, already says."""
    if body is None:
        return refusal(version.document.person, original, confirmed=confirmed, replacing=version.document)
    return unchanged(version, blobs.read_json(body))


    replacing: Document | None = None,
) -> str:
    """French sentence when these bytes are those of a paper of this person in force, in any of its versions.

    Also when they are those of a paper taken back, or of an older version of the paper that they are to replace
    (`replacing`), unless `confirmed`. Empty: they may leave.
    `filed_from`: the paper already made of this very deposit is not counted (somebody sent it meanwhile).
    """
    same = DocumentVersion.objects.filter(original__sha256=original.sha256, document__person=person)
    if filed_from is not None:
        same = same.exclude(document__deposits=filed_from)
    if replacing is not None:
        same = without_older(same, replacing)
    live = same.filter(document__status__in=LIVE).order_by("created_at").first()
    if live is not None:
        return f"Ce papier a déjà été envoyé le {_when(live)} : ce fichier est identique. Rien n'est envoyé deux fois."
    if confirmed:
        return ""
    return (older_question(original, replacing) if replacing else "") or withdrawn_question(original, person=person)


def without_older(versions: QuerySet[DocumentVersion], replacing: Document) -> QuerySet[DocumentVersion]:
    """Without the versions of this paper that were replaced since: to put one back in force is a correction."""
    return versions.exclude(document=replacing, validated_at__lt=replacing.current_version.validated_at)


def older_question(original: Blob, replacing: Document) -> str:
    """What to confirm when these bytes are those of an older version of the paper that they replace; else empty."""
    in_force = replacing.current_version.validated_at
    older = replacing.versions.filter(original__sha256=original.sha256, validated_at__lt=in_force)
    found = older.order_by("-validated_at").first()
    if found is None:
        return ""
    return (
        f"Ce fichier est celui d'une version précédente de ce papier, validée le {_when(found)} puis remplacée. "
        "Confirmez qu'elle doit être remise en vigueur."
    )


def unchanged(version: DocumentVersion, case: Mapping[str, Any]) -> str:
    """French sentence when this case of a structured document says what this version of it already says.

    Both in normal form: a default written out or a space more is no change. Raises BlobError.
    """
    assert version.body is not None
    members = VOLETS[version.document.volet].members
    if normal(members, case) != normal(members, blobs.read_json(version.body)):
        return ""
    return f"Rien n'a changé depuis la version en cours, validée le {_when(version)} : rien n'est envoyé deux fois."


def withdrawn_question(original: Blob, *, person: Person | None = None, site: Organisation | None = None) -> str:
    """What to confirm when these bytes are those of a paper that left and was taken back; else empty."""
    same = DocumentVersion.objects.filter(
        original__sha256=original.sha256, document__status=DocumentStatus.WITHDRAWN, shipments__status__in=SENT
    )
    if person is not None:
        same = same.filter(document__person=person)
    if site is not None:
        same = same.filter(document__organisation=site)
    found = same.order_by("-created_at").first()
    if found is None:
        return ""
    return f"Ce fichier est celui d'un papier retiré, envoyé le {_when(found)}. Confirmez qu'il doit partir de nouveau."


def _when(version: DocumentVersion) -> str:
    return f"{timezone.localtime(version.validated_at or version.created_at):%d/%m/%Y à %H:%M}"
