"""The last step of a sending that reaches no address: its papers are handed over by a person (ADR 0022)."""

from __future__ import annotations

import contextlib

from django.db import IntegrityError, transaction
from django.utils import timezone

from coordination.lifecycles import PaperStatus
from coordination.models import PaperDelivery, Shipment, User, WorkItemKind
from coordination.services import transitions, worklist
from perinat.standards.fallback import Reason

_P = PaperStatus
LIVING = (_P.TO_GIVE, _P.GIVEN, _P.OPENED)
HANDED = (_P.GIVEN, _P.OPENED)
LINE = WorkItemKind.PAPER_TO_GIVE
NEVER_ARRIVED = (
    "L'envoi à {who} n'est arrivé à aucune de ses adresses ({why}). Remettez-lui ces papiers en main propre, ou "
    "imprimez la feuille à remettre."
)
NO_ADDRESS = (
    "Aucune adresse MSSanté n'est connue pour {who}. Remettez-lui ces papiers en main propre, ou imprimez la feuille à "
    "remettre. Si une adresse est ajoutée à l'annuaire avant, l'envoi part seul."
)


def offer(shipment: Shipment, why: Reason) -> PaperDelivery | None:
    """Open the paper step and its line on the ward's list, or None when it is open already.

    Asked at each round of what waits: looked at first, so that the base refuses nothing but a real race.
    """
    if shipment.papers.filter(status__in=LIVING).exists():
        return None
    paper = PaperDelivery(
        shipment=shipment,
        organisation_id=shipment.organisation_id,
        stay_id=shipment.stay_id,
        why=why.name,
        opened_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            paper.save(force_insert=True)
            transitions.created(paper, reason=why.label)
    except IntegrityError:
        return None
    sentence = NO_ADDRESS if why.name == "NO_ADDRESS" else NEVER_ARRIVED
    worklist.open_item(
        LINE,
        key=str(shipment.pk),
        organisation=shipment.organisation,
        stay=shipment.stay,
        shipment=shipment,
        message=sentence.format(who=shipment.recipient_name, why=why.label),
    )
    return paper


def drop(shipment: Shipment, *, reason: str, by: User | None = None) -> None:
    """Nothing is to be handed over any more: the sending lives again, arrived, or is cancelled. Its codes die."""
    for paper in shipment.papers.filter(status__in=LIVING):
        transitions.move(paper, _P.DROPPED, by=by, reason=reason, closed_at=timezone.now())
        paper.codes.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
    worklist.close_items(LINE, key=str(shipment.pk), by=by, reason=reason)


@transaction.atomic
def give(paper: PaperDelivery, *, by: User) -> None:
    """« Remis en main propre »: the papers, or the sheet, are in her hands. A code printed with it goes on living."""
    transitions.move(paper, _P.GIVEN, by=by, closed_at=timezone.now())
    _close(paper, by, "remis en main propre")


def opened(paper: PaperDelivery, *, by: User) -> None:
    """Somebody has read a paper with the code: it arrived."""
    if paper.status not in (_P.TO_GIVE, _P.GIVEN):
        return
    with contextlib.suppress(transitions.StaleStateError), transaction.atomic():  # two papers opened at once
        transitions.move(paper, _P.OPENED, by=by, closed_at=paper.closed_at or timezone.now())
        _close(paper, by, "ouvert avec le code")


def _close(paper: PaperDelivery, by: User, reason: str) -> None:
    worklist.close_items(LINE, key=str(paper.shipment_id), by=by, reason=reason)
