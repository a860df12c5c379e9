"""« Mes visites »: the mothers this carer follows, the next visit first, and what waits on each.

Seven queries whatever the number of mothers; nothing of a mother she does not follow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from coordination import deadlines
from coordination.lifecycles import DocumentStatus, HandoverStatus
from coordination.models import (
    CareTeamMember,
    Document,
    Encounter,
    EncounterKind,
    Handover,
    LetterRequest,
    Newborn,
    Person,
    Reading,
    Stay,
    User,
)
from coordination.selectors.display import Chip, Deadline, chip_of_row
from coordination.selectors.versions import in_force
from perinat.standards import codes
from perinat.standards.confidentiality import FROM_PATIENT

FOLLOWED_FOR = timedelta(weeks=14)
TO_VISIT = (HandoverStatus.ACCEPTED, HandoverStatus.SCHEDULED, HandoverStatus.MISSED, HandoverStatus.ESCALATED)
LATE, TODAY, TOMORROW, LATER, UNDATED, DONE = "late", "today", "tomorrow", "later", "undated", "done"
GROUPS = (
    (LATE, "En retard"),
    (TODAY, "Aujourd’hui"),
    (TOMORROW, "Demain"),
    (LATER, "Plus tard"),
    (UNDATED, "Sans échéance connue"),
    (DONE, "Premières visites faites ou closes"),
)
ATTENTION = {"watch": "à surveiller", "act": "avis demandé"}
FOLLOWED_ANSWERS = {
    "general": "état général", "bleeding": "saignements", "perineum": "périnée ou cicatrice",
    "breasts": "seins et lactation", "mood": "fatigue et humeur", "jaundice": "ictère", "cord": "cordon",
    "stools": "selles et urines",
}  # fmt: skip
NOT_INFORMED = (
    "L’information de la mère n’est pas tracée : ses documents ne vous sont pas encore ouverts. "
    "La maternité doit l’enregistrer."
)
CATEGORIES = {True: "Sortie précoce", False: "Sortie standard", None: "Sortie : type non précisé"}
IN_DIFFICULTY = "Suivi en difficulté : la première visite n’est pas confirmée, la coordination l’a transmis."


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the stay this carer may open. `about`: the mother or a child's first name."""

    id: UUID
    title: str
    about: str
    about_newborn: bool
    is_letter: bool
    arrived_at: datetime | None
    read_at: datetime | None
    read_before: bool = False  # she has read a version that is replaced since


@dataclass(frozen=True, slots=True)
class Letter:
    """The mother's letter: `paper` when it is here, else the request made (`asked_due_at`) or nothing.

    `withheld`: the mother's information is not recorded, so nothing opens whatever has been sent.
    """

    paper: Paper | None
    asked_due_at: datetime | None
    overdue: bool
    withheld: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One mother: what a thumb needs on the doorstep.

    Not `open` (her information is not recorded): first name and initial, commune, deadline, nothing else. `hidden`: her
    own syntheses that the mother does not see yet, with their dates.
    """

    stay_id: UUID
    mother: Person
    open: bool
    city: str
    category: str
    leaves_at: datetime | None
    state: Chip | None
    deadline: Deadline | None
    to_visit: bool
    missed: bool
    own_relay: bool
    letter: Letter
    papers: tuple[Paper, ...]
    alerts: tuple[str, ...]
    epnp_until: datetime | None
    group: str
    hidden: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    title: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class MyVisits:
    groups: tuple[Group, ...]
    epnp: tuple[Card, ...]
    to_visit: int


def my_visits(user: User) -> MyVisits:
    """The whole page of a town carer."""
    now = timezone.now()
    stays = list(_stays(user, now))
    ids = [stay.pk for stay in stays]
    mine = Handover.objects.visible_to(user).filter(midwife_id=user.professional_id)  # a PMI sees others' too
    handovers = {h.stay_id: h for h in mine.filter(stay__in=ids)}
    papers = papers_by_stay(user, ids)
    encounters = _encounters(user, ids)
    cards = [_card(s, handovers.get(s.pk), papers[s.pk], encounters[s.pk], now) for s in stays]
    cards.sort(key=_next_first)
    groups = (Group(key, title, tuple(c for c in cards if c.group == key)) for key, title in GROUPS)
    return MyVisits(
        groups=tuple(group for group in groups if group.cards),
        epnp=tuple(sorted((c for c in cards if c.epnp_until), key=lambda c: c.epnp_until or now)),
        to_visit=sum(card.to_visit for card in cards),
    )


def is_informed(user: User, stay: Stay) -> bool:
    """The mother's information and non-opposition are recorded for this carer."""
    return _informed(user).filter(stay=stay).exists()


