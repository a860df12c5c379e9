"""Lines on somebody's list. One open line per key, whatever the number of reasons to open it."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from coordination.lifecycles import WorkItemStatus
from coordination.models import Organisation, OrganisationKind, Shipment, Stay, User, WorkItem, WorkItemKind
from coordination.services import notices, transitions

NOT_ARRIVED = "Un de vos envois n'est pas arrivé : perinat vous dit ce qu'il reste à faire."
MESSAGES = "/messages-patientes/"


def open_item(
    kind: WorkItemKind,
    *,
    key: str,
    organisation: Organisation,
    message: str,
    stay: Stay | None = None,
    shipment: Shipment | None = None,
    due_at: datetime | None = None,
    for_ward_head: bool = False,
) -> WorkItem | None:
    """Open a line, or return None when one with this key is already open."""
    item = WorkItem(
        kind=kind,
        key=f"{kind}:{key}",
        organisation=organisation,
        message=message,
        stay=stay,
        shipment=shipment,
        due_at=due_at,
        for_ward_head=for_ward_head,
        opened_at=timezone.now(),
    )
    if WorkItem.objects.filter(key=item.key, status=WorkItemStatus.OPEN).exists():
        return None
    try:
        with transaction.atomic():
            item.save(force_insert=True)
            transitions.created(item)
    except IntegrityError:
        return None
    return item


def close_items(kind: WorkItemKind, *, key: str, by: User | None = None, reason: str = "") -> None:
    """Close the open line of this key, when there is one."""
    for item in WorkItem.objects.filter(key=f"{kind}:{key}", status=WorkItemStatus.OPEN):
        transitions.move(item, WorkItemStatus.DONE, by=by, reason=reason, closed_at=timezone.now())


def open_refusal(shipment: Shipment, message: str) -> None:
    """A line on the sender's list: what could not leave and why. In town, where nobody opens that list, she is told."""
    opened = open_item(
        WorkItemKind.SHIPMENT_REFUSED,
        key=str(shipment.pk),
        organisation=shipment.organisation,
        message=message,
        stay=shipment.stay,
        shipment=shipment,
    )
    if opened is not None and shipment.organisation.kind != OrganisationKind.MATERNITY:
        _tell_sender(shipment)


def _tell_sender(shipment: Shipment) -> None:
    """Her page « Mes synthèses » shows the line; that of her messages, what a patient did not receive."""
    if shipment.sender.professional_id:
        path = MESSAGES if shipment.to_patient else f"/sejours/{shipment.stay_id}/syntheses/"
        notices.tell(shipment.sender.professional_id, text=NOT_ARRIVED, path=path)
