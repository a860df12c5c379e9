"""Step 4: who receives a document, and the shipments that say so.

One shipment per patient × channel × recipient, carrying all the papers of that patient. A condition
that is not met (newborn's INS, address, mother's information) makes it HELD with its reason: it is
never left out.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from coordination import doorbell
from coordination.lifecycles import ShipmentStatus
from coordination.models import (
    CareRole,
    CareTeamMember,
    ChannelName,
    Document,
    DocumentVersion,
    HoldReason,
    Mailbox,
    Professional,
    Shipment,
    User,
)
from coordination.ports import Action
from coordination.services import transitions
from perinat.standards.identifiers import oid_from_uuid

DELIVER = "coordination.deliver"
RECIPIENT_ROLES = (CareRole.MIDWIFE, CareRole.GP, CareRole.PMI)


@dataclass(frozen=True, slots=True)
class Target:
    """One recipient of one person's papers on one channel, and what the sending waits for."""

    channel: ChannelName
    name: str
    mailbox: Mailbox | None
    hold: HoldReason


def live_mailbox(professional: Professional) -> Mailbox | None:
    """The address to use: personal first, then that of the practice; a dead one is never offered."""
    own = professional.mailboxes.filter(dead_since__isnull=True)
    shared = professional.organisation.mailboxes.filter(dead_since__isnull=True)
    return own.order_by("-last_success_at").first() or shared.order_by("-last_success_at").first()


def targets(document: Document) -> list[Target]:
    """Where a document goes: the DMP when its type and site allow, and each chosen professional."""
    found = []
    if document.type.in_dmp and document.organisation.deposits_in_dmp:
        hold = HoldReason.NONE if document.person.ins else HoldReason.INS
        found.append(Target(ChannelName.DMP, "DMP", None, hold))
    members = CareTeamMember.objects.filter(
        stay_id=document.stay_id, ended_at__isnull=True, role__in=RECIPIENT_ROLES
    ).exclude(professional_id=document.author_id)
    return found + [_mail_target(m) for m in members.select_related("professional__organisation")]


def _mail_target(member: CareTeamMember) -> Target:
    mailbox = live_mailbox(member.professional)
    hold = HoldReason.NONE if mailbox else HoldReason.ADDRESS
    if member.informed_at is None:
        hold = HoldReason.CONSENT
    return Target(ChannelName.MSSANTE, str(member.professional), mailbox, hold)


def dispatch(documents: Sequence[Document], *, by: User, delay: int = 0) -> list[Shipment]:
    """Queue the shipments of validated documents, grouped by person; ring after commit.

    `delay`: seconds during which the sending can still be undone.
    """
    by_person: dict[uuid.UUID, list[Document]] = defaultdict(list)
    for document in documents:
        by_person[document.person_id].append(document)
    shipments = []
    for papers in by_person.values():
        grouped: dict[Target, list[Document]] = defaultdict(list)
        for document in papers:
            for target in targets(document):
                grouped[target].append(document)
        shipments += [_queue(target, group, by=by, delay=delay) for target, group in grouped.items()]
    return shipments


def dispatch_to(documents: Iterable[Document], professional: Professional, *, by: User) -> Shipment | None:
    """Queue the papers of ONE person to one more professional (accepted offer, corrected address)."""
    papers = list(documents)
    if not papers:
        return None
    mailbox = live_mailbox(professional)
    hold = HoldReason.NONE if mailbox else HoldReason.ADDRESS
    return _queue(Target(ChannelName.MSSANTE, str(professional), mailbox, hold), papers, by=by)


def _queue(target: Target, documents: Sequence[Document], *, by: User, delay: int = 0) -> Shipment:
    """Insert one shipment with its versions and its event, and ring for it once committed."""
    first, identifier = documents[0], uuid.uuid4()
    shipment = Shipment(
        id=identifier,
        organisation=first.organisation,
        person_id=first.person_id,
        stay_id=first.stay_id,
        channel=target.channel,
        mailbox=target.mailbox,
        recipient_name=target.name,
        sender=by,
        status=ShipmentStatus.HELD if target.hold else ShipmentStatus.QUEUED,
        hold_reason=target.hold,
        due_at=timezone.now() + timedelta(seconds=delay),
        set_unique_id=oid_from_uuid(uuid.uuid4()),
        message_id=f"{identifier}@{settings.MESSAGE_ID_DOMAIN}",
    )
    shipment.save(force_insert=True)
    shipment.versions.set([d.current_version for d in documents])
    transitions.created(shipment, by=by)
    if shipment.status == ShipmentStatus.QUEUED:
        doorbell.ring(DELIVER, shipment.pk, countdown=delay)
    return shipment


def _recall_of(shipment: Shipment, version: DocumentVersion, *, by: User, reason: str) -> Shipment:
    """The WITHDRAW shipment that follows a sending: a recall survives a server that is down."""
    identifier = uuid.uuid4()
    recall = Shipment(
        id=identifier,
        organisation=shipment.organisation,
        person=shipment.person,
        stay=shipment.stay,
        channel=shipment.channel,
        action=Action.WITHDRAW,
        mailbox=shipment.mailbox,
        recipient_name=shipment.recipient_name,
        sender=by,
        reason=reason[:200],
        due_at=timezone.now(),
        set_unique_id=oid_from_uuid(uuid.uuid4()),
        message_id=f"{identifier}@{settings.MESSAGE_ID_DOMAIN}",
    )
    recall.save(force_insert=True)
    recall.versions.set([version])
    transitions.created(recall, by=by, reason=reason)
    doorbell.ring(DELIVER, recall.pk)
    return recall


def cancel_unsent(document: Document, *, by: User, reason: str) -> None:
    """Cancel every shipment of this document that no worker has taken yet."""
    waiting = Shipment.objects.filter(
        versions__document=document, status__in=[ShipmentStatus.HELD, ShipmentStatus.QUEUED], tries=0
    )
    for shipment in waiting.distinct():
        transitions.move(shipment, ShipmentStatus.CANCELLED, by=by, reason=reason)


def recall(document: Document, *, by: User, reason: str) -> list[Shipment]:
    """Cancel what has not left; queue a recall for everything that has, or may have."""
    cancel_unsent(document, by=by, reason=reason)
    left = Shipment.objects.filter(versions__document=document, action=Action.SEND).exclude(
        status=ShipmentStatus.CANCELLED
    )
    recalls = []
    for shipment in left.distinct():
        version = shipment.versions.get(document=document)
        recalls.append(_recall_of(shipment, version, by=by, reason=reason))
    return recalls
