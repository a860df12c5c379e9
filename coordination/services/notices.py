"""Telling a professional that something waits for her, without any health content."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from coordination.models import CareTeamMember, Document, DocumentVersion, Notice, Reading, Shipment
from coordination.ports import Action, Notifier

logger = logging.getLogger(__name__)
WORTH_SENDING = timedelta(days=1)
MOST_FAILURES = 3  # in one round: the server is down
NOTICE_REPLACED = "Un document a été remplacé par une nouvelle version dans perinat."
SAID_AGAIN_AFTER = timedelta(hours=1)  # a request expires after two


def tell(professional_id: UUID, *, text: str, path: str) -> None:
    """Write a notice (same transaction); the periodic task sends it. `text` holds no name, no reason.

    The same sentence is not said again within the hour while she has not seen it.
    """
    same = Notice.objects.filter(professional_id=professional_id, path=path, text=text, seen_at__isnull=True)
    if not same.filter(created_at__gt=timezone.now() - SAID_AGAIN_AFTER).exists():
        Notice.objects.create(professional_id=professional_id, text=text, path=path)


def tell_of_replacement(document: Document, version: DocumentVersion) -> None:
    """Those who received or opened an older version, and still follow this mother, learn that there is a newer one.

    Not to be called for a paper closed to her carers: none of them may open it.
    """
    older = document.versions.filter(validated_at__lt=version.validated_at)
    sent = Shipment.objects.filter(versions__in=older, accepted_at__isnull=False).exclude(action=Action.WITHDRAW)
    concerned = {*sent.values_list("recipient_id", flat=True)}
    concerned |= {*Reading.objects.filter(version__in=older).values_list("professional_id", flat=True)}
    team = CareTeamMember.objects.filter(
        stay_id=document.stay_id, professional__in=concerned - {None}, ended_at__isnull=True, informed_at__isnull=False
    )
    for professional_id in team.exclude(professional=document.author_id).values_list("professional_id", flat=True):
        tell(professional_id, text=NOTICE_REPLACED, path="/mes-visites/")


def send_pending(limit: int = 100) -> int:
    """Send the notices of the day not sent yet to the e-mail of each professional's account.

    An address that fails is tried again at the next round; it does not hold the others.
    """
    notifier: Notifier = import_string(settings.NOTIFIER)()
    recent = Notice.objects.filter(sent_at__isnull=True, created_at__gt=timezone.now() - WORTH_SENDING)
    sent = failed = 0
    for notice in recent.select_related("professional__user").order_by("created_at")[:limit]:
        user = getattr(notice.professional, "user", None)
        if user is not None and user.email:
            try:
                notifier.notify(user.email, text_fr=notice.text, path=notice.path)
            except OSError as error:  # the server, or this address: smtplib's errors are of this kind
                logger.warning("notice.not_sent id=%s error=%s", notice.pk, type(error).__name__)
                failed += 1
                if failed >= MOST_FAILURES:
                    break
                continue
            sent += 1
        Notice.objects.filter(pk=notice.pk).update(sent_at=timezone.now())
    return sent
