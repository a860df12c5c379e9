"""The story of a sending that did not arrive at once, as a person reads it: one line for a whole chain (ADR 0022)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from coordination.lifecycles import PaperStatus, ShipmentStatus
from coordination.models import HoldReason, MailboxKind, PaperDelivery, Shipment
from coordination.selectors.display import Chip, chip_of_row
from perinat.standards.fallback import policy

_S, _P = ShipmentStatus, PaperStatus
ARRIVED = (_S.ACCEPTED, _S.DELIVERED, _S.INTEGRATED)
STOPPED = (_S.REJECTED, _S.FAILED)
HANDED = (_P.GIVEN, _P.OPENED)
WORDS = {_S.HELD: "en attente", _S.QUEUED: "envoi en cours", _S.SENDING: "envoi en cours"}
TO_GIVE = "Aucune adresse ne l'a reçu : remettez les papiers en main propre, ou la feuille imprimée avec un code."


@dataclass(frozen=True, slots=True)
class Story:
    """What a chain says besides the state of its last step. `chain`: its steps in words, empty for a single one."""

    chain: tuple[str, ...]
    chip: Chip | None = None
    sentence: str = ""
    next_act: str | None = None


# The steps after one that arrived: few rows have one before them, and the index of that link finds them.
AFTER_AN_ARRIVAL = """
WITH RECURSIVE settled(id) AS (
  SELECT step.id FROM coordination_shipment step
    JOIN coordination_shipment former ON former.id = step.fallback_of_id
   WHERE step.fallback_of_id IS NOT NULL AND former.status IN (%s, %s, %s)
   UNION
  SELECT step.id FROM coordination_shipment step JOIN settled ON step.fallback_of_id = settled.id
)
SELECT id FROM settled
"""


def settled_elsewhere() -> Q:
    """Of a refused shipment: another step of its chain took its place or arrived, or its papers were handed over.

    Nobody corrects it.
    """
    following = Shipment.objects.filter(fallback_of=OuterRef("pk")).exclude(status=_S.CANCELLED)
    handed = PaperDelivery.objects.filter(shipment=OuterRef("pk"), status__in=HANDED)
    return Q(Exists(following)) | Q(Exists(handed)) | Q(pk__in=RawSQL(AFTER_AN_ARRIVAL, ARRIVED))


def chains(shipments: Iterable[Shipment]) -> list[list[Shipment]]:
    """The sendings that follow one another, first address first, each chain where its first step stood."""
    rows = [one for one in shipments if one.status != _S.CANCELLED]
    known = {one.pk for one in rows}
    after = {one.fallback_of_id: one for one in rows if one.fallback_of_id in known}
    found = []
    for first in (one for one in rows if one.fallback_of_id not in known):
        chain = [first]
        while chain[-1].pk in after:
            chain.append(after[chain[-1].pk])
        found.append(chain)
    return found


def shown(chain: list[Shipment]) -> Shipment:
    """The step that says where the papers are: the first that arrived, else the last."""
    return next((one for one in chain if one.status in ARRIVED), chain[-1])


def paper_of(shipment: Shipment) -> PaperDelivery | None:
    """Its papers to hand over, if any (`papers` loaded)."""
    return next((one for one in shipment.papers.all() if one.status != _P.DROPPED), None)


def story(chain: list[Shipment]) -> Story:
    """`mailbox__organisation` and `papers` loaded."""
    last = shown(chain)
    paper = None if last.status in ARRIVED else paper_of(last)
    if len(chain) == 1 and paper is None:
        return Story(())
    words = [_step(one) for one in chain]
    if paper is None:
        return Story(tuple(words))
    words.append(str(paper.get_status_display()).lower())
    waits = paper.status == _P.TO_GIVE
    return Story(tuple(words), chip_of_row(paper), TO_GIVE if waits else "", "paper" if waits else "handed")


def _step(shipment: Shipment) -> str:
    """« adresse de Claire AUBÉPINE refusée (boîte pleine) »."""
    if shipment.hold_reason == HoldReason.ADDRESS and shipment.status == _S.HELD:
        return "aucune adresse connue"
    return f"{_where(shipment)} {_how(shipment)}"


def _where(shipment: Shipment) -> str:
    box: Any = shipment.mailbox
    if box is None or box.kind == MailboxKind.PER:
        return f"adresse de {shipment.recipient_name}"
    return f"boîte partagée ({box.organisation})" if box.organisation_id else "boîte partagée"


def _how(shipment: Shipment) -> str:
    if shipment.status in STOPPED:
        return f"refusée ({policy().reason(shipment.last_code).label})"
    status = ShipmentStatus[shipment.status]
    return f": {WORDS.get(status, status.label.lower())}"
