"""What comes from a box that people open themselves: documents, and receipts of our own sendings. Nothing else is kept.

It stays in the box, where its holder reads it with other software: perinat moves and marks nothing there (ADR 0021).
What could not be read here is told to who holds the box, without a word of it: the cursor does not pass in silence.
"""

from __future__ import annotations

from django.utils import timezone

from coordination.models import Mailbox, Notice, Organisation, User, WorkItem, WorkItemKind
from coordination.ports import Incoming, ReceiptKind
from coordination.services import mail_intake, notices, receipts, worklist

PATH = "/courrier/"
UNREAD_FR = (
    "Un message du {at} dans votre boîte MSSanté n'a pas pu être lu dans perinat : "
    "il y est resté, lisez-le avec votre messagerie."
)
UNREAD_LINE_FR = (
    "Un message du {at}, dans une boîte MSSanté que le service ouvre avec Pro Santé Connect, n'a pas pu être lu dans "
    "perinat. Il y est resté : ses titulaires le lisent avec leur messagerie."
)


class NobodyToTellError(Exception):
    """No account holds the box any more: the mail is offered again to the next one."""


def take(incoming: Incoming, box: Mailbox) -> None:
    """Keep what concerns perinat, in the caller's transaction. Raises NobodyToTellError."""
    if incoming.mail is None and incoming.kind is ReceiptKind.UNKNOWN:  # the channel could not read it
        tell_unread(incoming, box)
        return
    if incoming.mail is not None and incoming.kind is not ReceiptKind.UNKNOWN:  # words alone are hers
        mail_intake.store(incoming, _site(box), holder=box.professional)
        return
    shipment = receipts.shipment_of(incoming)
    if shipment is not None and shipment.sent_from.lower() == box.address.lower():
        receipts.store(incoming)


def tell_unread(incoming: Incoming, box: Mailbox) -> None:
    """Say once that a mail stayed unread: when it came, nothing of what it says. Raises NobodyToTellError."""
    holders = _holders(box)
    if not holders:
        raise NobodyToTellError
    at = timezone.localtime(incoming.at).strftime("%d/%m/%Y à %H:%M")
    text = UNREAD_FR.format(at=at)
    for holder in holders:
        assert holder.professional_id is not None  # _holders
        if not Notice.objects.filter(professional=holder.professional_id, text=text).exists():  # offered again
            notices.tell(holder.professional_id, text=text, path=PATH)
    if any(holder.is_hospital for holder in holders) and box.professional_id is None:
        _open_line(incoming, box, at)


def _open_line(incoming: Incoming, box: Mailbox, at: str) -> None:
    """The shared box of a hospital: its staff works from a list."""
    key = f"opened:{incoming.digest}"
    if not WorkItem.objects.filter(key=f"{WorkItemKind.RECEIPT_UNKNOWN}:{key}").exists():
        worklist.open_item(
            WorkItemKind.RECEIPT_UNKNOWN, key=key, organisation=_site(box), message=UNREAD_LINE_FR.format(at=at)
        )


def _holders(box: Mailbox) -> list[User]:
    """The accounts that may open it."""
    accounts = User.objects.filter(is_active=True, professional__isnull=False)
    if box.professional_id is not None:
        return list(accounts.filter(professional=box.professional_id))
    return list(accounts.filter(organisation=box.organisation_id))


def _site(box: Mailbox) -> Organisation:
    site = box.professional.organisation if box.professional else box.organisation
    assert site is not None  # mailbox_has_one_owner
    return site
