"""Which MSSanté address reaches a professional: the one order of preference, first sending and next steps alike.

Her own addresses come first, then the shared boxes of the organisation she works for (never a colleague's own); the
ones that the directory still publishes before the others. A dead box is never offered, nor a shared one to a paper
that may not be read there (ADR 0022).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import F, QuerySet

from coordination.models import Document, Mailbox, Professional, Shipment
from perinat.standards.fallback import Allowed, Step, policy


def _boxes(professional: Professional, step: Step) -> QuerySet[Mailbox]:
    latest = (F("left_directory_at").asc(nulls_first=True), F("last_success_at").desc(nulls_last=True))
    if step is Step.PERSONAL:
        rows = professional.mailboxes.all()
    else:
        rows = Mailbox.objects.filter(organisation=professional.organisation_id, kind__in=policy().boxes)
    return rows.filter(dead_since__isnull=True).order_by(*latest, "address")


def live_mailbox(professional: Professional, *, shared: bool) -> Mailbox | None:
    """The address to use first. `shared`: the papers may be read in the box of her organisation too."""
    own = _boxes(professional, Step.PERSONAL).first()
    return own or (_boxes(professional, Step.ORGANISATION).first() if shared else None)


def live_mailboxes(professional: Professional, *, shared: bool) -> list[Mailbox]:
    """All of them, the one to use first at the head."""
    steps = (Step.PERSONAL, Step.ORGANISATION) if shared else (Step.PERSONAL,)
    return [box for step in steps for box in _boxes(professional, step)]


def next_mailbox(professional: Professional, step: Step, *, tried: Collection[UUID]) -> Mailbox | None:
    """Another address at this step, that was not tried."""
    return _boxes(professional, step).exclude(pk__in=tried).first()


def reachable_mailbox(shipment: Shipment) -> Mailbox | None:
    """Where a shipment goes: its own mailbox, or a live one of the same recipient when that one died.

    A recall goes where the paper is, even to a shared box that the paper may not reach any more.
    """
    mailbox = shipment.mailbox
    if mailbox is not None and mailbox.dead_since and shipment.recipient is not None:
        return live_mailbox(shipment.recipient, shared=may_be_shared(papers_of(shipment))) or mailbox
    return mailbox


def papers_of(shipment: Shipment) -> list[Document]:
    return [version.document for version in shipment.versions.select_related("document").defer("frozen")]


def allowed(papers: Iterable[Document]) -> Allowed:
    """The steps that all these papers allow: the most careful one decides."""
    carried = list(papers)
    classes = {paper.type.document_class.code for paper in carried}
    return policy().allowed(classes, sensitive=any(paper.masks for paper in carried))


def may_be_shared(papers: Iterable[Document]) -> bool:
    """Whether all these papers may go to a box that several people read."""
    return Step.ORGANISATION in allowed(papers).steps
