"""Step 5: the outbox. Claim a shipment, call its channel outside any transaction, record the answer.

    claim      compare-and-set QUEUED → SENDING with a lease; a second worker finds nothing to claim
    ask        national rules, then `find` when in doubt, then `submit` or `withdraw`: no transaction open
    record     an immutable attempt, then the passage, in one transaction

A worker that dies leaves a lease to expire: `sweep` puts the row back, in doubt, so that `find` comes
before any resend. An answer that comes after its lease was lost is kept as an attempt and believed by
the next claim.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from coordination import blobs, channels, deadlines, doorbell
from coordination.lifecycles import ShipmentStatus
from coordination.models import ChannelName, Mailbox, Shipment, ShipmentAttempt, User, WorkItemKind
from coordination.ports import (
    Action,
    Channel,
    ChannelError,
    Parcel,
    PermanentChannelError,
    PreviousAbsentError,
    Proof,
    TemporaryChannelError,
    UncertainChannelError,
)
from coordination.selectors import parcels
from coordination.services import letters, notices, recalls, receipts, sealing, succession, transitions, worklist
from coordination.services.routing import DELIVER, reachable_mailbox, ring_each

logger = logging.getLogger(__name__)

NOTICE_PAPER = "Un document vous attend dans perinat."
ACCEPTED, FOUND, PERMANENT, TEMPORARY, UNCERTAIN = "ACCEPTED", "FOUND", "PERMANENT", "TEMPORARY", "UNCERTAIN"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one try gave: an outcome, and the proof or the error behind it."""

    outcome: str
    started_at: datetime
    digests: dict[str, str]
    proof: Proof | None = None
    error: ChannelError | None = None


def deliver(shipment_id: UUID, following: Sequence[UUID] = ()) -> ShipmentStatus | None:
    """Do one try of one shipment; None when there is nothing to do (not due, taken, stopped).

    `following`: shipments of the same papers, for which the bell rings once these are checked.
    """
    shipment = claim(shipment_id)
    if shipment is None:
        ring_each(following)
        return None
    return record(shipment, ask(shipment, following))


def due_ids(only: Sequence[str] = (), limit: int = 100) -> list[UUID]:
    """Shipments to send now on channels that are not stopped, oldest first, the channels in turn.

    `only`: on these channels. A channel that is down must not keep the others waiting behind it.
    """
    due = Shipment.objects.filter(status=ShipmentStatus.QUEUED, due_at__lte=timezone.now())
    open_channels = set(only or channels.names()) - set(channels.stopped())
    queues = [
        list(due.filter(channel=name).order_by("due_at").values_list("pk", flat=True)[:limit])
        for name in sorted(open_channels)
    ]
    turns = itertools.chain.from_iterable(itertools.zip_longest(*queues))
    return [pk for pk in turns if pk is not None][:limit]


@transaction.atomic
def claim(shipment_id: UUID) -> Shipment | None:
    """Take a due shipment for OUTBOX_LEASE_SECONDS, or None when it is not to be had."""
    now = timezone.now()
    rows = Shipment.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    found = (
        rows.filter(pk=shipment_id, status=ShipmentStatus.QUEUED, due_at__lte=now)
        .exclude(channel__in=channels.stopped())
        .select_related("organisation__parent", "mailbox", "stay__mother")
        .order_by()
    )
    shipment = next(iter(found), None)
    if shipment is None or not succession.may_go(shipment):
        return None
    transitions.move(
        shipment,
        ShipmentStatus.SENDING,
        lease_until=now + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS),
        tries=shipment.tries + 1,
    )
    return shipment


def ask(shipment: Shipment, following: Sequence[UUID] = ()) -> Answer:
    """Call the channel. No transaction is open; every failure comes back as an Answer."""
    started = timezone.now()
    digests: dict[str, str] = {}
    try:
        loaded = parcels.load(shipment)
        try:
            for one in loaded:
                sealing.check_before_leaving(one.version, one.cda)
                digests[one.version.unique_id] = one.cda_sha256
        finally:
            ring_each(following)
        parcel = parcels.parcel(shipment, loaded)
        outcome, proof = _send(channels.get(shipment.channel), parcel, shipment)
    except PermanentChannelError as error:
        return Answer(PERMANENT, started, digests, error=error)
    except TemporaryChannelError as error:
        return Answer(TEMPORARY, started, digests, error=error)
    except UncertainChannelError as error:
        return Answer(UNCERTAIN, started, digests, error=error)
    except sealing.NonConformingDocumentError as error:
        refusal = PermanentChannelError("perinat:conformity", error.message_fr, "; ".join(error.findings)[:2000])
        return Answer(PERMANENT, started, digests, error=refusal)
    return Answer(outcome, started, digests, proof=proof)


