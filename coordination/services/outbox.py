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
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coordination import blobs, channels, doorbell
from coordination.lifecycles import ShipmentStatus
from coordination.models import Shipment, ShipmentAttempt, User
from coordination.ports import (
    Action,
    PermanentChannelError,
    Proof,
    TemporaryChannelError,
    UncertainChannelError,
)
from coordination.selectors import opened_boxes, parcels
from coordination.services import (
    breaker,
    fallback,
    outcomes,
    paper_deliveries,
    receipts,
    sealing,
    sending_box,
    succession,
    transitions,
)
from coordination.services.addresses import reachable_mailbox
from coordination.services.outcomes import ACCEPTED, FOUND, PERMANENT, TEMPORARY, UNCERTAIN, Answer
from coordination.services.routing import DELIVER, ring_each

logger = logging.getLogger(__name__)


class ArrivedElsewhereError(transitions.ForbiddenTransitionError):
    """She has these papers already."""

    message_fr = (
        "Ces papiers sont déjà arrivés à une autre adresse de cette personne : ils ne sont pas envoyés à nouveau."
    )


def deliver(shipment_id: UUID, following: Sequence[UUID] = (), *, at: datetime | None = None) -> ShipmentStatus | None:
    """Do one try of one shipment; None when there is nothing to do (not due, taken, stopped, channel down).

    `following`: shipments of the same papers, for which the bell rings once these are checked. `at`: the instant,
    for who plays another day than today.
    """
    shipment = claim(shipment_id, at=at)
    if shipment is None:
        ring_each(following)
        return None
    return record(shipment, ask(shipment, following, at=at), at=at)


def due_ids(only: Sequence[str] = (), limit: int = 100, *, at: datetime | None = None) -> list[UUID]:
    """Shipments to send now on channels that are not stopped, oldest first, the channels in turn.

    `only`: on these channels. A channel that is down must not keep the others waiting behind it: it gives one
    shipment when a probe is due.
    """
    now = at or timezone.now()
    due = Shipment.objects.filter(status=ShipmentStatus.QUEUED, due_at__lte=now)
    closed = opened_boxes.closed_addresses()
    if closed:  # what can only leave from the box of somebody who is away waits for her, and loses no try (ADR 0021)
        due = due.exclude(Q(in_doubt=True) | Q(organisation__mailbox=""), sent_from__in=closed)
    open_channels = set(only or channels.names()) - set(channels.stopped()) - set(channels.down(now))
    probed = set(channels.down())
    queues = [
        list(due.filter(channel=name).order_by("due_at").values_list("pk", flat=True)[: 1 if name in probed else limit])
        for name in sorted(open_channels)
    ]
    turns = itertools.chain.from_iterable(itertools.zip_longest(*queues))
    return [pk for pk in turns if pk is not None][:limit]


@transaction.atomic
def claim(shipment_id: UUID, *, at: datetime | None = None) -> Shipment | None:
    """Take a due shipment for OUTBOX_LEASE_SECONDS, or None when it is not to be had."""
    now = at or timezone.now()
    rows = Shipment.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    found = (
        rows.filter(pk=shipment_id, status=ShipmentStatus.QUEUED, due_at__lte=now)
        .exclude(channel__in=channels.stopped())
        .select_related("organisation__parent", "mailbox", "stay__mother")
        .annotate(gate=breaker.gate(now))
        .order_by()
    )
    shipment = next(iter(found), None)
    if shipment is None or shipment.gate == breaker.SHUT or not succession.may_go(shipment):
        return None
    if not breaker.may_pass(shipment, shipment.gate, now):
        return None
    transitions.move(
        shipment,
        ShipmentStatus.SENDING,
        lease_until=now + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS),
        tries=shipment.tries + 1,
    )
    return shipment


