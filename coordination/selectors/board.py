"""The orientation board: the mothers of a territory (CPTS), from « nobody » to « seen », oldest first.

Six queries whatever the number of mothers. A card says a first name and an initial, a commune, hours and
needs: nothing of the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone

from coordination import deadlines
from coordination.lifecycles import HandoverStatus, OfferStatus, WorkItemStatus
from coordination.models import Event, Handover, Offer, Person, User, WorkItem, WorkItemKind
from coordination.selectors.display import Chip, Deadline, chip_of_row

_H = HandoverStatus
SEEN_SHOWN_FOR = timedelta(days=7)
ENDED_SHOWN_FOR = timedelta(days=14)
COLUMNS: tuple[tuple[str, tuple[HandoverStatus, ...], str], ...] = (
    ("À placer", (_H.TO_PLACE,), "Aucune mère à placer."),
    ("Demandé", (_H.ASKED,), "Aucune demande en cours."),
    ("Accepté", (_H.ACCEPTED,), "Aucune."),
    ("Daté", (_H.SCHEDULED,), "Aucune visite datée."),
    ("Vu", (_H.SEEN,), "Aucune visite confirmée depuis 7 jours."),
    ("En difficulté", (_H.ESCALATED, _H.MISSED), "Aucune."),
)
WAITING = (_H.TO_PLACE, _H.ASKED, _H.ACCEPTED, _H.SCHEDULED, _H.MISSED, _H.ESCALATED)
ENDED = (_H.CLOSED, _H.DECLINED_BY_MOTHER)
ACTS = {_H.TO_PLACE: "Demander", _H.ASKED: "Voir les réponses", _H.ESCALATED: "Agir", _H.MISSED: "Agir"}
CATEGORY = {True: "Sortie précoce", False: "Sortie standard", None: "Sortie à préciser"}


@dataclass(frozen=True, slots=True)
class Card:
    """One mother on the board. `tone`: late, todo or nothing; `says`: who waits for what, in one sentence."""

    id: UUID
    mother: Person
    city: str
    maternity: str
    leaves_at: datetime | None
    has_left: bool
    category: str
    needs: tuple[str, ...]
    chip: Chip
    deadline: Deadline | None
    says: str
    url: str
    action: str
    main: bool
    tone: str


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    cards: tuple[Card, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class Task:
    """A line of « À faire maintenant », as templates/components/task_row.html shows it."""

    title: str
    who: str
    text: str
    since: datetime
    deadline: Deadline | None
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class Board:
    late: tuple[Card, ...]
    tasks: tuple[Task, ...]
    columns: tuple[Column, ...]
    ended: tuple[Card, ...]


def board(user: User) -> Board:
    """The whole page of a coordinator."""
    now = timezone.now()
    rows = list(loaded(_recent(Handover.objects.visible_to(user), now)))
    rows, ended = [h for h in rows if h.status not in ENDED], [h for h in rows if h.status in ENDED]
    reasons = reasons_of([*rows, *ended])
    late = [h for h in rows if is_unseen_after_a_week(h, now)]
    cards = {h.pk: card_of(h, now, reasons.get(h.pk, "")) for h in rows}
    return Board(
        late=tuple(cards[h.pk] for h in late),
        tasks=tuple(_tasks(user, now, {h.stay_id: cards[h.pk] for h in rows}, {h.stay_id for h in late})),
        columns=tuple(
            Column(title, tuple(cards[h.pk] for h in rows if h.status in states and h not in late), empty)
            for title, states, empty in COLUMNS
        ),
        ended=tuple(card_of(h, now, reasons.get(h.pk, "")) for h in ended),
    )


def _recent(handovers: QuerySet[Handover], now: datetime) -> QuerySet[Handover]:
    """Those seen or ended long ago are left out."""
    return handovers.exclude(status=_H.SEEN, seen_at__lt=now - SEEN_SHOWN_FOR).exclude(
        status__in=ENDED, opened_at__lt=now - ENDED_SHOWN_FOR
    )


def loaded(handovers: QuerySet[Handover]) -> QuerySet[Handover]:
    """Relays with what a card says, oldest first."""
    offers = Offer.objects.select_related("midwife").order_by("sent_at")
    return (
        handovers.select_related("stay__maternity", "person", "midwife")
        .prefetch_related(Prefetch("offers", offers, to_attr="all_offers"))
        .order_by("opened_at", "id")
    )


def is_unseen_after_a_week(handover: Handover, now: datetime) -> bool:
    """D+7: not seen a week after she left. It stays on top until she is, or until somebody says why not."""
    left = handover.stay.discharged_at
    return bool(left and handover.status in WAITING and left <= now - deadlines.NOT_SEEN_ACT.delay)


def reasons_of(handovers: Iterable[Handover]) -> dict[UUID, str]:
    """The reason of the last passage of those in difficulty or ended. One query."""
    wanted = [h.pk for h in handovers if h.status in (_H.ESCALATED, _H.MISSED, *ENDED)]
    events = Event.objects.filter(subject="handover", subject_id__in=wanted).order_by("at")
    return {event.subject_id: event.reason for event in events}


def card_of(handover: Handover, now: datetime, reason: str = "") -> Card:
    """The card of a loaded relay."""
    stay, status = handover.stay, HandoverStatus[handover.status]
    deadline = _deadline(handover, now)
    is_main = status in (_H.TO_PLACE, _H.ESCALATED, _H.MISSED)
    return Card(
        id=handover.pk,
        mother=handover.person,
        city=stay.destination_city or "commune inconnue",
        maternity=stay.maternity.name,
        leaves_at=stay.leaves_at,
        has_left=bool(stay.discharged_at and stay.discharged_at <= now),
        category=CATEGORY[stay.is_early],
        needs=tuple(stay.needs),
        chip=chip_of_row(handover),
        deadline=deadline,
        says=_says(handover, now, reason),
        url=reverse("relay_case", args=[handover.pk]),
        action=ACTS.get(status, "Voir"),
        main=is_main,
        tone="late" if deadline and deadline.tone == "late" else "todo" if is_main else "",
    )


def _deadline(handover: Handover, now: datetime) -> Deadline | None:
    if handover.status not in WAITING:
        return None
    if handover.status == _H.SCHEDULED and handover.scheduled_for:
        return Deadline.seen_from(now, handover.scheduled_for, "Visite prévue")
    if handover.visit_due_at is None:
        return None
    return Deadline.seen_from(now, handover.visit_due_at, "Première visite avant")


def _says(handover: Handover, now: datetime, reason: str) -> str:
    status, midwife = HandoverStatus[handover.status], str(handover.midwife or "")
    offers = getattr(handover, "all_offers", [])
    open_offers = [offer for offer in offers if offer.status == OfferStatus.SENT]
    refused = sum(offer.status in (OfferStatus.DECLINED, OfferStatus.EXPIRED) for offer in offers)
    if status is _H.ASKED:
        return "Demandé à " + ", ".join(str(offer.midwife) for offer in open_offers)
    if status is _H.TO_PLACE and refused:
        return f"{refused} demande{'s' * (refused > 1)} sans suite"
    if status in (_H.ESCALATED, _H.MISSED, *ENDED):
        return " · ".join(part for part in (reason, f"suivie par {midwife}" if midwife else "") if part)
    return midwife


def _tasks(user: User, now: datetime, cards: dict[UUID, Card], shown: set[UUID]) -> Iterable[Task]:
    """What presses, one line per mother: late visits, and mothers to place whose deadline is near.

    The others wait in their column.
    """
    items = list(WorkItem.objects.visible_to(user).filter(status=WorkItemStatus.OPEN).select_related("stay__mother"))
    overdue = {item.stay_id for item in items if item.kind == WorkItemKind.VISIT_OVERDUE}
    for item in items:
        card = cards.get(item.stay_id) if item.stay_id else None
        deadline = Deadline.seen_from(now, item.due_at, "Première visite avant") if item.due_at else None
        to_place = item.kind == WorkItemKind.TO_PLACE
        waits = to_place and card and (item.stay_id in overdue or (deadline and deadline.tone == "calm"))
        if waits or item.stay_id in shown:
            continue
        yield Task(
            title=item.get_kind_display(),
            who=f"{_initial(card.mother)}, {card.city}" if card else "",
            text=item.message,
            since=item.opened_at,
            deadline=deadline,
            url=card.url if card else "",
            action=card.action if card else "",
        )


def _initial(person: Person) -> str:
    given = person.used_given_name or person.first_given_name
    return f"{given.capitalize()} {person.birth_family_name[:1]}."
