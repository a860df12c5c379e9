"""Step 6: DSN and MDN become states. A fact that comes too early or too late is kept and reconciled.

A receipt that proves more implies what comes before it: an MDN *processed* without a DSN makes the
shipment INTEGRATED all the same. A receipt that names no shipment stays, with a line for a person.
"""

from __future__ import annotations

import contextlib
import logging
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from coordination import blobs, channels
from coordination.lifecycles import SHIPMENT, ShipmentStatus
from coordination.models import (
    ChannelName,
    Mailbox,
    Organisation,
    Reading,
    ReadingVia,
    Receipt,
    Shipment,
    WorkItemKind,
)
from coordination.ports import Channel, ChannelError, Incoming, ReceiptKind
from coordination.services import transitions, worklist

logger = logging.getLogger(__name__)

_S = ShipmentStatus
TARGETS = {
    ReceiptKind.DELIVERED: _S.DELIVERED,
    ReceiptKind.INTEGRATED: _S.INTEGRATED,
    ReceiptKind.BOUNCED: _S.REJECTED,
    ReceiptKind.NOT_INTEGRATED: _S.REJECTED,
}
_INSTANTS = {_S.DELIVERED: "delivered_at", _S.INTEGRATED: "integrated_at"}
DEAD_MAILBOX_CODES = ("5.1.", "5.2.1")  # RFC 3463: bad address, mailbox disabled


def collect(name: str) -> int:
    """Fetch what arrived on a channel, store each item once, acknowledge it after the commit.

    One collector at a time per channel: another one that comes meanwhile does nothing.
    """
    with _only_collector(name) as alone:
        if not alone:
            return 0
        channel, count = channels.get(name), 0
        try:
            for incoming in channel.collect():
                _store_and_acknowledge(channel, incoming)
                count += 1
        except ChannelError as error:
            logger.warning("receipts.collect_failed channel=%s code=%s", name, error.code)
        return count


@contextlib.contextmanager
def _only_collector(name: str) -> Iterator[bool]:
    """A PostgreSQL advisory lock of this session, named after the channel."""
    key = zlib.crc32(f"perinat.collect.{name}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _store_and_acknowledge(channel: Channel, incoming: Incoming) -> None:
    with transaction.atomic():
        store(incoming)
    channel.acknowledge(incoming)


@transaction.atomic
def store(incoming: Incoming) -> Receipt:
    """Keep an incoming item (once, by digest) and apply it when its shipment is known."""
    known = Receipt.objects.filter(digest=incoming.digest).first()
    if known is not None:
        return known
    receipt = Receipt.objects.create(
        shipment=_shipment_of(incoming),
        kind=incoming.kind,
        at=incoming.at,
        code=incoming.code[:120],
        message_fr=incoming.message_fr,
        digest=incoming.digest,
        raw=blobs.store(incoming.raw, media_type="message/rfc822"),
    )
    if receipt.shipment is not None:
        apply(receipt)
    elif incoming.kind is not ReceiptKind.AUTOREPLY:
        _keep_for_a_person(receipt, incoming)
    return receipt


def _shipment_of(incoming: Incoming) -> Shipment | None:
    """By Message-ID, or by the envelope id (the shipment's own) when the DSN gives only that one."""
    if incoming.message_id.startswith("envid:"):
        try:
            return Shipment.objects.filter(pk=UUID(incoming.message_id.removeprefix("envid:"))).first()
        except ValueError:
            return None
    return Shipment.objects.filter(message_id=incoming.message_id).first() if incoming.message_id else None


def _keep_for_a_person(receipt: Receipt, incoming: Incoming) -> None:
    site = Organisation.objects.filter(mailbox__iexact=incoming.recipient).first()
    logger.warning("receipt.unknown id=%s kind=%s", receipt.pk, receipt.kind)
    if site is not None:
        worklist.open_item(
            WorkItemKind.RECEIPT_UNKNOWN,
            key=str(receipt.pk),
            organisation=site,
            message="Un accusé reçu dans la boîte du service ne correspond à aucun envoi connu. Il est conservé.",
        )


def apply_waiting(shipment: Shipment) -> None:
    """Apply the receipts that came before our own record of the acceptance."""
    for receipt in shipment.receipts.filter(applied=False).order_by("at"):
        apply(receipt)


def apply(receipt: Receipt) -> None:
    """Give a receipt its effect on its shipment, if the table allows it now; else it waits."""
    shipment = receipt.shipment
    assert shipment is not None
    kind = ReceiptKind(receipt.kind)
    if kind is ReceiptKind.DISPLAYED:
        _record_readings(shipment, receipt.at)
        _mark_applied(receipt)
        return
    target = TARGETS.get(kind)
    if target is None:
        _mark_applied(receipt)
        return
    shipment.refresh_from_db()
    source = _S[shipment.status]
    if source == target or _proves_less(source, target):
        _mark_applied(receipt)
    elif SHIPMENT.allows(source, target) and source in (_S.ACCEPTED, _S.DELIVERED):
        _move(shipment, target, receipt)
        _mark_applied(receipt)


def _proves_less(source: ShipmentStatus, target: ShipmentStatus) -> bool:
    """DSN after MDN: already known to be integrated."""
    return source == _S.INTEGRATED and target == _S.DELIVERED


def _move(shipment: Shipment, target: ShipmentStatus, receipt: Receipt) -> None:
    fields: dict[str, Any] = {_INSTANTS[target]: receipt.at} if target in _INSTANTS else {}
    if target == _S.REJECTED:
        fields |= {"last_code": receipt.code, "last_message": receipt.message_fr}
    transitions.move(shipment, target, reason=f"{receipt.kind} {receipt.code}", at=receipt.at, **fields)
    if target == _S.REJECTED:
        _after_bounce(shipment, receipt)


def _after_bounce(shipment: Shipment, receipt: Receipt) -> None:
    worklist.open_refusal(shipment, receipt.message_fr)
    if shipment.mailbox_id and any(mark in receipt.code for mark in DEAD_MAILBOX_CODES):
        Mailbox.objects.filter(pk=shipment.mailbox_id, dead_since__isnull=True).update(dead_since=receipt.at)


def _record_readings(shipment: Shipment, at: datetime) -> None:
    """An MDN *displayed* is a reading by the owner of the mailbox, when it is a person's."""
    mailbox = shipment.mailbox
    if shipment.channel != ChannelName.MSSANTE or mailbox is None or mailbox.professional_id is None:
        return
    for version in shipment.versions.all():
        Reading.objects.get_or_create(
            version=version, professional_id=mailbox.professional_id, via=ReadingVia.MDN, defaults={"at": at}
        )


def _mark_applied(receipt: Receipt) -> None:
    receipt.applied = True
    receipt.save(update_fields=["applied"])
