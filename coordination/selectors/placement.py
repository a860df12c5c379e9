"""One mother to place: the midwives who could take her, with reasons in words, and what was answered.

Ranked by what a coordinator would say on the phone: room declared this week, same commune, few follow-ups.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from coordination.lifecycles import HANDOVER, HandoverStatus, OfferStatus
from coordination.models import (
    CareRole,
    Event,
    Handover,
    Offer,
    Organisation,
    OrganisationKind,
    Professional,
    User,
)
from coordination.selectors.board import Card, card_of, loaded, reasons_of
from coordination.selectors.display import Chip, Deadline, chip_of_row

_H, _O = HandoverStatus, OfferStatus
MIDWIFE = "G15_50"
CAPACITY_LASTS = timedelta(days=7)  # « ma disponibilité » fades after a week
FOLLOWED_FOR = timedelta(weeks=14)
ASKABLE = (_H.TO_PLACE, _H.ASKED, _H.ESCALATED)
ROOM, UNKNOWN, FULL = "room", "unknown", "full"
RANKS = {ROOM: 0, UNKNOWN: 1, FULL: 2}


@dataclass(frozen=True, slots=True)
class Availability:
    """What a midwife said of her week. `left`: mothers she can still take; None when unknown or too old."""

    standing: str
    left: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A midwife of the territory. `answer`: the chip of a request already made, `asked_until` while it is open."""

    id: UUID
    name: str
    practice: str
    city: str
    phone: str
    availability: Availability
    reasons: tuple[str, ...]
    answer: Chip | None
    answer_reason: str
    asked_until: Deadline | None
    may_ask: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One request and what became of it."""

    midwife: str
    phone: str
    sent_at: datetime
    answered_at: datetime | None
    chip: Chip
    reason: str
    until: Deadline | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    card: Card
    status: HandoverStatus
    mother_phone: str
    maternity_phone: str
    midwife: Professional | None
    askable: bool
    candidates: tuple[Candidate, ...]
    answers: tuple[Answer, ...]
    waiting: bool
    history: tuple[Line, ...]
    pmi: tuple[Professional, ...]
    can: frozenset[str]


@dataclass(frozen=True, slots=True)
class MidwifeLine:
    """A midwife on the capacity page."""

    name: str
    practice: str
    city: str
    phone: str
    availability: Availability
    follow_ups: int
    open_offers: int


def handover_of(user: User, handover_id: UUID) -> Handover | None:
    """The relay this coordinator may see, with what its page says."""
    return loaded(Handover.objects.visible_to(user).filter(pk=handover_id)).select_related("cpts").first()


def case_of(handover: Handover) -> Case:
    """The whole page of one mother, from a relay given by `handover_of`."""
    now, status = timezone.now(), HandoverStatus[handover.status]
    offers: list[Offer] = handover.all_offers  # type: ignore[attr-defined]
    askable = status in ASKABLE
    return Case(
        card=card_of(handover, now, reasons_of([handover]).get(handover.pk, "")),
        status=status,
        mother_phone=handover.person.phone,
        maternity_phone=handover.stay.maternity.phone,
        midwife=handover.midwife,
        askable=askable,
        candidates=tuple(_candidates(handover, offers, now)) if askable else (),
        answers=tuple(_answer(offer, now) for offer in offers),
        waiting=any(offer.status == _O.SENT for offer in offers),
        history=tuple(_history(handover, offers)),
        pmi=tuple(pmi_professionals()),
        can=_possible(status),
    )


def _possible(status: HandoverStatus) -> frozenset[str]:
    """What the coordinator may still decide, as the table of lifecycles allows."""
    ends = {
        "escalate": _H.ESCALATED,
        "close": _H.CLOSED,
        "declined": _H.DECLINED_BY_MOTHER,
        "place_again": _H.TO_PLACE,
    }
    allowed = {name for name, target in ends.items() if HANDOVER.allows(status, target)}
    return frozenset(allowed - {"place_again"} if status is _H.ASKED else allowed)


def midwives_of(cpts: Organisation | None, now: datetime) -> QuerySet[Any]:
    """Midwives whose practice stands in the territory, with their follow-ups. One query.

    A practice is in the territory when its commune (COG code in `communes`) is; a practice that does not
    say it is placed by its postal code.
    """
    communes = list(cpts.communes) if cpts else []
    within = Q(organisation__postal_code__in=communes, organisation__communes=[])
    for commune in communes:
        within |= Q(organisation__communes__contains=commune)
    followed = Q(
        care_teams__role=CareRole.MIDWIFE,
        care_teams__ended_at__isnull=True,
        care_teams__stay__admitted_at__gte=now - FOLLOWED_FOR,
    )
    return (
        Professional.objects.filter(within, specialty_code=MIDWIFE, organisation__kind=OrganisationKind.PRACTICE)
        .select_related("organisation")
        .annotate(
            follow_ups=Count("care_teams", filter=followed, distinct=True),
            taken=Count("handovers", filter=Q(handovers__accepted_at__gte=F("capacity_declared_at")), distinct=True),
            open_offers=Count("offers", filter=Q(offers__status=_O.SENT), distinct=True),
        )
        .order_by("family_name", "given_name")
    )


def capacity(user: User) -> tuple[MidwifeLine, ...]:
    """The midwives of this coordinator's territory, those with room first."""
    now = timezone.now()
    lines = [
        MidwifeLine(
            name=str(midwife),
            practice=midwife.organisation.name,
            city=midwife.organisation.city,
            phone=midwife.phone or midwife.organisation.phone,
            availability=availability_of(midwife, now),
            follow_ups=midwife.follow_ups,
            open_offers=midwife.open_offers,
        )
        for midwife in midwives_of(user.organisation, now)
    ]
    return tuple(sorted(lines, key=lambda line: RANKS[line.availability.standing]))


