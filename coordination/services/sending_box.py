"""Which box a mail leaves from: that of the professional who validated it, when she can open it, else that of the site.

The choice is written before the try (`Shipment.sent_from`): a mail in doubt is sent again from the same box, the same
bytes. A try that surely brought nothing leaves the choice open, and a box that the operator would not open is not
tried again while the site has one (ADR 0021).
"""

from __future__ import annotations

from coordination.models import ChannelName, Document, Mailbox, Professional, Shipment
from coordination.ports import Action
from coordination.selectors import opened_boxes

# what a gateway says of a box that its holder does not open: away, tokens not taken there, token refused
UNOPENED = ("SIGN_IN", "AUTH", "TOKEN", "530", "534", "535", "538")


def choose(shipment: Shipment, document: Document | None) -> None:
    """Before a try, outside of any transaction. `document`: the first of those it carries; None for a letter alone."""
    if shipment.channel != ChannelName.MSSANTE or shipment.to_patient or shipment.in_doubt or document is None:
        return
    chosen = _box(shipment, document)
    if chosen != shipment.sent_from:
        Shipment.objects.filter(pk=shipment.pk).update(sent_from=chosen)
        shipment.sent_from = chosen


def _box(shipment: Shipment, document: Document) -> str:
    """The address; empty for the box of the site."""
    author = _author_in_town(shipment, document)
    if author is None or (shipment.organisation.mailbox and _stayed_shut(shipment)):
        return ""
    former = _former(shipment, document)
    if former == "":  # the box of the site sent it: what follows comes from there, if it still can
        return "" if shipment.organisation.mailbox else _hers(author, waiting=True)
    return _hers(author, waiting=not shipment.organisation.mailbox)


def _stayed_shut(shipment: Shipment) -> bool:
    """She may be signed in all the same: it is the operator who judges."""
    codes = shipment.attempts.values_list("code", flat=True)
    return any(code.partition(" ")[0] in UNOPENED for code in codes)


def _author_in_town(shipment: Shipment, document: Document) -> Professional | None:
    """She validated it herself, outside of a hospital."""
    sender = shipment.sender
    if not sender.is_town_carer or sender.professional_id is None or sender.professional_id != document.author_id:
        return None
    return document.author


def _hers(author: Professional, *, waiting: bool) -> str:
    """Her box when it can be opened now; with nothing else to send from (`waiting`), her box all the same."""
    box = opened_boxes.own_box(author)
    if box is None and waiting:
        box = opened_boxes.declared().filter(professional=author, kind="PER", dead_since__isnull=True).first()
    return box.address if isinstance(box, Mailbox) else ""


def _former(shipment: Shipment, document: Document) -> str | None:
    """Where the version before left from, to the same recipient; None: this is the first."""
    if shipment.action == Action.SEND:
        return None
    earlier = Shipment.objects.filter(
        channel=shipment.channel, versions__document=document, recipient_id=shipment.recipient_id,
        accepted_at__isnull=False, created_at__lt=shipment.created_at,
    )  # fmt: skip
    return earlier.order_by("-created_at").values_list("sent_from", flat=True).first()
