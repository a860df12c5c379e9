"""Step 6: DSN and MDN become states. A fact that comes too early or too late is kept and reconciled.

A receipt that proves more implies what comes before it: an MDN *processed* without a DSN makes the
shipment INTEGRATED all the same. A receipt that names no shipment stays, with a line for a person.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from coordination import blobs
from coordination.lifecycles import SHIPMENT, ShipmentStatus
from coordination.models import (
    MailboxKind,
    Organisation,
    Reading,
    ReadingVia,
    Receipt,
    Shipment,
    WorkItemKind,
)
from coordination.ports import Action, Incoming, ReceiptKind
from coordination.services import fallback, intake_reports, recalls, transitions, worklist
from perinat.standards.fallback import policy

logger = logging.getLogger(__name__)

_S = ShipmentStatus
TARGETS = {
    ReceiptKind.DELIVERED: _S.DELIVERED,
    ReceiptKind.DISPLAYED: _S.DELIVERED,  # read, hence delivered
    ReceiptKind.INTEGRATED: _S.INTEGRATED,
    ReceiptKind.BOUNCED: _S.REJECTED,
    ReceiptKind.NOT_INTEGRATED: _S.REJECTED,
}
ARRIVALS = (ReceiptKind.DELIVERED, ReceiptKind.DISPLAYED, ReceiptKind.INTEGRATED)
REFUSALS = (ReceiptKind.BOUNCED, ReceiptKind.NOT_INTEGRATED)
_INSTANTS = {ReceiptKind.DELIVERED: "delivered_at", ReceiptKind.INTEGRATED: "integrated_at"}
LATE_REFUSAL_FR = (
    "Un avis de non-remise ou de refus est arrivé après l'accusé d'intégration de cet envoi. "
    "Vérifiez auprès du destinataire qu'il a bien ces papiers."
)


@transaction.atomic
def store(incoming: Incoming) -> Receipt:
    """Keep an incoming item (once, by digest) and apply it when its shipment is known."""
    known = Receipt.objects.filter(digest=incoming.digest).first()
    if known is not None:
        return known
    receipt = Receipt.objects.create(
        shipment=shipment_of(incoming),
        kind=incoming.kind,
        at=incoming.at,
        code=_clean(incoming.code)[:120],
        message_fr=_clean(incoming.message_fr),
        digest=incoming.digest,
        raw=blobs.store(incoming.raw, media_type="message/rfc822"),
    )
    if receipt.shipment is not None:
        apply(receipt)
    asks = incoming.kind in (ReceiptKind.UNKNOWN, ReceiptKind.DOCUMENTS)
    if asks or (receipt.shipment is None and incoming.kind != ReceiptKind.AUTOREPLY):
        _keep_for_a_person(receipt, incoming)
    return receipt


def _clean(text: str) -> str:
    """PostgreSQL refuses the null character and half of a character: neither must stop a mail from being kept."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def shipment_of(incoming: Incoming) -> Shipment | None:
    """By Message-ID, or by the envelope id (the shipment's own) when the DSN gives only that one."""
    named = _clean(incoming.message_id)
    if named.startswith("envid:"):
        try:
            return Shipment.objects.filter(pk=UUID(named.removeprefix("envid:"))).first()
        except ValueError:
            return None
    return Shipment.objects.filter(message_id=named).first() if named else None


def _keep_for_a_person(receipt: Receipt, incoming: Incoming) -> None:
    """A line for the site of the box; without one, the administrator reads of it (`services.nobodys_mail`)."""
    shipment = receipt.shipment
    site = shipment.organisation if shipment else site_of(incoming.mailbox or incoming.recipient)
    logger.warning("receipt.unknown id=%s kind=%s", receipt.pk, receipt.kind)
    if site is not None:
        tell_a_person(receipt, site)
    elif incoming.mailbox:
        receipt.mailbox = _clean(incoming.mailbox)[:254]
        receipt.save(update_fields=["mailbox"])


def tell_a_person(receipt: Receipt, site: Organisation) -> None:
    """It names no shipment, or says nothing recognised about one: somebody of this site looks at it."""
    shipment = receipt.shipment
    message = "Un accusé reçu dans la boîte du service ne correspond à aucun envoi connu. Il est conservé."
    if shipment is None and receipt.kind == ReceiptKind.UNKNOWN:
        message = receipt.message_fr
    if shipment is not None:
        message = "Un message répond à un envoi sans être un accusé reconnu. Il est conservé : à lire par une personne."
    worklist.open_item(
        WorkItemKind.RECEIPT_UNKNOWN,
        key=str(receipt.pk),
        organisation=site,
        stay=shipment.stay if shipment else None,
        shipment=shipment,
        message=message,
    )


def site_of(mailbox: str) -> Organisation | None:
    return Organisation.objects.filter(mailbox__iexact=mailbox).first() if mailbox else None


def apply_waiting(shipment: Shipment) -> None:
    """Apply the receipts that came before our own record of the acceptance."""
    for receipt in shipment.receipts.filter(applied=False).order_by("at"):
        apply(receipt)


