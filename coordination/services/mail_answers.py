"""What became of a mail is told to who asked for it, once, when its last document has its place.

« processed » is said when everything is filed, « processed/error » with its code when a person put something aside:
a document that waits for a person is answered later, not twice (RFC 8098 §2.1: one notification for a mail).
"""

from __future__ import annotations

import logging
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from coordination import blobs, channels, deadlines
from coordination.lifecycles import ReceivedStatus as R
from coordination.models import ChannelName, ReceivedMail
from coordination.ports import (
    Correspondent,
    PermanentChannelError,
    TemporaryChannelError,
    UncertainChannelError,
)
from coordination.selectors import opened_boxes
from perinat.standards.received import Disposition

logger = logging.getLogger(__name__)
OTHER = "906"
DELAYS = deadlines.RETRY_DELAYS
GIVEN_UP_FR = "L'accusé d'intégration n'a pas pu être envoyé après plusieurs essais."


def settle(mail: ReceivedMail) -> None:
    """The answer is due once no document waits any more. In the caller's transaction."""
    if not mail.receipt_to or mail.answered_at or mail.answer_due_at:
        return
    rows = list(mail.documents.values_list("status", "code"))
    if any(status == R.TO_SORT for status, _ in rows):
        return
    aside = [code or OTHER for status, code in rows if status == R.DISCARDED]
    mail.answer_code, mail.answer_due_at = (aside[0] if aside else ""), timezone.now()
    mail.save(update_fields=["answer_code", "answer_due_at"])


def due_ids(limit: int = 50) -> list[UUID]:
    rows = ReceivedMail.objects.filter(answered_at__isnull=True, answer_refusal="", answer_due_at__lte=timezone.now())
    if channels.stopped().filter(channel=ChannelName.MSSANTE).exists():
        return []
    # Of a box that its holder opens herself: when she is there again (ADR 0021).
    rows = rows.exclude(mailbox__in=opened_boxes.closed_addresses())
    return list(rows.order_by("answer_due_at").values_list("pk", flat=True)[:limit])


def send(mail_id: UUID) -> bool:
    """One try. The same Message-ID each time: an answer that arrives twice is one mail for who receives it."""
    channel = channels.get(ChannelName.MSSANTE)
    if not isinstance(channel, Correspondent) or not _claimed(mail_id):
        return False
    mail = ReceivedMail.objects.select_related("raw").get(pk=mail_id)
    try:
        channel.answer(
            Disposition(
                mailbox=mail.mailbox,
                to=mail.receipt_to,
                message_id=f"mdn.{mail.pk}",
                code=mail.answer_code,
                at=mail.received_at,
                original=blobs.read(mail.raw),
            )
        )
    except PermanentChannelError as error:
        _given_up(mail, error.message_fr, error.code)
        return False
    except (TemporaryChannelError, UncertainChannelError) as error:
        logger.warning("answer.later id=%s code=%s", mail.pk, error.code)
        if mail.answer_tries >= len(DELAYS):
            _given_up(mail, GIVEN_UP_FR, error.code)
        return False
    ReceivedMail.objects.filter(pk=mail.pk).update(answered_at=timezone.now())
    return True


def _claimed(mail_id: UUID) -> bool:
    """Taken by one worker; the next try is due after the delay, whatever becomes of this one."""
    now = timezone.now()
    rows = ReceivedMail.objects.filter(pk=mail_id, answered_at__isnull=True, answer_refusal="", answer_due_at__lte=now)
    tries = rows.values_list("answer_tries", flat=True).first()
    if tries is None:
        return False
    later = now + DELAYS[min(tries, len(DELAYS) - 1)]
    return bool(rows.filter(answer_tries=tries).update(answer_tries=F("answer_tries") + 1, answer_due_at=later))


def _given_up(mail: ReceivedMail, message_fr: str, code: str) -> None:
    logger.error("answer.given_up id=%s code=%s", mail.pk, code)
    ReceivedMail.objects.filter(pk=mail.pk).update(answer_refusal=message_fr)
