"""What the page of a mother says of each recipient: where she is written to, when it last worked, which box is dead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from coordination.models import Mailbox, Professional
from perinat.standards.fallback import policy

NO_REASON = "Le motif n’a pas été gardé."


@dataclass(frozen=True, slots=True)
class DeadBox:
    """An address that is no longer used: since when, and why."""

    id: UUID
    address: str
    since: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Reach:
    """`address`: the one that is used, empty when there is none. `is_shared`: that of her place of work."""

    address: str = ""
    last_success_at: datetime | None = None
    is_shared: bool = False
    left_directory: bool = False
    dead: tuple[DeadBox, ...] = ()

    @property
    def text(self) -> str:
        """Where she is written to, on one line."""
        if not self.address:
            return "Aucune adresse MSSanté en service : les papiers attendent une adresse."
        whose = ", boîte de sa structure" if self.is_shared else ""
        gone = ", n’est plus à l’Annuaire Santé" if self.left_directory else ""
        return f"{self.address}{whose}{gone}, {self.success}."

    @property
    def success(self) -> str:
        if self.last_success_at is None:
            return "aucun envoi encore"
        return f"dernier envoi accepté le {timezone.localtime(self.last_success_at):%d/%m/%Y}"


@dataclass(frozen=True, slots=True)
class Known:
    """A professional of perinat, as a card of the search."""

    id: UUID
    name: str
    profession: str
    place: str
    city: str
    rpps: str
    reach: Reach


def reaches(professionals: Sequence[Professional]) -> dict[UUID, Reach]:
    """Professional → where she is written to. Two queries, whatever their number."""
    own: dict[UUID, list[Mailbox]] = {one.pk: [] for one in professionals}
    shared: dict[UUID, list[Mailbox]] = {one.organisation_id: [] for one in professionals}
    for box in Mailbox.objects.filter(professional__in=own).order_by("address"):
        own[box.professional_id].append(box)  # type: ignore[index]  # it is the one asked for
    for box in Mailbox.objects.filter(organisation__in=shared, kind__in=policy().boxes).order_by("address"):
        shared[box.organisation_id].append(box)  # type: ignore[index]
    return {one.pk: _reach(own[one.pk], shared[one.organisation_id]) for one in professionals}


def _reach(own: list[Mailbox], shared: list[Mailbox]) -> Reach:
    """The same order as the sending (`services.addresses`): hers first, then that of her place."""
    used = next(iter(_alive(own) or _alive(shared)), None)
    dead = tuple(
        DeadBox(box.pk, box.address, box.dead_since, box.dead_reason or NO_REASON)
        for box in (*own, *shared)
        if box.dead_since is not None
    )
    if used is None:
        return Reach(dead=dead)
    return Reach(
        used.address, used.last_success_at, used.professional_id is None, used.left_directory_at is not None, dead
    )


def _alive(boxes: list[Mailbox]) -> list[Mailbox]:
    alive = [box for box in boxes if box.dead_since is None]
    return sorted(alive, key=_preference)


def _preference(box: Mailbox) -> tuple[bool, float, str]:
    last = box.last_success_at.timestamp() if box.last_success_at else 0.0
    return box.left_directory_at is not None, -last, box.address


def cards(professionals: Sequence[Professional]) -> list[Known]:
    found = reaches(professionals)
    return [
        Known(
            one.pk,
            str(one),
            one.specialty.label,
            one.organisation.name,
            one.organisation.city,
            one.rpps,
            found[one.pk],
        )
        for one in professionals
    ]
