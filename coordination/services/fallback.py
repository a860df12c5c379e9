"""What follows a sending that did not arrive: the next address, paper, or a person (ADR 0022).

Called in the transaction that makes a shipment REJECTED or FAILED, by the worker or by a receipt. Which steps, in which
order, for which reason and class of document: `perinat/standards/data/fallback.json`. Whatever happens, one path lives.
"""

from __future__ import annotations

import contextlib
import logging
from typing import Any

from django.utils import timezone

from coordination.lifecycles import DocumentStatus, ShipmentStatus
from coordination.models import (
    CareTeamMember,
    ChannelName,
    DocumentVersion,
    HoldReason,
    Mailbox,
    OrganisationKind,
    PatientMessaging,
    Professional,
    Shipment,
    WorkItemKind,
)
from coordination.ports import Action
from coordination.services import addresses, paper_deliveries, patient_boxes, routing, transitions, worklist
from perinat.standards.fallback import Allowed, Reason, Step, policy

logger = logging.getLogger(__name__)

_S = ShipmentStatus
ARRIVED = (_S.ACCEPTED, _S.DELIVERED, _S.INTEGRATED)
NOT_LEFT = (_S.HELD, _S.QUEUED, _S.REJECTED, _S.FAILED)
WAITS_AGAIN = "boîte pleine : nouvel essai"
ARRIVED_AFTER_ALL = "arrivé finalement à une adresse précédente"


def follow(shipment: Shipment, message_fr: str) -> None:
    """Take the next step of a shipment that has just become REJECTED or FAILED, or open a line for a person."""
    if shipment.to_patient:  # no other way is hers alone: somebody is told, and calls (ADR 0024)
        patient_boxes.refused(shipment, message_fr)
        return
    why = policy().reason(shipment.last_code)
    if shipment.status == _S.REJECTED and policy().buries(shipment.last_code):
        bury(shipment, message_fr)
    if arrived_elsewhere(shipment):
        transitions.note(shipment, reason=ARRIVED_AFTER_ALL)
        return
    if not _may_follow(shipment):
        worklist.open_refusal(shipment, message_fr)
    elif shipment.status == _S.REJECTED and shipment.waited < why.waits:
        _wait(shipment, why)
    elif not _next_step(shipment, why):
        worklist.open_refusal(shipment, message_fr)


def bury(shipment: Shipment, why: str, at: Any = None) -> None:
    """The address does not exist any more: it is not offered again, and says why."""
    if shipment.mailbox_id:
        rows = Mailbox.objects.filter(pk=shipment.mailbox_id, dead_since__isnull=True)
        rows.update(dead_since=at or timezone.now(), dead_reason=why[:200])


def _may_follow(shipment: Shipment) -> bool:
    """Whether anything else may be tried by itself: a mail to a professional, who may still receive what it carries."""
    to_somebody = shipment.channel == ChannelName.MSSANTE and shipment.recipient_id is not None
    if not to_somebody or shipment.action == Action.WITHDRAW or not shipment.organisation.falls_back:
        return False
    return is_still_for(shipment)


def _wait(shipment: Shipment, why: Reason) -> None:
    """A full box is emptied by its owner: the same mail is tried again, once, before another address is."""
    due_at = timezone.now() + why.wait
    again: dict[str, Any] = {"due_at": due_at, "waited": shipment.waited + 1, "tries": 1, "excused": 0}
    transitions.move(shipment, _S.QUEUED, reason=WAITS_AGAIN, **again)


def _next_step(shipment: Shipment, why: Reason) -> bool:
    allowed, in_ward = allowed_for(shipment), shipment.organisation.kind == OrganisationKind.MATERNITY
    tried = {one.mailbox_id for one in chain(shipment) if one.mailbox_id}
    for step in (step for step in why.steps if step in allowed.steps):
        if step is Step.PAPER:
            if in_ward:
                paper_deliveries.offer(shipment, why)
            return in_ward  # a practice has no list of papers: its line, and the notice to who wrote, say what to do
        assert isinstance(shipment.recipient, Professional)
        box = addresses.next_mailbox(shipment.recipient, step, tried=tried)
        if box is not None:
            made = queue_at(shipment, box)
            logger.info("shipment.next_step id=%s next=%s why=%s", shipment.pk, made.pk, why.name)
            return True
    return False


def queue_at(shipment: Shipment, box: Mailbox) -> Shipment:
    """The same papers to another address of the same person, as a sending of its own. Rings."""
    versions = shipment.versions.select_related("document").order_by("document__created_at")
    channel, name = ChannelName(shipment.channel), shipment.recipient_name
    made = routing.queue_version(
        routing.Target(channel, name, box, HoldReason.NONE, shipment.recipient_id),
        *versions,
        by=shipment.sender,
        action=Action(shipment.action),
        reason=shipment.reason,
        fallback_of=shipment,
    )
    routing.ring([made], 0)
    return made


def is_still_for(shipment: Shipment) -> bool:
    """Whether its recipient may receive, now, every paper it carries, as it carries it.

    She follows the mother, who was informed and does not oppose; each paper is valid, open to carers and not replaced.
    """
    member = CareTeamMember.objects.filter(
        stay_id=shipment.stay_id,
        professional=shipment.recipient,
        ended_at__isnull=True,
        informed_at__isnull=False,
        role__in=routing.RECIPIENT_ROLES,
    )
    opposed = PatientMessaging.objects.filter(person=shipment.person_id, carers_opposed_at__isnull=False)
    versions = list(shipment.versions.select_related("document").defer("frozen"))
    return bool(versions) and member.exists() and not opposed.exists() and all(map(_is_open, versions))


def _is_open(version: DocumentVersion) -> bool:
    document = version.document
    newer = DocumentVersion.objects.filter(document=document, validated_at__gt=version.validated_at)
    valid = document.status == DocumentStatus.VALIDATED and document.is_mailed and not newer.exists()
    return valid and not routing.is_closed_to_carers(document)


def allowed_for(shipment: Shipment) -> Allowed:
    """The steps that all its papers allow."""
    return addresses.allowed(addresses.papers_of(shipment))


def chain(shipment: Shipment) -> list[Shipment]:
    """The sendings of the same papers to the same person, first address first; those that were cancelled left out."""
    first = shipment
    while first.fallback_of is not None:
        first = first.fallback_of
    found, last = [first], first
    while following := last.next_steps.exclude(status=_S.CANCELLED).first():
        found.append(following)
        last = following
    return found


def arrived_elsewhere(shipment: Shipment) -> bool:
    """Whether another step of the same chain is with her."""
    return any(one.status in ARRIVED for one in chain(shipment) if one.pk != shipment.pk)


def is_followed(shipment: Shipment) -> bool:
    """Whether another step has taken its place: it is not sent again."""
    return shipment.next_steps.exclude(status=_S.CANCELLED).exists()


def arrived(shipment: Shipment) -> None:
    """It arrived although something else was begun: what has not left of the rest never leaves."""
    paper_deliveries.drop(shipment, reason=ARRIVED_AFTER_ALL)
    for one in chain(shipment):
        if one.pk == shipment.pk:
            continue
        paper_deliveries.drop(one, reason=ARRIVED_AFTER_ALL)
        worklist.close_items(WorkItemKind.SHIPMENT_REFUSED, key=str(one.pk), reason=ARRIVED_AFTER_ALL)
        if one.status in (_S.HELD, _S.QUEUED) and not one.in_doubt:
            with contextlib.suppress(transitions.StaleStateError):  # a worker has just taken it: it goes to her too
                transitions.move(one, _S.CANCELLED, reason=ARRIVED_AFTER_ALL)
