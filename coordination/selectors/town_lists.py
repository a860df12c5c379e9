"""Two lists of town carers: the requests made to a midwife, and « Reçus pour moi »."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from coordination.lifecycles import HandoverStatus, OfferStatus
from coordination.models import (
    Document,
    DocumentVersion,
    Handover,
    Newborn,
    Notice,
    Offer,
    Person,
    Professional,
    Reading,
    Role,
    Stay,
    User,
)
from coordination.selectors import identity
from coordination.selectors.display import Chip, Deadline, chip_of_row
from coordination.selectors.versions import in_force

CHILDREN, MOTHERS, ALL = "enfants", "meres", "tous"
FILTERS = ((ALL, "Tous"), (MOTHERS, "Mères"), (CHILDREN, "Enfants"))
PER_PAGE = 50
NAMES = ("birth_family_name", "birth_given_names", "used_family_name", "used_given_name", "sex", "birth_date")
BIRTH = ("stay", "rank", "born_at", "weight_g")
SHOWN = (
    *("title", "person", "organisation", "organisation__name"),
    *(f"person__{name}" for name in NAMES),
    *(f"person__newborn__{name}" for name in BIRTH),
)
ANSWERED_SHOWN_FOR = timedelta(days=14)
NEXT_VISIT = "Première visite avant"


@dataclass(frozen=True, slots=True)
class OfferCard:
    """A request: commune, due date and needs. Nothing that names the mother."""

    id: UUID
    city: str
    deadline: Deadline | None
    needs: tuple[str, ...]
    asked_by: str
    answer: Deadline
    chip: Chip
    answered_at: datetime | None


def open_offers(user: User) -> list[OfferCard]:
    """Requests waiting for her answer, the most pressing first visit first."""
    now = timezone.now()
    rows = _offers(user).filter(status=OfferStatus.SENT, expires_at__gt=now)
    return [_offer(row, now) for row in rows.order_by(F("handover__visit_due_at").asc(nulls_last=True))]


def answered_offers(user: User) -> list[OfferCard]:
    """Requests of the last two weeks that wait for nothing any more."""
    now = timezone.now()
    rows = _offers(user).filter(sent_at__gte=now - ANSWERED_SHOWN_FOR).exclude(status=OfferStatus.SENT)
    return [_offer(row, now) for row in rows.order_by("-answered_at")]


def _offers(user: User) -> QuerySet[Offer]:
    return Offer.objects.visible_to(user).select_related("handover__stay", "sent_by__organisation")


def _offer(row: Offer, now: datetime) -> OfferCard:
    handover, stay = row.handover, row.handover.stay
    due = handover.visit_due_at
    return OfferCard(
        id=row.pk,
        city=stay.destination_city or "commune inconnue",
        deadline=Deadline.seen_from(now, due, NEXT_VISIT) if due else None,
        needs=tuple(stay.needs),
        asked_by=row.sent_by.organisation.name if row.sent_by.organisation else str(row.sent_by),
        answer=Deadline.seen_from(now, row.expires_at, "Répondre avant", warns_at=row.expires_at - timedelta(hours=1)),
        chip=chip_of_row(row),
        answered_at=row.answered_at,
    )


@dataclass(frozen=True, slots=True)
class InDifficulty:
    """A follow-up in difficulty transmitted to PMI: it opens on the child."""

    stay_id: UUID
    mother: Person
    children: tuple[str, ...]
    city: str
    deadline: Deadline | None


def in_difficulty(user: User) -> list[InDifficulty]:
    """Follow-ups that the coordination has transmitted, the oldest deadline first."""
    now = timezone.now()
    trouble = Handover.objects.filter(stay=OuterRef("pk"), person=OuterRef("mother"), status=HandoverStatus.ESCALATED)
    rows = (
        Stay.objects.visible_to(user)
        .filter(Exists(trouble))
        .annotate(due=Subquery(trouble.values("visit_due_at")[:1]))
        .select_related("mother")
        .prefetch_related("newborns__person")
        .order_by(F("due").asc(nulls_last=True))
    )
    return [_in_difficulty(row, now) for row in rows]


def _in_difficulty(row: Any, now: datetime) -> InDifficulty:
    children = [n for n in row.newborns.all() if n.link_ended_at is None]
    return InDifficulty(
        stay_id=row.pk,
        mother=row.mother,
        children=tuple(n.person.first_given_name.capitalize() for n in children),
        city=row.destination_city,
        deadline=Deadline.seen_from(now, row.due, NEXT_VISIT) if row.due else None,
    )


def waiting_notices(user: User) -> list[Notice]:
    """Content-free notices she has not seen yet."""
    return list(Notice.objects.visible_to(user).filter(seen_at__isnull=True).order_by("created_at"))


def capacity_is_fresh(professional: Professional) -> bool:
    """Declared within the last seven days: what coordinators may rely on."""
    said = professional.capacity_declared_at
    return said is not None and said > timezone.now() - timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ReceivedRow:
    """One document received. `kind`: mother or newborn."""

    id: UUID
    title: str
    kind: str
    person: str
    facts: str
    sender: str
    arrived_at: datetime | None
    read_at: datetime | None
    read_before: bool


@dataclass(frozen=True, slots=True)
class Received:
    """One page of the list, its filter, and how many are still unread over all pages."""

    rows: tuple[ReceivedRow, ...]
    page: Page[Any]
    who: str
    filters: tuple[tuple[str, str], ...]
    unread: int


def received(user: User, *, who: str, page: int) -> Received:
    """Documents of others visible to her, newest first. PMI opens on the child (`who` empty).

    Two statements, the list and her readings; the unread are counted apart over several pages or with a filter.
    """
    chosen = who if who in dict(FILTERS) else (CHILDREN if user.role == Role.PMI else ALL)
    rows = Document.objects.visible_to(user).exclude(author_id=_me(user))
    shown = _page(_dated(_about(chosen, rows)), page)
    documents = list(shown.object_list)
    read, siblings = _read(user, documents), _siblings(documents)
    lines = tuple(_row(document, read.get(document.pk, []), siblings) for document in documents)
    if chosen == ALL and not shown.has_other_pages():
        unread = sum(line.read_at is None for line in lines)
    else:
        unread = rows.filter(~Exists(in_force(_readings(user)))).count()
    return Received(lines, shown, chosen, FILTERS, unread)


def _me(user: User) -> Any:
    """None finds nothing."""
    return user.professional_id


def _readings(user: User) -> QuerySet[Reading]:
    """Her readings of the document of the outer statement."""
    return Reading.objects.filter(version__document=OuterRef("pk"), professional_id=_me(user))


def _about(chosen: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those about a newborn, about a mother, or all."""
    if chosen == ALL:
        return rows
    newborn = Exists(Newborn.objects.filter(person_id=OuterRef("person_id")))
    return rows.filter(newborn if chosen == CHILDREN else ~newborn)


