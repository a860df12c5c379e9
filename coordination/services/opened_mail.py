"""What comes from a box that people open themselves: documents, and receipts of our own sendings. Nothing else is kept.

It stays in the box, where its holder reads it with other software: perinat moves and marks nothing there (ADR 0021).
"""

from __future__ import annotations

from coordination.models import Mailbox
from coordination.ports import Incoming, ReceiptKind
from coordination.services import mail_intake, receipts


def take(incoming: Incoming, box: Mailbox) -> None:
    """Keep what concerns perinat, in the caller's transaction."""
    holder = box.professional
    site = holder.organisation if holder else box.organisation
    assert site is not None  # mailbox_has_one_owner
    if incoming.mail is not None and incoming.kind is not ReceiptKind.UNKNOWN:  # words alone are hers
        mail_intake.store(incoming, site, holder=holder)
        return
    shipment = receipts.shipment_of(incoming)
    if shipment is not None and shipment.sent_from.lower() == box.address.lower():
        receipts.store(incoming)
