"""What happens between an old version and a new one, for each channel and each recipient (ADR 0015).

lock, queue    when a professional replaces: what has not left never leaves; who has the old version, or
               may have it, is queued the new one as a replacement; who has nothing, as a first sending; who has
               it and may see nothing new of this mother, a recall; so has each other box of who is told of it
may_go         when a worker takes the shipment: it waits for what went before it to the same place, then
               replaces what is held there, and nothing that was not accepted
send_as_new    the channel says that it does not hold the version to replace
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from coordination import deadlines
from coordination.blobs import BlobError
from coordination.lifecycles import ShipmentStatus
from coordination.models import ChannelName, Document, DocumentVersion, HoldReason, Shipment, User, WorkItemKind
from coordination.ports import Action
from coordination.services import addresses, paper_deliveries, recalls, routing, transitions, worklist
from coordination.services.editions import edition
from coordination.services.recalls import ALIVE, ARRIVED, STILL, UNSETTLED, may_have_left
from coordination.services.routing import Target

_S = ShipmentStatus
GIVEN_UP = (_S.REJECTED, _S.FAILED)
SUPERSEDED = "version remplacée"
NO_LONGER = "ne suit plus cette mère"
UNREADABLE = (
    "La nouvelle version de ce papier ne peut pas être préparée : son fichier ne se relit pas. "
    "Prévenez l'administrateur, puis déposez-la de nouveau."
)
NOT_PREPARED = (
    "La nouvelle version de ce papier n'a pas pu être préparée pour ce destinataire, qui n'a pas la version à "
    "remplacer. Relancez l'envoi ; si cela se répète, prévenez l'administrateur."
)
Place = tuple[str, uuid.UUID | None]


def lock(document: Document) -> list[Shipment]:
    """The sendings of a document, oldest first, the cancelled ones included; no worker takes one meanwhile.

    Before the row of the document itself: a worker that prepares a sending takes them in that order.
    """
    carrying = Shipment.objects.filter(versions__document=document).exclude(action=Action.WITHDRAW)
    rows = Shipment.objects.filter(pk__in=carrying.values("pk")).order_by("pk")  # one order for all: no deadlock
    locked = rows.select_related("mailbox", "recipient").select_for_update(no_key=True, of=("self",))
    return sorted(locked, key=lambda shipment: shipment.created_at)


def last_held(document: Document, sent: list[Shipment]) -> DocumentVersion | None:
    """The last version that anybody holds, or may hold: what most recipients are told is replaced."""
    left = [shipment.pk for shipment in sent if may_have_left(shipment)]
    return document.versions.filter(shipments__in=left).order_by("-validated_at", "-number").first()


def queue(document: Document, version: DocumentVersion, sent: list[Shipment], *, by: User) -> list[Shipment]:
    """Stop what has not left of the older versions; queue the new one. `sent`: what `lock` returned."""
    holders: dict[Place, list[Shipment]] = {}
    for shipment in sent:
        left = may_have_left(shipment)
        if left and not recalls.is_taken_back(shipment, document):
            holders.setdefault(_place(shipment), []).append(shipment)
        alone_and_ended = shipment.status in GIVEN_UP and recalls.is_alone(shipment, document)
        if shipment.status in STILL and (not left or alone_and_ended):
            recalls.leave_out(shipment, document, by=by, reason=SUPERSEDED)
    wanted: dict[Place, Target] = {_place_of(target): target for target in routing.targets(document)}
    made = []
    for place, held in holders.items():
        target = wanted.pop(place, None)
        if target is None and held[-1].recipient_id is not None:
            _recall(held, document, by=by, reason=version.reason)
            continue
        target = _where_held(target, held, document) if target else _same_again(document, held[-1])
        _recall(_elsewhere(target, held), document, by=by, reason=version.reason)
        made.append(routing.queue_version(target, version, by=by, action=Action.REPLACE, reason=version.reason))
    made += [routing.queue_version(target, version, by=by) for target in wanted.values()]
    routing.ring(made, 0)
    return made


def _where_held(target: Target, held: list[Shipment], document: Document) -> Target:
    """The new version goes to the box that holds the old one, the last that was reached, not to the first of hers.

    Only while that box lives, is still hers, and may receive this paper as it is now.
    """
    recipient = held[-1].recipient
    if recipient is None:
        return target
    boxes = addresses.live_mailboxes(recipient, shared=addresses.may_be_shared([document]))
    reached = next((one.mailbox for one in reversed(held) if one.mailbox in boxes), target.mailbox)
    return replace(target, mailbox=reached)


def _elsewhere(target: Target, held: list[Shipment]) -> list[Shipment]:
    """What her other live boxes hold: told of no new version, the old one is taken back from them."""
    there = target.mailbox
    return [
        one for one in held if one.mailbox and not one.mailbox.dead_since and one.recipient_id and one.mailbox != there
    ]


def _recall(held: list[Shipment], document: Document, *, by: User, reason: str) -> None:
    """From who, or from a box that, is told nothing new of this person: what is held is false, it is taken back."""
    for shipment in held:
        if not recalls.is_taken_back(shipment, document):
            recalls.recall_from(shipment, document, by=by, reason=reason)


def _place(shipment: Shipment) -> Place:
    return (shipment.channel, shipment.recipient_id or shipment.mailbox_id)


def _place_of(target: Target) -> Place:
    return (target.channel, target.recipient_id or (target.mailbox.pk if target.mailbox else None))


def _same_again(document: Document, shipment: Shipment) -> Target:
    """A place that is no professional (the DMP, a shared address, the patient's box) still holds the old version."""
    waits_for_ins = shipment.channel == ChannelName.DMP and document.person.ins is None
    return Target(
        ChannelName(shipment.channel),
        shipment.recipient_name,
        addresses.reachable_mailbox(shipment),
        HoldReason.INS if waits_for_ins else HoldReason.NONE,
        shipment.recipient_id,
        to_patient=shipment.to_patient,
    )


def may_go(shipment: Shipment) -> bool:
    """Whether a shipment that a worker is taking may go now (locked row); it is fitted to who receives it.

    A recall goes after what it recalls. A sending leaves without the papers taken back or replaced meanwhile,
    and not at all when none is left.
    """
    if shipment.action == Action.WITHDRAW:
        return recalls.may_leave(shipment)
    carried = list(_carried(shipment))
    if shipment.to_patient and not carried:
        return True  # words alone: nothing of them is taken back nor replaced
    if shipment.action == Action.REPLACE and not shipment.in_doubt and _is_for_nobody(shipment, carried):
        return False
    kept, why = _without_gone(shipment, carried)
    if not kept:
        _cancel(shipment, why)
        return False
    later = [version for version in kept if version.number > 1]
    return not later or shipment.in_doubt or _fitted(shipment, later, alone=len(kept) == 1)


def _without_gone(shipment: Shipment, carried: list[Any]) -> tuple[list[Any], str]:
    """What this shipment still carries once the papers taken back or replaced are left out, and why they are."""
    gone = [version for version in carried if _is_gone(shipment, version)]
    if not gone:
        return carried, ""
    shipment.versions.remove(*gone)
    why = "papier retiré" if gone[0].document.status not in ALIVE else SUPERSEDED
    return [version for version in carried if version not in gone], why


def _is_for_nobody(shipment: Shipment, carried: list[Any]) -> bool:
    """She stopped following this mother since the replacement was queued: what she holds is recalled instead."""
    documents = {version.document for version in carried}
    if shipment.recipient_id is None or any(_place(shipment) in _places(document) for document in documents):
        return False
    for document in documents:
        before = recalls.same_place(shipment).filter(versions__document=document).exclude(pk=shipment.pk).distinct()
        held = [one for one in before if may_have_left(one)]
        _recall(held, document, by=shipment.sender, reason=shipment.reason)
    _cancel(shipment, NO_LONGER)
    return True


def _places(document: Document) -> set[Place]:
    return {_place_of(target) for target in routing.targets(document)}


def _carried(shipment: Shipment) -> QuerySet[Any]:
    """Its versions, with the instant of the newest validation of their document."""
    validations = DocumentVersion.objects.filter(document=OuterRef("document"), validated_at__isnull=False)
    newest = validations.order_by("-validated_at").values("validated_at")[:1]
    rows = shipment.versions.select_related("document").defer("frozen").order_by()
    return rows.annotate(newest=Subquery(newest))


def _is_gone(shipment: Shipment, version: Any) -> bool:
    """Taken back, or replaced. In doubt, a replaced one still goes (the same bytes, or « it is there »), unless

    a newer one has already arrived at the same place.
    """
    if version.document.status not in ALIVE:
        return True
    if version.newest is None or version.newest <= version.validated_at:
        return False
    newer = recalls.same_place(shipment).filter(
        versions__document=version.document, versions__validated_at__gt=version.validated_at, status__in=ARRIVED
    )
    return not shipment.in_doubt or newer.exists()


def _cancel(shipment: Shipment, reason: str) -> None:
    transitions.move(shipment, _S.CANCELLED, reason=reason)
    worklist.close_items(WorkItemKind.SHIPMENT_REFUSED, key=str(shipment.pk), reason=reason)
    paper_deliveries.drop(shipment, reason=reason)


def _fitted(shipment: Shipment, versions: list[DocumentVersion], *, alone: bool) -> bool:
    """Give each version the edition that replaces what this recipient holds; False: not yet."""
    bases: dict[DocumentVersion, DocumentVersion | None] = {}
    for version in versions:
        before = _before(shipment, version)
        if any(one.status in UNSETTLED for one in before):
            recalls.postpone(shipment)
            return False
        bases[version] = _held(_before(shipment, version, recalls.same_box), version) if alone else None
    action = Action.REPLACE if any(bases.values()) else Action.SEND
    if action == Action.REPLACE and shipment.action == Action.SEND and shipment.tries:
        return True  # the channel has said that it holds none
    return _edited(shipment, bases, action)


def _before(
    shipment: Shipment, version: DocumentVersion, where: Callable[[Shipment], QuerySet[Shipment]] = recalls.same_place
) -> QuerySet[Shipment]:
    """The sendings of the older versions of this document to the same place, or to the same box of it."""
    older = where(shipment).filter(
        versions__document=version.document_id, versions__validated_at__lt=version.validated_at
    )
    return older.exclude(pk=shipment.pk).distinct().prefetch_related("versions")


def _held(before: Iterable[Shipment], version: DocumentVersion) -> DocumentVersion | None:
    """The last version that this box holds, or may hold."""
    held = [
        one
        for shipment in before
        if may_have_left(shipment) and not recalls.is_taken_back(shipment, version.document)
        for one in shipment.versions.all()
        if one.document_id == version.document_id and _instant(one) < _instant(version)
    ]
    return max(held, key=lambda one: (_instant(one), one.number), default=None)


def _instant(version: DocumentVersion) -> datetime:
    """Versions follow one another by their validation: an older one may be sealed again under a later number."""
    assert version.validated_at is not None
    return version.validated_at


def _edited(shipment: Shipment, bases: dict[DocumentVersion, DocumentVersion | None], action: Action) -> bool:
    for version, base in bases.items():
        if version.replaces_id == (base.pk if base else None):
            continue
        try:
            fit = edition(version, replaces=base, with_ins=version.cda_with_ins)
        except BlobError:
            worklist.open_refusal(shipment, UNREADABLE)
            fit = None
        if fit is None:
            recalls.postpone(shipment)
            return False
        shipment.versions.remove(version)
        shipment.versions.add(fit)
    if shipment.action != action:
        shipment.action = action
        Shipment.objects.filter(pk=shipment.pk).update(action=action)
    return True


def send_as_new(shipment: Shipment, *, reason: str) -> None:
    """The channel does not hold the version to replace: the new one goes as a first sending, at once.

    The row is SENDING and ours; in the transaction that records the answer. Its row is locked before that of the
    document (ADR 0015). What was taken back or replaced meanwhile does not leave. While its edition cannot be
    sealed it is asked again, as many times as any other try. Raises StaleStateError: the lease was lost.
    """
    _hold(shipment)
    shipment.in_doubt = False  # the channel has just said what it holds
    kept, why = _without_gone(shipment, list(_carried(shipment)))
    fields: dict[str, Any] = {"in_doubt": False, "lease_until": None, "last_code": reason}
    if not kept:
        transitions.move(shipment, _S.QUEUED, reason=reason, **fields)
        _cancel(shipment, why)
    elif _edited(shipment, dict.fromkeys(kept), Action.SEND):
        transitions.move(shipment, _S.QUEUED, reason=reason, due_at=timezone.now(), **fields)
    elif shipment.tries - shipment.excused > len(deadlines.RETRY_DELAYS):
        transitions.move(shipment, _S.FAILED, reason=reason, last_message=NOT_PREPARED, **fields)
        worklist.open_refusal(shipment, NOT_PREPARED)
    else:
        transitions.move(shipment, _S.QUEUED, reason=reason, due_at=timezone.now() + recalls.PATIENCE, **fields)


def _hold(shipment: Shipment) -> None:
    rows = Shipment.objects.select_for_update(no_key=True, of=("self",)).order_by()
    if rows.filter(pk=shipment.pk, status=_S.SENDING, attempt=shipment.attempt).first() is None:
        raise transitions.StaleStateError(f"shipment {shipment.pk}")
