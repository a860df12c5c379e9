"""Several documents, one card: the values to show for a field, and whether the documents contradict each other.

A measure, a date, a mode is one: the fullest saying of it is shown, or each one when they differ. What is told in
words (alerts, treatments, follow-up…) adds up: what each document says is shown, with its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

from coordination.papers.brief.fields import NAMES, Field
from coordination.papers.brief.values import Found
from coordination.papers.words import fold

S = TypeVar("S")
_LONGER_SAYS_MORE = frozenset({Field.BORN_AT, Field.TERM})  # « 39 » and « 39+4 », a day and its hour
_SIGN_LAST = frozenset({Field.BLOOD_GROUP})  # « + » and « A+ »
_IN_WORDS = frozenset(
    {Field.ALERTS, Field.CHILD_ALERTS, Field.ALLERGIES, Field.TREATMENTS, Field.PREGNANCY_TREATMENTS, Field.FOLLOW_UP}
    | {Field.CHILD_FOLLOW_UP, Field.SCAR, Field.BLOOD_LOSS, Field.JAUNDICE, Field.VACCINES, Field.OTHER_SCREENING}
    | {Field.LAST_WEIGHT}
)
_SOME_PERCENT = 0.3
GAIN = "gain de"


@dataclass(frozen=True, slots=True)
class Sourced(Generic[S]):
    """A value and the document (or the stay) it comes from."""

    found: Found
    source: S


@dataclass(frozen=True, slots=True)
class Merged(Generic[S]):
    """`told`: what is shown, each one with its source. `contradictory`: they cannot all be true. Empty: not found."""

    field: Field
    told: tuple[Sourced[S], ...] = ()
    contradictory: bool = False

    @property
    def name(self) -> str:
        """A child who gained weight has no loss."""
        gained = self.field == Field.LOSS and self.told and all(one.found.value.startswith(GAIN) for one in self.told)
        return "Poids" if gained else NAMES[self.field]


def merged(field: Field, found: Sequence[Sourced[S]]) -> Merged[S]:
    """`found`: the most trusted source first."""
    mine = [one for one in found if one.found.field == field and one.found.value]
    if not mine:
        return Merged(field)
    differing = list(_differing(field, mine))
    if field in _IN_WORDS:
        return Merged(field, tuple(_said_once(mine)), contradictory=len(differing) > 1)
    if len(differing) > 1:
        return Merged(field, tuple(differing), contradictory=True)
    return Merged(field, (_fullest(field, mine),))


def _differing(field: Field, mine: Sequence[Sourced[S]]) -> Iterator[Sourced[S]]:
    """The values at odds with another one, each once."""
    keyed = [one for one in mine if one.found.key]
    at_odds = {
        one.found.key
        for pair in combinations(keyed, 2)
        if not compatible(field, pair[0].found.key, pair[1].found.key)
        for one in pair
    }
    for one in keyed:
        if one.found.key in at_odds:
            at_odds.remove(one.found.key)
            yield one


def _said_once(mine: Iterable[Sourced[S]]) -> Iterator[Sourced[S]]:
    """The same words of a second document are not told again."""
    seen: set[str] = set()
    for one in mine:
        words = fold(one.found.value).strip(" .")
        if words not in seen:
            seen.add(words)
            yield one


def compatible(field: Field, first: str, second: str) -> bool:
    """These two keys may be told of one person."""
    if field in _LONGER_SAYS_MORE:
        return first.startswith(second) or second.startswith(first)
    if field in _SIGN_LAST:
        return first.endswith(second) or second.endswith(first)
    if field == Field.LOSS:
        return abs(float(first) - float(second)) <= _SOME_PERCENT
    if field == Field.PERINEUM:
        return _tears(first, second) or _tears(second, first)
    if field in (Field.BLOOD_LOSS, Field.LAST_WEIGHT):
        return first == second or field == Field.LAST_WEIGHT and _another_day(first, second)
    if "=" in first or "=" in second:
        return _agree(_answers(first), _answers(second))
    return first == second


def _tears(less: str, more: str) -> bool:
    """« TEAR » of an unknown degree, or one of two lesions, says less and not otherwise."""
    parts = more.split("+")
    return all(part in parts or any(one.startswith(part) for one in parts) for part in less.split("+"))


def _another_day(first: str, second: str) -> bool:
    return first.partition("@")[2] != second.partition("@")[2]


def _answers(key: str) -> dict[str, str]:
    """« BCG=YES HEPB=NO »; « SOME » and « NONE » answer for all of them."""
    return dict(pair.split("=") for pair in key.split()) if "=" in key else {"": key}


def _agree(first: dict[str, str], second: dict[str, str]) -> bool:
    for one, other in ((first, second), (second, first)):
        said = one.get("")
        if said == "NONE" and "YES" in other.values():
            return False
        if said == "SOME" and "YES" not in other.values():
            return False
    return all(second.get(name, answer) == answer for name, answer in first.items() if name)


def _fullest(field: Field, mine: Sequence[Sourced[S]]) -> Sourced[S]:
    """The most trusted; where a longer one says the same and more, that one."""
    if field in _LONGER_SAYS_MORE | _SIGN_LAST | {Field.PERINEUM}:
        return max(mine, key=lambda one: len(one.found.key))  # the first of the longest
    if field == Field.LOSS:  # that of the exit before the greatest one, which is not compared
        return next((one for one in mine if one.found.key), mine[0])
    return mine[0]


def with_loss(found: Sequence[Sourced[S]]) -> list[Sourced[S]]:
    """The loss from the weights of one child, when each is one number: that of the exit, else the last weighing, told
    with its day. Its source is that of the weight."""
    birth = merged(Field.BIRTH_WEIGHT, found)
    weighed = _at_exit(found) or _last_weighing(found)
    if weighed is None or not birth.told or birth.contradictory or merged(Field.EXIT_WEIGHT, found).contradictory:
        return list(found)
    grams, _, day = weighed.found.key.partition("@")
    start = float(birth.told[0].found.key)
    percent = 100 * (start - float(grams)) / start
    words = f"{abs(percent):.1f}".replace(".", ",")
    said, computed_so = ("perte de", "calculée") if percent >= 0 else (GAIN, "calculé")
    when = f" le {'/'.join(reversed(day.split('-')))}" if day else ""
    place = weighed.found
    key = "" if day else f"{percent:.1f}"  # of another day: not to be compared with what is told of the exit
    computed = Found(
        Field.LOSS, f"{said} {words}\u00a0%{when} ({computed_so})", key, place.page, place.section, place.heading
    )
    return [*found, Sourced(computed, weighed.source)]


def _at_exit(found: Sequence[Sourced[S]]) -> Sourced[S] | None:
    one = merged(Field.EXIT_WEIGHT, found)
    return one.told[0] if one.told and not one.contradictory else None


def _last_weighing(found: Sequence[Sourced[S]]) -> Sourced[S] | None:
    """The latest one whose date is known; none when two of that date differ. « J3 » is no date."""
    dated = [one for one in found if one.found.field == Field.LAST_WEIGHT and "@2" in one.found.key]
    latest = max((one.found.key.partition("@")[2] for one in dated), default="")
    weights = [one for one in dated if one.found.key.endswith(f"@{latest}")]
    return weights[0] if len({one.found.key for one in weights}) == 1 else None