def availability_of(midwife: Professional, now: datetime) -> Availability:
    """Declared less than a week ago, less what she accepted since."""
    declared, weekly = midwife.capacity_declared_at, midwife.weekly_capacity
    if declared is None or weekly is None:
        return Availability(UNKNOWN, None, "Disponibilité non déclarée")
    if declared < now - CAPACITY_LASTS:
        return Availability(UNKNOWN, None, f"Disponibilité déclarée il y a {_ago(now - declared)}, à confirmer")
    left = max(weekly - midwife.taken, 0)  # type: ignore[attr-defined]
    said = f"déclaré il y a {_ago(now - declared)}"
    if not left:
        return Availability(FULL, 0, f"Ne prend plus de nouvelle mère cette semaine ({said})")
    return Availability(ROOM, left, f"Peut prendre {left} mère{'s' * (left > 1)} cette semaine ({said})")


def _candidates(handover: Handover, offers: Sequence[Offer], now: datetime) -> Iterable[Candidate]:
    last = {offer.midwife_id: offer for offer in offers}
    commune = handover.stay.destination_cog
    city = handover.stay.destination_city
    found = [_candidate(m, last.get(m.pk), commune, city, now) for m in midwives_of(handover.cpts, now)]
    return (candidate for _, candidate in sorted(found, key=lambda pair: pair[0]))


def _candidate(
    midwife: Professional, offer: Offer | None, commune: str, city: str, now: datetime
) -> tuple[tuple[bool, int, bool, int], Candidate]:
    """A candidate and her rank."""
    site, availability = midwife.organisation, availability_of(midwife, now)
    is_near = bool(commune) and (commune in site.communes or commune == site.postal_code)
    follow_ups: int = midwife.follow_ups  # type: ignore[attr-defined]
    near = f"Exerce à {site.city}, où la mère sera" if is_near else f"Exerce à {site.city or 'une commune inconnue'}"
    plural = "s" * (follow_ups > 1)
    reasons = (
        availability.words,
        near if is_near or not city else f"{near} (la mère sera à {city})",
        f"{follow_ups} suivi{plural} en cours" if follow_ups else "Aucun suivi en cours",
    )
    is_open = offer is not None and offer.status == _O.SENT
    refused = offer is not None and offer.status in (_O.DECLINED, _O.EXPIRED)
    candidate = Candidate(
        id=midwife.pk,
        name=str(midwife),
        practice=site.name,
        city=site.city,
        phone=midwife.phone or site.phone,
        availability=availability,
        reasons=reasons,
        answer=chip_of_row(offer) if offer is not None and (is_open or refused) else None,
        answer_reason=offer.decline_reason if offer is not None and refused else "",
        asked_until=Deadline.seen_from(now, offer.expires_at, "Réponse attendue avant") if offer and is_open else None,
        may_ask=not is_open and availability.standing != FULL,
    )
    return (refused, RANKS[availability.standing], not is_near, follow_ups), candidate


def _answer(offer: Offer, now: datetime) -> Answer:
    is_open = offer.status == _O.SENT
    return Answer(
        midwife=str(offer.midwife),
        phone=offer.midwife.phone,
        sent_at=offer.sent_at,
        answered_at=offer.answered_at,
        chip=chip_of_row(offer),
        reason=offer.decline_reason,
        until=Deadline.seen_from(now, offer.expires_at, "Réponse attendue avant") if is_open else None,
    )


def _history(handover: Handover, offers: Sequence[Offer]) -> list[Line]:
    """What happened, oldest first: the passages of the relay and the requests."""
    events = Event.objects.filter(subject="handover", subject_id=handover.pk).exclude(target=_H.ASKED)
    lines = [Line(e.at, f"{_H[e.target].label}{f' : {e.reason}' if e.reason else ''}") for e in events]
    for offer in offers:
        lines.append(Line(offer.sent_at, f"Demande à {offer.midwife}"))
        if offer.answered_at:
            why = f" : {offer.decline_reason}" if offer.decline_reason else ""
            lines.append(Line(offer.answered_at, f"{offer.midwife} : {_O[offer.status].label.lower()}{why}"))
    return sorted(lines, key=lambda line: line.at)


def pmi_professionals() -> QuerySet[Professional]:
    """Professionals of the PMI who have an account: those who can take over."""
    found = Professional.objects.filter(organisation__kind=OrganisationKind.PMI, user__is_active=True)
    return found.select_related("organisation").order_by("organisation__name", "family_name")


def _ago(span: timedelta) -> str:
    if span.days >= 1:
        return f"{span.days} j"
    hours = int(span.total_seconds() // 3600)
    return f"{hours} h" if hours else "moins d’une heure"