def closed_stays(user: User, stays: Iterable[Stay]) -> set[UUID]:
    """Those of these stays whose mother's information is not recorded for this carer; none for the ward. One query."""
    ids = set() if user.is_hospital else {stay.pk for stay in stays}
    return ids - set(_informed(user).filter(stay__in=ids).values_list("stay_id", flat=True)) if ids else ids


def _informed(user: User) -> QuerySet[CareTeamMember]:
    me: Any = user.professional_id  # None finds nobody
    mine = CareTeamMember.objects.filter(professional_id=me, ended_at__isnull=True)
    return mine.filter(informed_at__isnull=False)


def _stays(user: User, now: datetime) -> QuerySet[Stay]:
    me: Any = user.professional_id
    asked = LetterRequest.objects.filter(stay=OuterRef("pk"), asked_by_id=me, answered_at__isnull=True)
    trouble = Handover.objects.filter(stay=OuterRef("pk"), person=OuterRef("mother"), status=HandoverStatus.ESCALATED)
    children = Newborn.objects.filter(link_ended_at__isnull=True).select_related("person")
    return (
        Stay.objects.visible_to(user)
        .filter(admitted_at__gte=now - FOLLOWED_FOR)
        .select_related("mother")
        .prefetch_related(Prefetch("newborns", queryset=children))
        .annotate(
            informed=Exists(_informed(user).filter(stay=OuterRef("pk"))),
            asked_due_at=Subquery(asked.values("due_at")[:1]),
            in_difficulty_since=Subquery(trouble.values("visit_due_at")[:1]),
        )
    )


def papers_by_stay(user: User, stay_ids: Iterable[UUID]) -> dict[UUID, list[Paper]]:
    """The documents of others that this user may open, by stay, the mother's letter first."""
    final = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    me: Any = user.professional_id  # None finds nothing
    mine = Reading.objects.filter(version__document=OuterRef("pk"), professional_id=me)
    rows = (
        Document.objects.visible_to(user)
        .filter(stay__in=list(stay_ids), status=DocumentStatus.VALIDATED)
        .exclude(author_id=me)
        .select_related("person", "stay")
        .annotate(
            arrived_at=Max("versions__validated_at", filter=Q(versions__validated_at__lte=final)),
            read_at=Subquery(in_force(mine).order_by("at").values("at")[:1]),
            read_once=Exists(mine),
        )
    )
    found: dict[UUID, list[Paper]] = defaultdict(list)
    for row in sorted(rows, key=lambda d: (d.is_about_newborn, not _is_letter(d), -d.created_at.timestamp())):
        found[row.stay_id].append(_paper(row))
    return found


def _is_letter(document: Document) -> bool:
    return document.type_code == codes.LETTRE_DE_LIAISON_SORTIE.code


def _paper(row: Any) -> Paper:
    newborn = row.is_about_newborn
    about = row.person.first_given_name.capitalize() if newborn else "mère"
    before = row.read_once and row.read_at is None
    return Paper(row.pk, row.title, about, newborn, _is_letter(row), row.arrived_at, row.read_at, before)


def _encounters(user: User, stay_ids: list[UUID]) -> dict[UUID, list[Encounter]]:
    found: dict[UUID, list[Encounter]] = defaultdict(list)
    rows = Encounter.objects.visible_to(user).filter(stay__in=stay_ids).order_by("-done_at")
    rows = rows.select_related("person", "document")
    for row in rows:
        found[row.stay_id].append(row)
    return found