def ask(shipment: Shipment, following: Sequence[UUID] = (), *, at: datetime | None = None) -> Answer:
    """Call the channel. No transaction is open; every failure comes back as an Answer."""
    started = at or timezone.now()
    digests: dict[str, str] = {}
    doubt = shipment.in_doubt  # until the channel, or what is already here, has said what it holds
    try:
        loaded = parcels.load(shipment)
        try:
            for one in loaded:
                sealing.check_before_leaving(one.version, one.cda)
                digests[one.version.unique_id] = one.cda_sha256
        finally:
            ring_each(following)
        here = _proof_already_here(shipment) if doubt else None
        if here is not None:
            return Answer(FOUND, started, digests, proof=here, unasked=True)
        sending_box.choose(shipment, loaded[0].version.document if loaded else None)
        parcel, channel = parcels.parcel(shipment, loaded), channels.get(shipment.channel)
        known = channel.find(parcel) if doubt else None
        if known is not None:
            return Answer(FOUND, started, digests, proof=known)
        doubt = False
        proof = channel.withdraw(parcel) if parcel.action is Action.WITHDRAW else channel.submit(parcel)
    except PermanentChannelError as error:
        return Answer(PERMANENT, started, digests, error=error, doubt=doubt)
    except TemporaryChannelError as error:
        return Answer(TEMPORARY, started, digests, error=error, doubt=doubt)
    except UncertainChannelError as error:
        return Answer(UNCERTAIN, started, digests, error=error, doubt=True)
    except sealing.NonConformingDocumentError as error:
        refusal = PermanentChannelError("perinat:conformity", error.message_fr, "; ".join(error.findings)[:2000])
        return Answer(PERMANENT, started, digests, error=refusal, doubt=doubt)
    return Answer(ACCEPTED, started, digests, proof=proof)


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
def record(shipment: Shipment, answer: Answer, *, at: datetime | None = None) -> ShipmentStatus:
    """Write the attempt, then the passage it commands. A lost lease keeps the attempt only."""
    now = at or timezone.now()
    _write_attempt(shipment, answer, now)
    code = answer.error.code if answer.error else ""
    silent_since = breaker.note(shipment, answer.sign, code=code, started=answer.started_at, now=now)
    try:
        with transaction.atomic():
            outcomes.apply(shipment, answer, silent_since, now)
    except transitions.StaleStateError:
        logger.warning("shipment.late_answer id=%s outcome=%s", shipment.pk, answer.outcome)
        shipment.refresh_from_db()
        return ShipmentStatus[shipment.status]
    transaction.on_commit(lambda: logger.info("shipment.%s id=%s", shipment.status.lower(), shipment.pk))
    return ShipmentStatus[shipment.status]


def _write_attempt(shipment: Shipment, answer: Answer, now: datetime) -> None:
    proof, error = answer.proof, answer.error
    raw = (proof.raw if proof else error.raw if error else b"") or b""
    ShipmentAttempt.objects.create(
        shipment=shipment,
        number=shipment.tries,
        started_at=answer.started_at,
        ended_at=now,
        outcome=answer.outcome,
        code=(proof.code if proof else error.code if error else "")[:120],
        remote_id=(proof.remote_id if proof else "")[:200],
        message_fr=error.message_fr if error else "",
        digests=answer.digests,
        raw=blobs.store(raw, media_type="application/octet-stream") if raw else None,
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
                outcomes.retry_or_fail(shipment, error, in_doubt=True)
        except transitions.StaleStateError:
            continue
        count += 1
    return count


@transaction.atomic
def retry(shipment: Shipment, *, by: User, reason: str = "relance") -> None:
    """A person sends again what was refused or failed; `find` comes first if it was in doubt.

    A mailbox that died meanwhile is replaced by a live one of the same recipient, when there is one. What goes on at
    another address, was handed over on paper, or arrived at another of her addresses, is not sent again: raises
    ForbiddenTransitionError.
    """
    if fallback.arrived_elsewhere(shipment):
        raise ArrivedElsewhereError(f"shipment {shipment.pk}: another step arrived")
    handed = shipment.papers.filter(status__in=paper_deliveries.HANDED).exists()
    if handed or fallback.is_followed(shipment):
        raise transitions.ForbiddenTransitionError(f"shipment {shipment.pk}: another way has taken its place")
    transitions.move(
        shipment,
        ShipmentStatus.QUEUED,
        reason=reason,
        by=by,
        due_at=timezone.now(),
        tries=0,
        excused=0,
        hold_reason="",
        mailbox=reachable_mailbox(shipment),
    )
    paper_deliveries.drop(shipment, by=by, reason=reason)
    doorbell.ring(DELIVER, shipment.pk, queue=shipment.channel)