def apply(receipt: Receipt) -> None:
    """Give a receipt its effect on its shipment, if the table allows it now; else it waits."""
    shipment, kind = receipt.shipment, ReceiptKind(receipt.kind)
    assert shipment is not None
    shipment.refresh_from_db()
    if kind is ReceiptKind.DISPLAYED and shipment.action != Action.WITHDRAW:
        _record_readings(shipment, receipt.at)
    target = TARGETS.get(kind)
    if shipment.status == _S.INTEGRATED and kind in REFUSALS:
        _contradicted(shipment, receipt)
        target = None
    elif kind is ReceiptKind.BOUNCED and policy().buries(receipt.code):
        fallback.bury(shipment, receipt.message_fr, receipt.at)
    if target is None or _reach(shipment, target, receipt):
        _note_instant(shipment, receipt)
        receipt.applied = True
        receipt.save(update_fields=["applied"])
        intake_reports.note_receipt(receipt)


def _contradicted(shipment: Shipment, receipt: Receipt) -> None:
    """Refused after a proof of integration: the proof stands, the contradiction is written and a person looks."""
    transitions.note(shipment, reason=f"{receipt.kind} {receipt.code}")
    worklist.open_item(
        WorkItemKind.SHIPMENT_REFUSED,
        key=f"{shipment.pk}:late",
        organisation=shipment.organisation,
        stay=shipment.stay,
        shipment=shipment,
        message=LATE_REFUSAL_FR,
    )


def _reach(shipment: Shipment, target: ShipmentStatus, receipt: Receipt) -> bool:
    """Bring the shipment where the receipt proves it is; False when that is for later."""
    source = ShipmentStatus[shipment.status]
    if source == target or (source == _S.INTEGRATED and target == _S.DELIVERED):
        return True  # known already, or proves less: a DSN after an MDN
    if source in (_S.ACCEPTED, _S.DELIVERED) and SHIPMENT.allows(source, target):
        _move(shipment, target, receipt)
        return True
    if receipt.kind in ARRIVALS and source == _S.QUEUED:
        # Received after all: the next try must not send it again, but believe this proof.
        Shipment.objects.filter(pk=shipment.pk, status=_S.QUEUED).update(in_doubt=True)
    if receipt.kind == ReceiptKind.BOUNCED and source == _S.QUEUED and shipment.waited and not shipment.in_doubt:
        return True  # the full box is waited for: what this notice says is known, the next try will say more
    if receipt.kind == ReceiptKind.INTEGRATED and source == _S.CANCELLED:
        recalls.follow_late_arrival(shipment)  # bounced, given up, and with her after all
    if receipt.kind in ARRIVALS and source in (_S.REJECTED, _S.FAILED):
        return _late_proof(shipment, target, receipt)
    return source == _S.FAILED and target == _S.REJECTED  # a person has it on her list already


def _late_proof(shipment: Shipment, target: ShipmentStatus, receipt: Receipt) -> bool:
    """It arrived although we had given up, unless what refused it came after its arrival."""
    refusal = shipment.receipts.filter(kind__in=REFUSALS, applied=True).order_by("-at").first()
    stands = refusal is not None and (refusal.at >= receipt.at or refusal.kind == ReceiptKind.NOT_INTEGRATED)
    if stands and target != _S.INTEGRATED:
        return True
    transitions.move(
        shipment, _S.ACCEPTED, reason="preuve tardive", accepted_at=shipment.accepted_at or receipt.at, in_doubt=False
    )
    worklist.close_items(WorkItemKind.SHIPMENT_REFUSED, key=str(shipment.pk), reason="preuve tardive")
    _move(shipment, target, receipt)
    fallback.arrived(shipment)
    return True


def proof_of_arrival(shipment: Shipment) -> Receipt | None:
    """A receipt that proves the arrival, when nothing refused the shipment since."""
    refusal = last_refusal(shipment)
    arrivals = shipment.receipts.filter(kind__in=ARRIVALS).order_by("at")
    return arrivals.filter(at__gt=refusal.at).first() if refusal else arrivals.first()


def last_refusal(shipment: Shipment) -> Receipt | None:
    """The last receipt that took an acceptance back: what was accepted before it proves nothing any more."""
    return shipment.receipts.filter(kind__in=REFUSALS, applied=True).order_by("-received_at").first()


def _move(shipment: Shipment, target: ShipmentStatus, receipt: Receipt) -> None:
    """The event is dated of now, whatever the date of the receipt: the days before are sealed."""
    fields: dict[str, Any] = {}
    if target == _S.REJECTED:
        fields = {"last_code": receipt.code, "last_message": receipt.message_fr}
    transitions.move(shipment, target, reason=f"{receipt.kind} {receipt.code}", **fields)
    if target == _S.REJECTED and receipt.kind == ReceiptKind.BOUNCED:
        fallback.follow(shipment, receipt.message_fr)
    elif target == _S.REJECTED:  # it arrived, and was not integrated: no question of address
        worklist.open_refusal(shipment, receipt.message_fr)


def _note_instant(shipment: Shipment, receipt: Receipt) -> None:
    """A DSN after the MDN still says when the mail was delivered; the first instant stays."""
    name = _INSTANTS.get(ReceiptKind(receipt.kind))
    if name is not None:
        Shipment.objects.filter(pk=shipment.pk, **{f"{name}__isnull": True}).update(**{name: receipt.at})


def _record_readings(shipment: Shipment, at: datetime) -> None:
    """An MDN *displayed* from a personal mailbox is a reading by the recipient; a shared one does not say by whom."""
    mailbox = shipment.mailbox
    if mailbox is None or mailbox.kind != MailboxKind.PER or shipment.recipient_id is None:
        return
    for version in shipment.versions.all():
        Reading.objects.get_or_create(
            version=version, professional_id=shipment.recipient_id, via=ReadingVia.MDN, defaults={"at": at}
        )
