"""Mails that came into a box that no site owns: kept, told to the administrator, given to the site that takes it."""

from __future__ import annotations

from django.db import transaction

from coordination import audit, blobs, channels
from coordination.models import ChannelName, Organisation, Receipt, User
from coordination.ports import Correspondent, ReceiptKind
from coordination.selectors import nobodys_mail
from coordination.services import collection, receipts

# what it brings was not looked at, since nobody was to see it
UNREAD = (ReceiptKind.DOCUMENTS, ReceiptKind.REPLY, ReceiptKind.UNKNOWN)


@transaction.atomic
def hand_over(site: Organisation, *, by: User) -> int:
    """What waited in the box that this site has just been given: each mail as if it came now. Returns how many."""
    if not site.mailbox:
        return 0
    rows = list(nobodys_mail.waiting().filter(mailbox__iexact=site.mailbox).select_for_update().order_by("received_at"))
    for receipt in rows:
        if receipt.kind not in UNREAD or not _taken_in(receipt):
            receipts.tell_a_person(receipt, site)
    Receipt.objects.filter(pk__in=[receipt.pk for receipt in rows]).update(mailbox="")
    if rows:
        audit.record("mailbox.handed_over", by=by, subject=site, mails=len(rows))
    return len(rows)


def _taken_in(receipt: Receipt) -> bool:
    """Its documents find their place, or a person, in the box of the site; False: it brings nothing any more."""
    channel = channels.get(ChannelName.MSSANTE)
    if not isinstance(channel, Correspondent):
        return False
    again = channel.reread(blobs.read(receipt.raw), mailbox=receipt.mailbox, received_at=receipt.received_at)
    if again.mail is None:  # a receipt of a form that nobody knows, or too large to be read here
        return False
    collection.take_again(again)
    return True
