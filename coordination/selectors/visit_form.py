"""What the pages of the visit and of the interview show besides their questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Prefetch, Subquery

from coordination.lifecycles import HandoverStatus, ShipmentStatus, WorkItemStatus
from coordination.models import (
    CareTeamMember,
    ChannelName,
    Document,
    DocumentVersion,
    Encounter,
    Handover,
    HoldReason,
    Newborn,
    Person,
    Shipment,
    Stay,
    User,
    WorkItem,
    WorkItemKind,
)
from coordination.ports import Action
from coordination.selectors import identity
from coordination.selectors.display import Chip, chip_of_row
from coordination.selectors.identity import PersonCard

VISITABLE = (HandoverStatus.ACCEPTED, HandoverStatus.SCHEDULED, HandoverStatus.MISSED, HandoverStatus.ESCALATED)
MAY_REFUSE = (HandoverStatus.ACCEPTED, HandoverStatus.SCHEDULED, HandoverStatus.ESCALATED)

BY_HAND = "Remettez la synthèse imprimée à cette personne, ou appelez-la."
TO_TELL = "Appelez cette personne : elle ne sait pas encore que la synthèse est retirée."
NO_ADDRESS = f"Aucune adresse MSSanté n'est connue : l'envoi part seul si l'annuaire en reçoit une. {BY_HAND}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One person of the visit: `written_at` when her or his synthesis exists."""

    person: Person
    card: PersonCard
    is_mother: bool
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """One synthesis and the state of each sending, with what she has to do when it did not arrive.

    `cda`: its file is ready; `in_dmp`: her structure deposits it.
    """

    document_id: UUID | None
    title: str
    card: PersonCard
    done_at: datetime
    shipments: tuple[tuple[str, Chip, str], ...]
    cda: bool = False
    in_dmp: bool = False


def stay_for(user: User, stay_id: UUID) -> Stay | None:
    """A stay this user may see, with its mother."""
    return Stay.objects.visible_to(user).select_related("mother", "maternity").filter(pk=stay_id).first()


def people(user: User, stay: Stay, *, since: datetime) -> list[Seen]:
    """The mother, then each child by rank; `written_at` counts her own visits from `since` on."""
    newborns = list(Newborn.objects.filter(stay=stay, link_ended_at__isnull=True).select_related("person"))
    visits = Encounter.objects.visible_to(user).filter(stay=stay, kind="HOME_VISIT", done_at__gte=since)
    written = dict(visits.order_by("done_at").values_list("person_id", "done_at"))
    mother = Seen(stay.mother, identity.mother_card(stay.mother), True, written.get(stay.mother_id))
    children = [
        Seen(n.person, identity.newborn_card(n, several=len(newborns) > 1), False, written.get(n.person_id))
        for n in newborns
    ]
    return [mother, *children]


def own_handover(user: User, stay: Stay) -> Handover | None:
    """Her relay for this stay, whatever its state."""
    return Handover.objects.visible_to(user).filter(stay=stay).first()


def members(stay: Stay, *, without: Any) -> list[CareTeamMember]:
    """Who follows this stay today, except the author of the paper to come."""
    rows = CareTeamMember.objects.filter(stay=stay, ended_at__isnull=True).exclude(professional_id=without)
    return list(rows.select_related("professional").order_by("chosen_at"))


def sent(user: User, stay: Stay) -> list[Sent]:
    """Her syntheses of this stay, newest first, each with the state of its sendings."""
    lines = WorkItem.objects.filter(
        kind=WorkItemKind.SHIPMENT_REFUSED, status=WorkItemStatus.OPEN, shipment=OuterRef("pk")
    )
    own = Shipment.objects.visible_to(user).annotate(line=Subquery(lines.order_by("opened_at").values("message")[:1]))
    versions = DocumentVersion.objects.prefetch_related(Prefetch("shipments", queryset=own, to_attr="seen"))
    rows = (
        Encounter.objects.visible_to(user)
        .filter(stay=stay)
        .select_related("person", "document__organisation")
        .prefetch_related(Prefetch("document__versions", queryset=versions))
    )
    newborns = {n.person_id: n for n in Newborn.objects.filter(stay=stay).select_related("person")}
    return [_sent(row, newborns) for row in rows]


def _to_do(shipment: Any) -> str:
    """What is left to her, of a sending that perinat cannot bring by itself."""
    if shipment.line:
        by_hand = shipment.channel == ChannelName.MSSANTE and not shipment.to_patient  # hers says what to do
        act = TO_TELL if shipment.action == Action.WITHDRAW else BY_HAND
        return f"{shipment.line} {act}" if by_hand else str(shipment.line)
    waits = shipment.status == ShipmentStatus.HELD and shipment.hold_reason == HoldReason.ADDRESS
    return NO_ADDRESS if waits else ""


def _sent(row: Encounter, newborns: dict[UUID, Newborn]) -> Sent:
    newborn = newborns.get(row.person_id)
    card = identity.newborn_card(newborn, several=len(newborns) > 1) if newborn else identity.mother_card(row.person)
    document: Document | None = row.document
    versions: list[Any] = list(document.versions.all()) if document else []
    shipments = {
        s.pk: (s.recipient_name or s.get_channel_display(), chip_of_row(s), _to_do(s))
        for version in versions
        for s in version.seen
    }
    return Sent(
        document_id=document.pk if document else None,
        title=row.get_kind_display(),
        card=card,
        done_at=row.done_at,
        shipments=tuple(shipments.values()),
        cda=any(version.cda_id for version in versions),
        in_dmp=document is not None and document.organisation.deposits_in_dmp,
    )