def _send(channel: Channel, parcel: Parcel, shipment: Shipment) -> tuple[str, Proof]:
    if shipment.in_doubt:
        known = _proof_already_here(shipment) or channel.find(parcel)
        if known is not None:
            return FOUND, known
    if parcel.action is Action.WITHDRAW:
        return ACCEPTED, channel.withdraw(parcel)
    return ACCEPTED, channel.submit(parcel)


def _proof_already_here(shipment: Shipment) -> Proof | None:
    """An acceptance that came after its lease was lost, or a receipt: each is as good as any other proof.

    What was accepted before a receipt refused it proves nothing for the sending that follows.
    """
    accepted = shipment.attempts.filter(outcome__in=[ACCEPTED, FOUND]).order_by("ended_at")
    refusal = receipts.last_refusal(shipment)
    if refusal is not None:
        accepted = accepted.filter(started_at__gt=refusal.received_at)
    attempt = accepted.first()
    if attempt is not None:
        return Proof(code=attempt.code, remote_id=attempt.remote_id, at=attempt.ended_at)
    receipt = receipts.proof_of_arrival(shipment)
    return Proof(code=f"{receipt.kind} {receipt.code}".strip(), remote_id="", at=receipt.at) if receipt else None


@transaction.atomic
def record(shipment: Shipment, answer: Answer) -> ShipmentStatus:
    """Write the attempt, then the passage it commands. A lost lease keeps the attempt only."""
    _write_attempt(shipment, answer)
    try:
        with transaction.atomic():
            _apply(shipment, answer)
    except transitions.StaleStateError:
        logger.warning("shipment.late_answer id=%s outcome=%s", shipment.pk, answer.outcome)
        shipment.refresh_from_db()
        return ShipmentStatus[shipment.status]
    transaction.on_commit(lambda: logger.info("shipment.%s id=%s", shipment.status.lower(), shipment.pk))
    return ShipmentStatus[shipment.status]


def _write_attempt(shipment: Shipment, answer: Answer) -> None:
    proof, error = answer.proof, answer.error
    raw = (proof.raw if proof else error.raw if error else b"") or b""
    ShipmentAttempt.objects.create(
        shipment=shipment,
        number=shipment.tries,
        started_at=answer.started_at,
        ended_at=timezone.now(),
        outcome=answer.outcome,
        code=(proof.code if proof else error.code if error else "")[:120],
        remote_id=(proof.remote_id if proof else "")[:200],
        message_fr=error.message_fr if error else "",
        digests=answer.digests,
        raw=blobs.store(raw, media_type="application/octet-stream") if raw else None,
    )


def _apply(shipment: Shipment, answer: Answer) -> None:
    if answer.error is None:
        _accept(shipment, answer)
    elif isinstance(answer.error, PreviousAbsentError) and shipment.action == Action.REPLACE:
        succession.send_as_new(shipment, reason=answer.error.code)
        doorbell.ring(DELIVER, shipment.pk, queue=shipment.channel)
    elif answer.outcome == PERMANENT:
        _reject(shipment, answer.error)
    else:
        _retry_or_fail(shipment, answer.error, in_doubt=answer.outcome == UNCERTAIN)


def _accept(shipment: Shipment, answer: Answer) -> None:
    assert answer.proof is not None
    had_failed = bool(shipment.last_code)
    transitions.move(
        shipment,
        ShipmentStatus.ACCEPTED,
        reason=answer.proof.code,
        accepted_at=answer.proof.at,
        lease_until=None,
        in_doubt=False,
        last_code=answer.proof.code[:120],
        last_message="",
        functional=False,
    )
    if shipment.mailbox_id:
        Mailbox.objects.filter(pk=shipment.mailbox_id).update(last_success_at=answer.proof.at)
    recalls.follow_if_withdrawn(shipment)
    if had_failed:
        worklist.close_items(WorkItemKind.SHIPMENT_REFUSED, key=str(shipment.pk), reason="envoi accepté")
    _tell(shipment)
    if shipment.channel == ChannelName.MSSANTE:  # only a mailbox sends receipts
        receipts.apply_waiting(shipment)


