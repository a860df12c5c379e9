"""What may be shown of a month's counts: no shown number, and no combination of them, counts under FLOOR.

The numbers of a month fall into families; a family cuts the discharges into parts that do not overlap
(letter: the same day · later · never). Three rules, and why they are enough:

1. A family is shown for the territory only when each of its parts counts FLOOR or more; otherwise a
   coarser level of it (fewer indicators, hence fewer parts) is tried.
2. A maternity is shown in a family only when each of its parts counts FLOOR or more. The maternities
   left out can be rebuilt together by subtraction from the territory: as a block, they must pass the
   same test, and shown maternities join the block, smallest first, until it does.
3. A maternity with fewer than FLOOR discharges is left out of every family, with the same companions:
   otherwise one family could give the discharges of two maternities and another those of one of them.

Parts of one family can be added or subtracted, and give unions of parts: FLOOR or more. Parts of two
families cut the same mothers across, so that only whole blocks can be told from both: FLOOR or more by
rule 3. Months are counted apart (nothing adds two of them up to a third one), and a month does not move
once it is published (services.publications). Zero counts as under FLOOR: « none » and « all » speak of
each person. A maternity without any discharge in the month has nobody to protect: it is left aside.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from coordination.models.publications import SMALLEST_SHOWN
from coordination.selectors.indicators_counts import Counts

FLOOR = SMALLEST_SHOWN
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Cell:
    """A count that may be shown, over what it is counted on."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> float:
        return 100 * self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Published(Generic[K]):
    """A month fit to be shown: indicator → cell, for the territory and by maternity. Absent: hidden."""

    total: Mapping[str, Cell]
    rows: Mapping[K, Mapping[str, Cell]]


@dataclass(frozen=True, slots=True)
class Level:
    """Indicators shown together, and the sizes of the parts that they let anybody compute."""

    indicators: tuple[str, ...]
    parts: Callable[[Counts], tuple[int, ...]]

    def is_safe(self, counts: Counts) -> bool:
        return all(part >= FLOOR for part in self.parts(counts))


SAME_DAY, ACCEPTED, READ, PLACED, IN_TIME = "same_day", "accepted", "read", "placed", "in_time"
CELLS: dict[str, Callable[[Counts], Cell]] = {
    SAME_DAY: lambda c: Cell(c.same_day, c.discharges),
    ACCEPTED: lambda c: Cell(c.accepted, c.discharges),
    READ: lambda c: Cell(c.read, c.seen),
    PLACED: lambda c: Cell(c.placed, c.unplaced),
    IN_TIME: lambda c: Cell(c.in_time, c.discharges),
}
# Finest level first; the indicators of a coarser one are among those of the finest.
FAMILIES: tuple[tuple[Level, ...], ...] = (
    (
        Level((SAME_DAY, ACCEPTED), lambda c: (c.same_day, c.accepted - c.same_day, c.discharges - c.accepted)),
        Level((SAME_DAY,), lambda c: (c.same_day, c.discharges - c.same_day)),
        Level((ACCEPTED,), lambda c: (c.accepted, c.discharges - c.accepted)),
    ),
    (
        Level(
            (READ, IN_TIME),
            lambda c: (c.read, c.seen - c.read, c.in_time, c.seen - c.in_time, c.discharges - c.seen),
        ),
        Level((READ,), lambda c: (c.read, c.seen - c.read, c.discharges - c.seen)),
        Level((IN_TIME,), lambda c: (c.in_time, c.discharges - c.in_time)),
    ),
    (Level((PLACED,), lambda c: (c.placed, c.unplaced - c.placed, c.discharges - c.unplaced)),),
)


def publish(counts: Mapping[K, Counts]) -> Published[K]:
    """Hide what must be of one month, given the counts of each maternity."""
    present = {key: c for key, c in counts.items() if c.discharges}
    whole = _sum(present.values())
    apart = _too_small(present)
    total: dict[str, Cell] = {}
    rows: dict[K, dict[str, Cell]] = {key: {} for key in counts}
    for family in FAMILIES:
        finest = next((level for level in family if level.is_safe(whole)), None)
        if finest is None:
            continue
        total |= _cells(finest, whole)
        coarser = [level for level in family if set(level.indicators) <= set(finest.indicators)]
        choices = [(level, _shown(level, present, apart)) for level in coarser]
        level, shown = max(choices, key=lambda choice: len(choice[0].indicators) * len(choice[1]))
        for key in shown:
            rows[key] |= _cells(level, present[key])
    return Published(total, rows)


def _cells(level: Level, counts: Counts) -> dict[str, Cell]:
    return {name: CELLS[name](counts) for name in level.indicators}


def _too_small(present: Mapping[K, Counts]) -> set[K]:
    """Maternities under FLOOR discharges, with companions, smallest first, until they cannot be told apart."""
    by_size = sorted(present, key=lambda key: present[key].discharges)
    apart = {key for key in by_size if present[key].discharges < FLOOR}
    for key in by_size:
        if not apart or _sum(present[one] for one in apart).discharges >= FLOOR:
            break
        apart.add(key)
    return apart


def _shown(level: Level, present: Mapping[K, Counts], apart: set[K]) -> list[K]:
    """Maternities shown at this level: the block of the others passes the same test."""
    shown = [key for key in present if key not in apart and level.is_safe(present[key])]
    shown.sort(key=lambda key: present[key].discharges, reverse=True)
    hidden = [key for key in present if key not in shown]
    while hidden and shown and not level.is_safe(_sum(present[key] for key in hidden)):
        hidden.append(shown.pop())
    return shown


def _sum(counts: object) -> Counts:
    return sum(counts, Counts())  # type: ignore[call-overload]
