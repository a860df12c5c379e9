"""Several documents, one card: the value to show for a field, or that the documents contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from coordination.papers.brief.fields import Field
from coordination.papers.brief.values import Found

S = TypeVar("S")
_LONGER_SAYS_MORE = frozenset({Field.BORN_AT, Field.TERM})  # « 39 » and « 39+4 », a day and its hour
_SIGN_LAST = frozenset({Field.BLOOD_GROUP})  # « + » and « A+ »
_SOME_PERCENT = 0.3


@dataclass(frozen=True, slots=True)
class Sourced(Generic[S]):
    """A value and the document (or the stay) it comes from."""

    found: Found
    source: S


@dataclass(frozen=True, slots=True)
class Merged(Generic[S]):
    """`told`: what is shown, the first one, or every one that differs when `contradictory`. Empty: not found."""

    field: Field
    told: tuple[Sourced[S], ...] = ()
    contradictory: bool = False


def merged(field: Field, found: Sequence[Sourced[S]]) -> Merged[S]:
    """`found`: the most trusted source first."""
    mine = [one for one in found if one.found.field == field and one.found.value]
    if not mine:
        return Merged(field)
    differing: list[Sourced[S]] = []
    for one in mine:
        if one.found.key and not any(compatible(field, one.found.key, other.found.key) for other in differing):
            differing.append(one)
    if len(differing) > 1:
        return Merged(field, tuple(differing), contradictory=True)
    return Merged(field, (_fullest(field, mine),))


def compatible(field: Field, first: str, second: str) -> bool:
    """These two keys may be told of one person."""
    if field in _LONGER_SAYS_MORE:
        return first.startswith(second) or second.startswith(first)
    if field in _SIGN_LAST:
        return first.endswith(second) or second.endswith(first)
    if field == Field.LOSS:
        return abs(float(first) - float(second)) <= _SOME_PERCENT
    return first == second


def _fullest(field: Field, mine: Sequence[Sourced[S]]) -> Sourced[S]:
    """The most trusted; where a longer one says the same and more, that one."""
    if field in _LONGER_SAYS_MORE | _SIGN_LAST:
        return max(mine, key=lambda one: len(one.found.key))  # the first of the longest
    return mine[0]


def with_loss(found: Sequence[Sourced[S]]) -> list[Sourced[S]]:
    """The loss from the two weights of one child, when each is one number, with the source of the weight at exit."""
    weights = [merged(field, found) for field in (Field.BIRTH_WEIGHT, Field.EXIT_WEIGHT)]
    if any(not one.told or one.contradictory for one in weights):
        return list(found)
    birth, left = (float(one.told[0].found.key) for one in weights)
    percent = 100 * (birth - left) / birth
    words = f"{abs(percent):.1f}".replace(".", ",")
    said = f"perte de {words}\u00a0%" if percent >= 0 else f"gain de {words}\u00a0%"
    exit_weight = weights[1].told[0]
    place = exit_weight.found
    computed = Found(Field.LOSS, f"{said} (calculée)", f"{abs(percent):.1f}", place.page, place.section, place.heading)
    return [*found, Sourced(computed, exit_weight.source)]
