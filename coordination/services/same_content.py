"""The same file is not sent twice to the same person; one that was taken back may be, if a person says so.

Nor is it sent for two people: the first sending or the second is that of the wrong person, and a human being says
which. The first one is taken back, then the file may be sent for the other (`selectors.same_bytes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from coordination import blobs
from coordination.cda.spec.checking import normal
from coordination.cda.volets import VOLETS
from coordination.lifecycles import DepositStatus, DocumentStatus, ShipmentStatus
from coordination.models import Blob, Deposit, Document, DocumentVersion, Organisation, Person
from coordination.selectors import same_bytes
from coordination.selectors.same_bytes import LIVE

PENDING = (DepositStatus.RECEIVED, DepositStatus.TO_CHECK, DepositStatus.READY)
SENT = tuple(status for status in ShipmentStatus if status != ShipmentStatus.CANCELLED)


def said(version: DocumentVersion, original: Blob, body: Blob | None, *, confirmed: bool) -> str:
    """French sentence when what is to replace this version says what it, or another paper of hers, already says."""
    if body is None:
        return refusal(version.document.person, original, confirmed=confirmed, replacing=version.document)
    return unchanged(version, blobs.read_json(body))


def refusal(
    person: Person,
    original: Blob,
    *,
    confirmed: bool = False,
    filed_from: Deposit | None = None,
    replacing: Document | None = None,
) -> str:
    """French sentence when these bytes are those of a paper of this person in force, in any of its versions,

    or of somebody else's here. Also when they are those of a paper taken back, or of an older version of the paper
    that they are to replace (`replacing`), unless `confirmed`. Empty: they may leave.
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
    behind = filed_from or replacing
    other = elsewhere(original, behind.organisation, person=person) if behind is not None else ""
    if other or confirmed:
        return other
    return (older_question(original, replacing) if replacing else "") or withdrawn_question(original, person=person)


def elsewhere(original: Blob, site: Organisation, *, person: Person) -> str:
    """French sentence when this maternity has a paper in force of somebody else with these bytes; else empty.

    It names nobody: who may know reads it beside (`same_bytes.sent_for_others`).
    """
    found = same_bytes.of_others([original.sha256], site, person=person).first()
    if found is None:
        return ""
    return (
        f"Ce fichier, identique, a déjà été envoyé le {_when(found)} pour une autre personne. "
        "Si la première fois était une erreur, retirez d'abord ce premier envoi ; sinon, écartez ce fichier."
    )


def elsewhere_question(original: Blob, site: Organisation, *, person: Person | None) -> str:
    """What to look at, which stays true once the first sending is taken back; empty when there is none."""
    if not same_bytes.of_others([original.sha256], site, person=person).exists():
        return ""
    return "Ce fichier, identique, a été envoyé pour une autre personne : vérifiez de qui il est, puis choisissez-la."


def here_already(deposit: Deposit, person: Person | None) -> str:
    """French sentence when the same bytes were sent for this very person, or wait in the tray; else empty."""
    if person is not None:
        same = DocumentVersion.objects.filter(
            original__sha256=deposit.blob.sha256,
            document__organisation=deposit.organisation,
            document__status__in=LIVE,
            document__person=person,
        )
        if deposit.replaces is not None:
            same = without_older(same, deposit.replaces.document)
        sent = same.first()
        if sent is not None:
            return f"Déjà envoyé le {_when(sent)} : ce fichier est identique. Rien n'est envoyé deux fois."
    twin = Deposit.objects.filter(
        blob__sha256=deposit.blob.sha256, organisation=deposit.organisation, status__in=PENDING
    ).exclude(pk=deposit.pk)
    before = Q(deposited_at=deposit.deposited_at, pk__lt=deposit.pk)  # one of the two stays
    if twin.filter(Q(deposited_at__lt=deposit.deposited_at) | before).exists():
        return "Ce fichier est déjà dans les papiers à envoyer. Il n'est gardé qu'une fois."
    return ""


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