def _card(
    stay: Any, handover: Handover | None, papers: list[Paper], encounters: list[Encounter], now: datetime
) -> Card:
    shared = handover is None and stay.in_difficulty_since is not None  # another's relay, now everybody's concern
    to_visit = shared or (handover is not None and handover.status in TO_VISIT)
    when = _when(handover) if handover and to_visit else stay.in_difficulty_since
    return Card(
        stay_id=stay.pk,
        mother=stay.mother,
        open=stay.informed,
        city=stay.destination_city or stay.mother.city,
        category=CATEGORIES[stay.is_early] if stay.informed else "",
        leaves_at=stay.expected_discharge_at if stay.informed and not stay.discharged_at else None,
        state=chip_of_row(handover) if handover else None,
        deadline=_deadline(handover, when, now) if to_visit and when else None,
        to_visit=to_visit,
        missed=handover is not None and handover.status == HandoverStatus.MISSED,
        letter=_letter(stay, papers, now),
        papers=tuple(papers),
        own_relay=handover is not None,
        alerts=tuple(_alerts(stay, handover if to_visit else None, encounters)),
        epnp_until=_epnp_until(stay, encounters, now) if stay.informed else None,
        group=_group(to_visit or handover is None, when, now),
        hidden=tuple(_hidden(encounters)) if stay.informed else (),
    )


def _hidden(encounters: list[Encounter]) -> Iterator[tuple[str, datetime]]:
    """Her syntheses that wait to be announced: nothing else reminds her of them."""
    for encounter in encounters:
        paper = encounter.document
        if paper is not None and paper.status == DocumentStatus.VALIDATED and FROM_PATIENT in paper.masks:
            yield paper.title, encounter.recorded_at


def _when(handover: Handover) -> datetime | None:
    return handover.scheduled_for or handover.visit_due_at


def _deadline(handover: Handover | None, when: datetime, now: datetime) -> Deadline:
    label = "Visite prévue" if handover and handover.scheduled_for else "À voir avant"
    return Deadline.seen_from(now, when, label)


def _group(waits: bool, when: datetime | None, now: datetime) -> str:
    if not waits:
        return DONE
    if when is None:
        return UNDATED
    if when < now:
        return LATE
    days = (timezone.localdate(when) - timezone.localdate(now)).days
    return {0: TODAY, 1: TOMORROW}.get(days, LATER)


def _next_first(card: Card) -> tuple[bool, float]:
    return (card.deadline is None, card.deadline.at.timestamp() if card.deadline else 0.0)


def _letter(stay: Any, papers: list[Paper], now: datetime) -> Letter:
    paper = next((p for p in papers if p.is_letter and not p.about_newborn), None)
    due = stay.asked_due_at if paper is None else None
    return Letter(paper, due, bool(due and due < now), withheld=not stay.informed)


def _alerts(stay: Any, handover: Handover | None, encounters: list[Encounter]) -> Iterable[str]:
    """What to know before ringing the bell: needs said by the ward, last answers that were not normal."""
    if not stay.informed:
        yield NOT_INFORMED
    if stay.in_difficulty_since:
        yield IN_DIFFICULTY
    if handover and handover.scheduled_for and handover.visit_due_at and handover.scheduled_for > handover.visit_due_at:
        yield "La visite est prévue après l’échéance recommandée."
    if not stay.informed:
        return
    yield from stay.needs
    seen: set[UUID] = set()
    for encounter in encounters:
        if encounter.kind != EncounterKind.HOME_VISIT or encounter.person_id in seen:
            continue
        seen.add(encounter.person_id)
        who = "mère" if encounter.person_id == stay.mother_id else encounter.person.first_given_name.capitalize()
        for name, label in FOLLOWED_ANSWERS.items():
            if encounter.form.get(name) in ATTENTION:
                yield f"{who} : {label}, {ATTENTION[encounter.form[name]]}"


def _epnp_until(stay: Stay, encounters: list[Encounter], now: datetime) -> datetime | None:
    """Last day of the postnatal interview while it is due and not done; None outside its weeks."""
    if stay.birth_at is None or any(e.kind == EncounterKind.EPNP for e in encounters):
        return None
    opens, closes = stay.birth_at + deadlines.EPNP_FROM.delay, stay.birth_at + deadlines.EPNP_UNTIL.delay
    return closes if opens <= now <= closes else None