def _dated(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With when each arrived, newest first; only what a line shows."""
    final = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    settled = DocumentVersion.objects.filter(document=OuterRef("pk"), validated_at__lte=final)
    return (
        rows.select_related("person__newborn", "organisation")
        .only(*SHOWN)
        .annotate(arrived_at=Subquery(settled.order_by("-validated_at").values("validated_at")[:1]))
        .order_by("-arrived_at", "pk")
    )


def _read(user: User, documents: list[Any]) -> dict[UUID, list[tuple[datetime, datetime]]]:
    """By document, each of her readings: when the version read was validated, and when she read it."""
    rows = Reading.objects.filter(version__document__in=[d.pk for d in documents], professional_id=_me(user))
    found: dict[UUID, list[tuple[datetime, datetime]]] = {}
    columns = rows.order_by("at").values_list("version__document", "version__validated_at", "at")
    for document_id, validated_at, at in columns:
        if validated_at:
            found.setdefault(document_id, []).append((validated_at, at))
    return found


def _siblings(documents: list[Any]) -> Counter[UUID]:
    """How many children were born in each stay where a child of the list was."""
    newborns = [d.person.newborn.stay_id for d in documents if hasattr(d.person, "newborn")]
    return Counter(Newborn.objects.filter(stay__in=newborns).values_list("stay", flat=True)) if newborns else Counter()


def _page(rows: QuerySet[Any], number: int) -> Page[Any]:
    """One page; a first page that holds everything is not counted before it is read."""
    pages = Paginator(rows, PER_PAGE)
    if number != 1:
        return pages.get_page(number)
    first = list(rows[: PER_PAGE + 1])
    if len(first) <= PER_PAGE:
        pages.count = len(first)
    return Page(first[:PER_PAGE], 1, pages)


def _row(document: Any, readings: list[tuple[datetime, datetime]], siblings: Counter[UUID]) -> ReceivedRow:
    """What was read of an older version than the one that arrived last is not read of this one."""
    person, newborn = document.person, getattr(document.person, "newborn", None)
    read_at = next((at for validated_at, at in readings if validated_at >= document.arrived_at), None)
    facts = (
        identity.newborn_facts(newborn, several=siblings[newborn.stay_id] > 1)
        if newborn
        else f"née le {person.birth_date:%d/%m/%Y}"
    )
    return ReceivedRow(
        id=document.pk,
        title=document.title,
        kind="newborn" if newborn else "mother",
        person=identity.newborn_name(newborn) if newborn else identity.mother_name(person),
        facts=facts,
        sender=document.organisation.name,
        arrived_at=document.arrived_at,
        read_at=read_at,
        read_before=bool(readings) and read_at is None,
    )
