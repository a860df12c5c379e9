"""Taking papers back: what has not left never leaves, what has left or may have is recalled.

A shipment often carries several papers of one patient: taking one back leaves the others on their way.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from coordination import audit, doorbell
from coordination.lifecycles import DocumentStatus, ShipmentStatus
from coordination.models import Document, DocumentVersion, Shipment, User, WorkItemKind
from coordination.ports import Action, ReceiptKind
from coordination.services import paper_deliveries, transitions, worklist
from coordination.services.addresses import reachable_mailbox
from coordination.services.routing import DELIVER
from perinat.standards.identifiers import oid_from_uuid

_S = ShipmentStatus
STILL = (_S.HELD, _S.QUEUED, _S.REJECTED, _S.FAILED)  # no worker has it in hand
UNSETTLED = (_S.HELD, _S.QUEUED, _S.SENDING)
ARRIVED = (_S.ACCEPTED, _S.DELIVERED, _S.INTEGRATED)
ALIVE = (DocumentStatus.VALIDATED, DocumentStatus.REPLACED)
PATIENCE = timedelta(seconds=30)


def sendings(document: Document) -> list[Shipment]:
    """The sendings of a document that are not cancelled, locked: no worker takes one meanwhile."""
    carrying = Shipment.objects.filter(versions__document=document).exclude(action=Action.WITHDRAW)
    rows = Shipment.objects.filter(pk__in=carrying.exclude(status=_S.CANCELLED).values("pk")).order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",)))


def may_have_left(shipment: Shipment) -> bool:
    """Whether the other side may hold it: being sent, in doubt, or accepted and not bounced since.

    Bounced, then cancelled, it may still prove to have been integrated.
    """
    if shipment.status in (_S.SENDING, *ARRIVED) or shipment.in_doubt:
        return True
    if shipment.status == _S.CANCELLED and shipment.receipts.filter(kind=ReceiptKind.INTEGRATED).exists():
        return True
    if shipment.accepted_at is None:
        return False
    return not shipment.receipts.filter(kind=ReceiptKind.BOUNCED, applied=True).exists()


def cancel_unsent(document: Document, *, by: User, reason: str) -> bool:
    """Stop every sending of this document, unless a worker has begun one: False, and nothing is done."""
    rows = sendings(document)
    if any(shipment.tries or may_have_left(shipment) for shipment in rows):
        return False
    for shipment in rows:
        leave_out(shipment, document, by=by, reason=reason)
    return True


def recall(document: Document, *, by: User, reason: str) -> list[Shipment]:
    """Stop what has not left; queue a recall for everything that has, or may have."""
    recalls = []
    for shipment in sendings(document):
        left = may_have_left(shipment)
        if shipment.status in STILL and (not left or is_alone(shipment, document)):
            leave_out(shipment, document, by=by, reason=reason)
        if left and not is_taken_back(shipment, document):
            recalls.append(recall_from(shipment, document, by=by, reason=reason))
    return recalls


def is_taken_back(shipment: Shipment, document: Document) -> bool:
    """Whether what this sending carried of the document is already recalled there, or about to be.

    Of one person, each box that holds it has a recall of its own; that of a dead box goes to a live one of hers.
    """
    recalled = Shipment.objects.filter(action=Action.WITHDRAW, channel=shipment.channel)
    recalled = recalled.filter(versions__in=shipment.versions.filter(document=document))
    if shipment.recipient_id:
        there = [box.pk for box in (shipment.mailbox, reachable_mailbox(shipment)) if box is not None]
        recalled = recalled.filter(recipient_id=shipment.recipient_id, mailbox__in=there)
    else:
        recalled = recalled.filter(recipient__isnull=True, mailbox=shipment.mailbox_id)
    return recalled.exclude(status=_S.CANCELLED).exists()


def is_alone(shipment: Shipment, document: Document) -> bool:
    return not shipment.versions.exclude(document=document).exists()


def leave_out(shipment: Shipment, document: Document, *, by: User, reason: str) -> None:
    """Take the document out of a shipment that is not being sent; without any other, the shipment is cancelled."""
    if is_alone(shipment, document):
        transitions.move(shipment, _S.CANCELLED, by=by, reason=reason)
        worklist.close_items(WorkItemKind.SHIPMENT_REFUSED, key=str(shipment.pk), by=by, reason=reason)
        paper_deliveries.drop(shipment, by=by, reason=reason)
        return
    shipment.versions.remove(*shipment.versions.filter(document=document))
    audit.record("shipment.document_left_out", by=by, subject=shipment, document=str(document.pk))


def recall_from(shipment: Shipment, document: Document, *, by: User, reason: str) -> Shipment:
    """The WITHDRAW shipment that follows a sending: a recall survives a server that is down."""
    identifier = uuid.uuid4()
    following = Shipment(
        id=identifier,
        organisation_id=shipment.organisation_id,
        person_id=shipment.person_id,
        stay_id=shipment.stay_id,
        channel=shipment.channel,
        action=Action.WITHDRAW,
        mailbox=reachable_mailbox(shipment),
        recipient_id=shipment.recipient_id,
        recipient_name=shipment.recipient_name,
        to_patient=shipment.to_patient,
        sender=by,
        reason=reason[:200],
        due_at=timezone.now(),
        set_unique_id=oid_from_uuid(uuid.uuid4()),
        message_id=f"{identifier}@{settings.MESSAGE_ID_DOMAIN}",
    )
    following.save(force_insert=True)
    following.versions.set(shipment.versions.filter(document=document))
    transitions.created(following, by=by, reason=reason)
    doorbell.ring(DELIVER, following.pk, queue=following.channel)
    return following


def follow_if_withdrawn(shipment: Shipment) -> None:
    """An arrival is proved of a paper taken back meanwhile: its recall follows, unless one is on its way."""
    if shipment.action == Action.WITHDRAW:
        return
    withdrawn = Document.objects.filter(versions__shipments=shipment, status=DocumentStatus.WITHDRAWN).distinct()
    for document in withdrawn:
        following = Shipment.objects.filter(
            versions__document=document,
            action=Action.WITHDRAW,
            channel=shipment.channel,
            recipient=shipment.recipient_id,
            mailbox=reachable_mailbox(shipment),
        ).exclude(status=_S.CANCELLED)
        if not following.exists():
            recall_from(shipment, document, by=shipment.sender, reason="papier retiré avant la preuve de son arrivée")


def follow_late_arrival(shipment: Shipment) -> None:
    """A box has what had bounced from it, and what was taken back or replaced meanwhile without telling it."""
    follow_if_withdrawn(shipment)
    newest = DocumentVersion.objects.filter(document=OuterRef("document"), validated_at__gt=OuterRef("validated_at"))
    for version in shipment.versions.filter(Exists(newest), document__status=DocumentStatus.VALIDATED):
        told = same_box(shipment).filter(versions__replaces=version).exclude(status=_S.CANCELLED)
        if not told.exists() and not is_taken_back(shipment, version.document):
            recall_from(shipment, version.document, by=shipment.sender, reason="version remplacée avant la preuve")


def may_leave(recall_: Shipment) -> bool:
    """Whether a claimed recall may go: after what it recalls, and only if that may have left.

    The sending is still under way, or that of the version which replaces it: the recall waits. It ended without
    leaving, or was replaced there (the newer version has a recall of its own): the recall has no object. Another box
    of the same person is another place: what happens there says nothing of this one.
    """
    versions = recall_.versions.all()
    originals = list(same_box(recall_).filter(versions__in=versions).distinct())
    newer = list(same_box(recall_).filter(versions__replaces__in=versions).distinct())
    if any(one.status in UNSETTLED for one in originals + newer):
        postpone(recall_)
        return False
    left = [one for one in originals if may_have_left(one)]
    if not left:
        transitions.move(recall_, _S.CANCELLED, reason="rien n'était parti")
        return False
    arrived = {one.mailbox_id for one in newer if one.status in ARRIVED}
    if all(arrived & {one.mailbox_id, recall_.mailbox_id} for one in left):
        transitions.move(recall_, _S.CANCELLED, reason="une version plus récente l'a remplacé")
        return False
    return True


def postpone(shipment: Shipment) -> None:
    """A claimed shipment waits for another one: it is looked at again in PATIENCE."""
    Shipment.objects.filter(pk=shipment.pk).update(due_at=timezone.now() + PATIENCE)


def same_place(shipment: Shipment) -> QuerySet[Shipment]:
    """What was sent by the same channel to the same recipient, whatever the address; recalls excepted."""
    sent = Shipment.objects.filter(channel=shipment.channel).exclude(action=Action.WITHDRAW)
    if shipment.recipient_id:
        return sent.filter(recipient_id=shipment.recipient_id)
    return sent.filter(recipient__isnull=True, mailbox=shipment.mailbox_id)


def same_box(shipment: Shipment) -> QuerySet[Shipment]:
    """The same, to this very box, or to one of hers that has died since: what it held is told of at a live one."""
    sent = same_place(shipment)
    if shipment.recipient_id is None:
        return sent
    return sent.filter(Q(mailbox=shipment.mailbox_id) | Q(mailbox__dead_since__isnull=False))
