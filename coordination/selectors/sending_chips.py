"""The sending of a whole stay in one to three chips."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from coordination.lifecycles import DocumentStatus, ShipmentStatus
from coordination.models import ChannelName, Document, HoldReason, Reading, Shipment
from coordination.ports import Action
from coordination.selectors import fallback_view
from coordination.selectors.display import Chip

_S = ShipmentStatus
ARRIVED = (_S.ACCEPTED, _S.DELIVERED, _S.INTEGRATED)
MOVING = (_S.QUEUED, _S.SENDING)
STOPPED = (_S.REJECTED, _S.FAILED)


def sending_chips(
    documents: Iterable[Document],
    shipments: Iterable[Shipment],
    letter_readings: Iterable[Reading],
    older_readings: Iterable[Reading] = (),
) -> tuple[Chip, ...]:
    """The sending of a whole stay in one to three chips, what calls for a person first.

    `older_readings`: of a letter replaced since, by who has not opened the new one.
    """
    every = [s for s in shipments if s.status != _S.CANCELLED and s.action != Action.WITHDRAW and not s.to_patient]
    sent = [fallback_view.shown(chain) for chain in fallback_view.chains(every)]
    papers = {s.pk: paper for s in sent if s.status not in ARRIVED and (paper := fallback_view.paper_of(s))}
    handed = {key for key, paper in papers.items() if paper.status in fallback_view.HANDED}
    chips = []
    stopped = [s for s in sent if s.status in STOPPED and not s.functional and s.pk not in papers]
    if stopped:
        chips.append(Chip(f"{len(stopped)} envoi{'s' if len(stopped) > 1 else ''} à corriger", "stop", "alert"))
    if to_give := len(papers) - len(handed):
        chips.append(Chip(f"{to_give} envoi{'s' if to_give > 1 else ''} à remettre sur papier", "todo", "print"))
    to_sign = [d for d in documents if d.status == DocumentStatus.TO_VALIDATE]
    if to_sign:
        chips.append(Chip(f"À valider par {to_sign[0].legal_authenticator} ({len(to_sign)})", "wait", "pen"))
    reading = min(letter_readings, key=lambda r: r.at, default=None)
    if reading is not None:
        chips.append(Chip(f"LLS lue par {reading.professional} le {_short(reading.at)}", "read", "eye"))
    older = min(older_readings, key=lambda r: r.at, default=None)
    if older is not None and reading is None:
        words = f"LLS lue (version précédente) par {older.professional} le {_short(older.at)}"
        chips.append(Chip(words, "wait", "eye"))
    moving = [s for s in sent if s.status in MOVING]
    arrived = [s for s in sent if s.status in ARRIVED or s.pk in handed]
    if moving:
        chips.append(Chip(f"Envoi en cours ({len(arrived)} sur {len(arrived) + len(moving)})", "going", "send"))
    elif arrived and reading is None:
        chips.append(Chip(f"Envoyée {_to_whom(arrived)}", "done", "check"))
    held = [s for s in sent if s.status == _S.HELD and s.pk not in papers]
    if held:
        words = ", ".join(sorted({HoldReason(s.hold_reason).label.lower() for s in held}))
        chips.append(Chip(f"En attente : {words}".replace("ins ", "INS "), "wait", "pause"))
    return tuple(chips[:3]) or (Chip("Rien d'envoyé", "quiet", "dot"),)


def _to_whom(shipments: list[Shipment]) -> str:
    """« au DMP et à 2 professionnels »."""
    people = {s.recipient_id or s.recipient_name for s in shipments if s.channel == ChannelName.MSSANTE}
    parts = ["au DMP"] if any(s.channel == ChannelName.DMP for s in shipments) else []
    if people:
        parts.append(f"à {len(people)} professionnel{'s' if len(people) > 1 else ''}")
    return " et ".join(parts)


def _short(at: datetime) -> str:
    return f"{timezone.localtime(at):%d/%m à %-H h %M}"
