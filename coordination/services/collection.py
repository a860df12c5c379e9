"""Step 6, its edge: what arrived on a channel is stored once and acknowledged; one mail never stops the others.

The place of a broad `except` beside the tasks: a mail is written by anybody, and whatever breaks on it
must leave the rest of the mailbox readable.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from coordination import channels
from coordination.ports import Channel, ChannelError, Incoming, ReceiptKind
from coordination.selectors import opened_boxes
from coordination.services import mail_intake, opened_mail, patient_replies, receipts
from coordination.services.alone import alone

logger = logging.getLogger(__name__)

MOST_TRIES = 3  # rounds in which one item may fail before it is put aside
MOST_FAILURES = 20  # items that fail in one round before it stops
MOST_REMEMBERED = 10_000
_tries: dict[str, int] = {}  # digest → failures, in this process only: forgetting costs one more round
PUT_ASIDE = "PUT_ASIDE"
PUT_ASIDE_FR = (
    "Un message reçu dans la boîte du service n'a pas pu être traité. Il est mis de côté : à lire par une personne."
)


def collect(name: str) -> int:
    """Fetch what arrived on a channel, store each item once, acknowledge it after the commit. Returns how many.

    One collector at a time per channel: another one that comes meanwhile does nothing. An item on which the
    storing breaks stops nothing: it is offered again, then put aside (MOST_TRIES). MOST_FAILURES of them in
    one round are no longer the fault of each: the round stops, and what is left stays in the mailbox.
    """
    with alone(f"collect.{name}") as first:
        if not first:
            return 0
        channel, count, failed = channels.get(name), 0, 0
        try:
            for incoming in channel.collect():
                if _take(channel, incoming):
                    count += 1
                    continue
                failed += 1
                if failed >= MOST_FAILURES:
                    logger.error("receipts.collect_stopped channel=%s failed=%d", name, failed)
                    break
        except ChannelError as error:
            logger.warning("receipts.collect_failed channel=%s code=%s", name, error.code)
        return count


def _take(channel: Channel, incoming: Incoming) -> bool:
    """Store one item, or put it aside when it failed MOST_TRIES times, and acknowledge it; False: it stays."""
    try:
        with transaction.atomic():
            _store(incoming)
    except Exception as error:  # one mail, whatever is wrong with it, must not keep the others from being read
        if not _kept_aside(incoming, error):
            return False
    _tries.pop(incoming.digest, None)
    channel.acknowledge(incoming)
    return True


def _store(incoming: Incoming) -> None:
    """A mail that brings documents to one of our boxes, words of a patient, or what came back about a sending."""
    opened = opened_boxes.by_address(incoming.mailbox)
    if opened is not None:
        opened_mail.take(incoming, opened)
        return
    site = receipts.site_of(incoming.mailbox) if incoming.mail is not None else None
    if incoming.kind is ReceiptKind.REPLY:
        patient_replies.store(incoming, site)
    elif site is not None:
        mail_intake.store(incoming, site)
    else:
        receipts.store(incoming)


def take_again(incoming: Incoming) -> None:
    """A mail that was kept aside, now that its box is a site's. In the caller's transaction."""
    _store(incoming)


def _kept_aside(incoming: Incoming, broke: Exception) -> bool:
    """The same edge around what puts aside: when that breaks too, the item stays in the mailbox."""
    try:
        with transaction.atomic():
            return _put_aside(incoming, broke)
    except Exception as error:
        logger.error("receipt.not_put_aside digest=%s cause=%s", incoming.digest[:12], type(error).__name__)
        return False


def _put_aside(incoming: Incoming, broke: Exception) -> bool:
    """Keep the item encrypted with its place and the cause, and a line for a person; False before MOST_TRIES.

    The first failures may be those of an instant (a row moved meanwhile, a database that restarts). From a box that
    people open, nothing is kept: its holder is told, and a disk that fails is waited for, as it is for our own boxes.
    """
    cause = type(broke).__name__
    if len(_tries) > MOST_REMEMBERED:
        _tries.clear()
    tries = _tries[incoming.digest] = _tries.get(incoming.digest, 0) + 1
    logger.error("receipt.not_stored digest=%s try=%d cause=%s", incoming.digest[:12], tries, cause)
    if tries < MOST_TRIES:
        return False
    opened = opened_boxes.by_address(incoming.mailbox)
    if opened is not None:
        if isinstance(broke, OSError) and broke.errno is not None:  # the machine said no, whatever the mail
            return False
        opened_mail.tell_unread(incoming, opened)
        return True
    receipts.store(
        replace(
            incoming,
            kind=ReceiptKind.UNKNOWN,
            message_id="",
            at=timezone.now(),
            code=f"{PUT_ASIDE} {cause} {incoming.token}",
            message_fr=PUT_ASIDE_FR,
        )
    )
    logger.error("receipt.put_aside digest=%s cause=%s", incoming.digest[:12], cause)
    return True
