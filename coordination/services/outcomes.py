"""What an answer commands: the passage of the shipment, and who is told. In the transaction that records the try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from coordination import deadlines, doorbell
from coordination.lifecycles import ShipmentStatus
from coordination.models import ChannelName, Mailbox, Shipment, WorkItemKind
from coordination.ports import Action, ChannelError, PermanentChannelError, PreviousAbsentError, Proof
from coordination.services import (
    fallback,
    intake_reports,
    letters,
    notices,
    recalls,
    receipts,
    succession,
    transitions,
    worklist,
)
from coordination.services.breaker import Sign
from coordination.services.routing import DELIVER

NOTICE_PAPER = "Un document vous attend dans perinat."
ACCEPTED, FOUND, PERMANENT, TEMPORARY, UNCERTAIN = "ACCEPTED", "FOUND", "PERMANENT", "TEMPORARY", "UNCERTAIN"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one try gave: an outcome, and the proof or the error behind it.

    `unasked`: the proof was already here, the channel was not asked; `doubt`: it may hold what was sent, this time or
    before.
    """

    outcome: str
    started_at: datetime
    digests: dict[str, str]
    proof: Proof | None = None
    error: ChannelError | None = None
    unasked: bool = False
    doubt: bool = False

    @property
    def sign(self) -> Sign:
        """What it tells of the channel itself: any answer, even a refusal, says that it lives."""
        if self.error is None:
            return Sign.NOTHING if self.unasked else Sign.ALIVE
        if self.error.of_channel:
            return Sign.DOWN
        return Sign.ALIVE if self.error.raw or isinstance(self.error, PreviousAbsentError) else Sign.NOTHING


def apply(shipment: Shipment, answer: Answer, silent_since: datetime | None, now: datetime) -> None:
    if answer.error is None:
        _accept(shipment, answer)
    elif isinstance(answer.error, PreviousAbsentError) and shipment.action == Action.REPLACE:
        succession.send_as_new(shipment, reason=answer.error.code)
        doorbell.ring(DELIVER, shipment.pk, queue=shipment.channel)
    elif answer.outcome == PERMANENT:
        _reject(shipment, answer.error, doubt=answer.doubt)
    else:
        doubt = answer.outcome == UNCERTAIN  # an older doubt stays too
        retry_or_fail(shipment, answer.error, in_doubt=doubt, silent_since=silent_since, now=now)


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
    intake_reports.note_sending(shipment)
    _tell(shipment)
    if shipment.channel == ChannelName.MSSANTE:  # only a mailbox sends receipts
        receipts.apply_waiting(shipment)


def _tell(shipment: Shipment) -> None:
    """The recipient learns that a paper arrived, without its content; a letter answers who asked for it."""
    if shipment.action != Action.SEND or shipment.to_patient:
        return
    if shipment.recipient_id:
        notices.tell(shipment.recipient_id, text=NOTICE_PAPER, path="/mes-visites/")
    letters.answer_if_awaited(shipment)


def _failure_fields(error: ChannelError) -> dict[str, Any]:
    return {"lease_until": None, "last_code": error.code[:120], "last_message": error.message_fr}


def _reject(shipment: Shipment, error: ChannelError, *, doubt: bool) -> None:
    """A person must act. Refused the question while in doubt, the sending may have arrived: it stays in doubt."""
    functional = isinstance(error, PermanentChannelError) and error.functional
    transitions.move(
        shipment,
        ShipmentStatus.REJECTED,
        reason=error.code,
        functional=functional,
        in_doubt=doubt,
        **_failure_fields(error),
    )
    intake_reports.note_sending(shipment)
    if not functional:
        fallback.follow(shipment, error.message_fr)
    receipts.apply_waiting(shipment)


def retry_or_fail(
    shipment: Shipment,
    error: ChannelError,
    *,
    in_doubt: bool,
    silent_since: datetime | None = None,
    now: datetime | None = None,
) -> None:
    """Wait by the table of delays; when it is exhausted a person decides.

    `silent_since`: the whole channel is down since then, and the try is not held against the shipment, unless
    trying again and again might double what cannot be asked for.
    """
    now = now or timezone.now()
    doubt = in_doubt or shipment.in_doubt
    may_ask = shipment.channel == ChannelName.DMP  # it can be asked at once; a mail cannot: time is given to its DSN
    excused = silent_since is not None and (may_ask or not in_doubt)
    own = shipment.tries - shipment.excused - excused
    if own > len(deadlines.RETRY_DELAYS):
        transitions.move(shipment, ShipmentStatus.FAILED, reason=error.code, in_doubt=doubt, **_failure_fields(error))
        intake_reports.note_sending(shipment)
        fallback.follow(shipment, error.message_fr)
        receipts.apply_waiting(shipment)
        return
    if excused and silent_since is not None:
        delay = deadlines.growing(now - silent_since, deadlines.OUTAGE_WAIT)
    elif in_doubt and may_ask:
        delay = deadlines.UNCERTAIN_DELAY
    else:
        delay = deadlines.RETRY_DELAYS[own - 1]
    transitions.move(
        shipment,
        ShipmentStatus.QUEUED,
        reason=error.code,
        in_doubt=doubt,
        excused=shipment.excused + excused,
        due_at=now + deadlines.spread(delay, f"{shipment.pk}:{shipment.tries}"),
        **_failure_fields(error),
    )
