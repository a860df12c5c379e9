"""Recipients found in the mirror of the national directory: by name, town, profession or RPPS, accents aside."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from coordination.models import DirectoryMirror, Mailbox, MirrorMailbox, MirrorPractice, Professional
from perinat.standards import codes
from perinat.standards.health_directory import fold

SHOWN = 12
MAILED = ("PER", "CAB", "ORG")  # an APP box is read by a machine: nobody writes to it by hand
_DOCTOR = "G15_10"


@dataclass(frozen=True, slots=True)
class Found:
    """A person at a place. `address`: the one to write to, empty when there is none.

    `last_success_at`: the last mail accepted there. `is_dead`: every address published for her refused for good.
    """

    practice_id: UUID
    rpps: str
    name: str
    profession: str
    place: str
    city: str
    address: str
    last_success_at: datetime | None
    is_dead: bool
    may_be_chosen: bool

    @property
    def address_fr(self) -> str:
        """What the page says of her address."""
        if self.is_dead:
            return "Son adresse MSSanté est hors service : elle n’est plus proposée."
        if not self.address:
            return "Aucune adresse MSSanté publiée : les papiers attendront une adresse."
        if self.last_success_at is None:
            return f"{self.address}, aucun envoi encore."
        return f"{self.address}, dernier envoi accepté le {timezone.localtime(self.last_success_at):%d/%m/%Y}."


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the mirror is: its least recent département. `failure_fr`: why the last reading stopped."""

    synced_at: datetime | None
    is_late: bool
    text: str
    failure_fr: str = ""


def specialty_label(code: str) -> str:
    """« Sage-Femme » for G15_50; the profession alone when the speciality is not one of perinat."""
    if code in codes.SPECIALTIES:
        return codes.SPECIALTIES[code].label
    return "Médecin" if code.split("/")[0] == _DOCTOR else ""


def find(text: str, *, limit: int = SHOWN) -> list[Found]:
    """Practices where every word starts a word of the person or of her place. Whom perinat knows is not here."""
    words = fold(text).split()
    if not words or max(map(len, words)) < 2:
        return []
    rows = MirrorPractice.objects.filter(
        gone_at__isnull=True, person__gone_at__isnull=True, place__gone_at__isnull=True
    )
    rows = rows.exclude(person__rpps="").exclude(person__rpps__in=Professional.objects.values("rpps"))
    for word in words:
        rows = rows.filter(Q(person__search__contains=f" {word}") | Q(place__search__contains=f" {word}"))
    order = ("person__family_name", "person__given_name", "place__city", "key")
    return _shown(list(rows.select_related("person", "place").order_by(*order)[:limit]))


def _shown(practices: list[MirrorPractice]) -> list[Found]:
    published = _published(practices)
    used = {
        box.address.lower(): box
        for box in Mailbox.objects.filter(address__in={one.address for some in published.values() for one in some})
    }
    return [_found(one, published[one.pk], used) for one in practices]


def _published(practices: list[MirrorPractice]) -> dict[UUID, list[MirrorMailbox]]:
    """Practice → its addresses, the best first: of this practice, of the person, then of the place."""
    boxes = MirrorMailbox.objects.filter(gone_at__isnull=True, kind__in=MAILED)
    by_owner: dict[UUID | None, list[MirrorMailbox]] = defaultdict(list)
    keys = [(one.pk, one.person_id, one.place_id) for one in practices]
    owned = (
        Q(practice__in=[k[0] for k in keys]) | Q(person__in=[k[1] for k in keys]) | Q(place__in=[k[2] for k in keys])
    )
    for box in boxes.filter(owned).order_by("address"):
        by_owner[box.practice_id or box.person_id or box.place_id].append(box)
    return {practice: [*by_owner[practice], *by_owner[person], *by_owner[place]] for practice, person, place in keys}


def _found(practice: MirrorPractice, boxes: list[MirrorMailbox], used: dict[str, Mailbox]) -> Found:
    person, place = practice.person, practice.place
    alive = [box for box in boxes if not (box.address in used and used[box.address].dead_since)]
    known = used.get(alive[0].address) if alive else None
    return Found(
        practice_id=practice.pk,
        rpps=person.rpps,
        name=f"{person.given_name} {person.family_name}",
        profession=specialty_label(person.specialty_code),
        place=place.name,
        city=place.city,
        address=alive[0].address if alive else "",
        last_success_at=known.last_success_at if known else None,
        is_dead=bool(boxes) and not alive,
        may_be_chosen=person.specialty_code in codes.SPECIALTIES,
    )


def freshness(now: datetime) -> Freshness:
    """« Annuaire : à jour du … », and whether it is late; never late where the directory is not used."""
    if not settings.ANNUAIRE_BASE_URL:
        return Freshness(None, False, "Annuaire Santé : non relié")
    rows = {row.departement: row for row in DirectoryMirror.objects.all()}
    wanted = [rows.get(one) for one in settings.ANNUAIRE_DEPARTEMENTS]
    dates = [row.synced_at for row in wanted if row is not None and row.synced_at is not None]
    failure = next((row.failure_fr for row in wanted if row is not None and row.failure_fr), "")
    if not dates or len(dates) < len(wanted):
        return Freshness(None, bool(failure), "Annuaire : pas encore lu en entier", failure)
    oldest = min(dates)
    is_late = now - oldest > timedelta(days=settings.ANNUAIRE_LATE_DAYS)
    return Freshness(oldest, is_late, f"Annuaire : à jour du {timezone.localtime(oldest):%d/%m/%Y à %H:%M}", failure)
