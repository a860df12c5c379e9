"""Shipments that wait for a fact leave by themselves when it comes: INS, address, mother's information."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from coordination.blobs import BlobError
from coordination.cda.errors import CdaError
from coordination.lifecycles import ShipmentStatus, WorkItemStatus
from coordination.models import (
    CareTeamMember,
    HoldReason,
    InsStatus,
    Mailbox,
    PaperDelivery,
    Shipment,
    Stay,
    WorkItem,
    WorkItemKind,
)
from coordination.ports import Action
from coordination.selectors.contents import MissingDatumError
from coordination.services import addresses, editions, lots, paper_deliveries, routing, transitions, worklist

logger = logging.getLogger(__name__)

UNFORESEEN = (
    "Ce papier attend et n'a pas pu être préparé : un incident technique l'a empêché. Il est conservé, perinat "
    "réessaie. Prévenez l'administrateur si cette ligne demeure."
)
UNREADABLE = (
    "Ce papier attend et ne peut pas être préparé : son fichier ne se relit pas. Il est conservé. "
    "Prévenez l'administrateur, ou validez de nouveau le papier."
)
TO_WHOM = (
    "Cet envoi attend sans destinataire certain : aucune personne de l'équipe de soins, ou plusieurs, ne portent "
    "le nom inscrit. Confirmez la professionnelle sur la page du séjour : ses papiers partiront vers elle."
)


def held_ids() -> list[UUID]:
    """Held shipments to look at, oldest first. One that waits for an INS is left until the person is qualified."""
    return list(_to_look_at().values_list("pk", flat=True))


def _to_look_at() -> QuerySet[Shipment]:
    may_leave = ~Q(hold_reason=HoldReason.INS) | Q(person__ins_status=InsStatus.QUAL)
    handed = PaperDelivery.objects.filter(shipment=OuterRef("pk"), status__in=paper_deliveries.HANDED)
    waiting = Shipment.objects.filter(may_leave, status=ShipmentStatus.HELD).exclude(Exists(handed))
    return waiting.order_by("created_at")


def release_ready() -> int:
    """Release every held shipment whose condition is met, oldest first; return how many."""
    return sum(release(pk) for pk in held_ids())


def release_stay(stay: Stay) -> int:
    """The same for the shipments of one stay only; return how many."""
    return sum(release(pk) for pk in list(_to_look_at().filter(stay=stay).values_list("pk", flat=True)))


def release(shipment_id: UUID) -> bool:
    """Queue one held shipment if what it waits for is there.

    A paper that cannot be prepared stays held, with a line on its ward's list: the others go on.
    """
    try:
        return _release(shipment_id)
    except (CdaError, MissingDatumError, lots.TooLargeError) as error:
        message = error.message_fr
    except BlobError:
        message = UNREADABLE
    logger.warning("shipment.not_released id=%s", shipment_id)
    worklist.open_refusal(Shipment.objects.select_related("organisation", "stay").get(pk=shipment_id), message)
    return False


def unforeseen(shipment_id: UUID) -> None:
    """The edge met an error nobody foresaw: a person is told, and the papers behind this one go on."""
    shipment = Shipment.objects.select_related("organisation", "stay").filter(pk=shipment_id).first()
    if shipment is not None and shipment.status == ShipmentStatus.HELD:
        worklist.open_refusal(shipment, UNFORESEEN)


@transaction.atomic
def _release(shipment_id: UUID) -> bool:
    rows = Shipment.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    shipment = rows.filter(pk=shipment_id, status=ShipmentStatus.HELD).select_related("person").first()
    if shipment is None:
        return False
    fields: dict[str, Any] = {"hold_reason": "", "due_at": timezone.now()}
    if shipment.hold_reason == HoldReason.INS:
        if shipment.person.ins is None or _has_one_before(shipment):
            return False
        if not _reissue(shipment):
            return False
    else:
        if shipment.recipient_id is None:  # made before the column: nobody knows for whom, so nothing would free it
            worklist.open_refusal(shipment, TO_WHOM)
            return False
        member = _member(shipment)
        mailbox = _box(shipment, member) if member else None
        if mailbox is None:
            if member is not None:  # informed by now: only the address is missing
                if shipment.hold_reason != HoldReason.ADDRESS:
                    Shipment.objects.filter(pk=shipment.pk).update(hold_reason=HoldReason.ADDRESS)
                routing.hand_over(shipment)
            return False
        fields["mailbox"] = shipment.mailbox = mailbox
    others = routing.split_if_heavy(shipment)
    transitions.move(shipment, ShipmentStatus.QUEUED, reason="condition remplie", **fields)
    worklist.close_items(WorkItemKind.SHIPMENT_REFUSED, key=str(shipment.pk), reason="condition remplie")
    paper_deliveries.drop(shipment, reason="condition remplie")
    routing.ring([shipment, *others], 0)
    return True


def _box(shipment: Shipment, member: CareTeamMember) -> Mailbox | None:
    """Her first address that may receive these papers; a new version goes to the box that holds the old one."""
    kept = shipment.mailbox
    if shipment.action == Action.REPLACE and kept is not None and kept.dead_since is None:
        return kept
    shared = addresses.may_be_shared(addresses.papers_of(shipment))
    return addresses.live_mailbox(member.professional, shared=shared)


def _has_one_before(shipment: Shipment) -> bool:
    """Papers of one person leave in their order: the first held leaves first, unless a person must see to it."""
    refused = WorkItem.objects.filter(
        kind=WorkItemKind.SHIPMENT_REFUSED, status=WorkItemStatus.OPEN, shipment=OuterRef("pk")
    )
    same = Shipment.objects.filter(person=shipment.person_id, channel=shipment.channel, hold_reason=HoldReason.INS)
    before = same.filter(status=ShipmentStatus.HELD, created_at__lt=shipment.created_at)
    return before.filter(~Exists(refused)).exists()


def _reissue(shipment: Shipment) -> bool:
    """The sealed bytes carry no INS: the DMP receives a next version that does. False: another hand is on one."""
    for version in shipment.versions.filter(cda_with_ins=False).select_related("document", "replaces"):
        new = editions.edition(version, replaces=version.replaces, with_ins=True)
        if new is None:
            return False
        shipment.versions.remove(version)
        shipment.versions.add(new)
    return True


def _member(shipment: Shipment) -> CareTeamMember | None:
    """Her line in the care team, once she may receive what is meant for her."""
    me: Any = shipment.recipient_id  # None finds nobody
    members = CareTeamMember.objects.filter(
        stay_id=shipment.stay_id,
        professional_id=me,
        ended_at__isnull=True,
        informed_at__isnull=False,
    )
    return members.select_related("professional__organisation").first()