def _tell(shipment: Shipment) -> None:
    """The recipient learns that a paper arrived, without its content; a letter answers who asked for it."""
    if shipment.action != Action.SEND:
        return
    if shipment.recipient_id:
        notices.tell(shipment.recipient_id, text=NOTICE_PAPER, path="/mes-visites/")
    letters.answer_if_awaited(shipment)


def _failure_fields(error: ChannelError) -> dict[str, Any]:
    return {"lease_until": None, "last_code": error.code[:120], "last_message": error.message_fr}


def _reject(shipment: Shipment, error: ChannelError) -> None:
    functional = isinstance(error, PermanentChannelError) and error.functional
    transitions.move(
        shipment,
        ShipmentStatus.REJECTED,
        reason=error.code,
        functional=functional,
        in_doubt=False,
        **_failure_fields(error),
    )
    if not functional:
        worklist.open_refusal(shipment, error.message_fr)
    receipts.apply_waiting(shipment)


def _retry_or_fail(shipment: Shipment, error: ChannelError, *, in_doubt: bool) -> None:
    """Wait by the table of delays; when it is exhausted a person decides."""
    doubt = in_doubt or shipment.in_doubt
    if shipment.tries > len(deadlines.RETRY_DELAYS):
        transitions.move(shipment, ShipmentStatus.FAILED, reason=error.code, in_doubt=doubt, **_failure_fields(error))
        worklist.open_refusal(shipment, error.message_fr)
        receipts.apply_waiting(shipment)
        return
    # The DMP can be asked at once; a mail cannot: time is given to its DSN before it is sent again.
    may_ask = in_doubt and shipment.channel == ChannelName.DMP
    delay = deadlines.UNCERTAIN_DELAY if may_ask else deadlines.RETRY_DELAYS[shipment.tries - 1]
    transitions.move(
        shipment,
        ShipmentStatus.QUEUED,
        reason=error.code,
        in_doubt=doubt,
        due_at=timezone.now() + delay,
        **_failure_fields(error),
    )


def unforeseen(shipment_id: UUID) -> None:
    """The edge of the task met an error nobody foresaw: uncertain, bounded in number like the others."""
    shipment = Shipment.objects.filter(pk=shipment_id, status=ShipmentStatus.SENDING).first()
    if shipment is None:
        return
    error = UncertainChannelError(
        "perinat:unforeseen", "Un incident technique a interrompu l'envoi. perinat vérifie, puis réessaie."
    )
    record(shipment, Answer(UNCERTAIN, timezone.now(), {}, error=error))


def recover_lost_leases() -> int:
    """Rows whose worker died go back to QUEUED, in doubt; bounded like any try. Returns how many."""
    lost = Shipment.objects.filter(status=ShipmentStatus.SENDING, lease_until__lt=timezone.now())
    count = 0
    for shipment in lost[:500]:
        error = UncertainChannelError(
            "perinat:lease_lost", "L'envoi a été interrompu. perinat vérifie auprès du destinataire, puis réessaie."
        )
        try:
            with transaction.atomic():
                _retry_or_fail(shipment, error, in_doubt=True)
        except transitions.StaleStateError:
            continue
        count += 1
    return count


@transaction.atomic
def retry(shipment: Shipment, *, by: User, reason: str = "relance") -> None:
    """A person sends again what was refused or failed; `find` comes first if it was in doubt.

    A mailbox that died meanwhile is replaced by a live one of the same recipient, when there is one.
    """
    transitions.move(
        shipment,
        ShipmentStatus.QUEUED,
        reason=reason,
        by=by,
        due_at=timezone.now(),
        tries=0,
        hold_reason="",
        mailbox=reachable_mailbox(shipment),
    )
    doorbell.ring(DELIVER, shipment.pk, queue=shipment.channel)
