"""An attacker who knows every definition and adds and subtracts whatever is shown finds no count under 11.

He reasons on vectors: a shown number counts a set of mothers, told apart by maternity and by the part of
each family they are in. He can compute the count of a set if and only if its vector is a combination of
the vectors shown. We give him every set made, maternity by maternity, of parts of one family.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coordination.selectors import indicators_masking as masking
from coordination.selectors.indicators_counts import Counts
from coordination.selectors.indicators_masking import FLOOR, Published, publish

PRIME = 2**61 - 1
LETTER = ("same_day", "later", "never")
VISIT = ("in_time_read", "in_time_unread", "late_read", "late_unread", "unseen")
RELAY = ("known", "placed", "alone")
FAMILIES = (LETTER, VISIT, RELAY)
Ward = dict[str, int]  # part → mothers; the parts of each family add up to the same discharges
Mother = tuple[int, str, str, str]  # ward, letter, visit, relay

MEANING: dict[str, tuple[set[str], set[str]]] = {  # what a cell counts, on what: written apart from the product
    "same_day": ({"same_day"}, set(LETTER)),
    "accepted": ({"same_day", "later"}, set(LETTER)),
    "read": ({"in_time_read", "late_read"}, set(VISIT) - {"unseen"}),
    "in_time": ({"in_time_read", "in_time_unread"}, set(VISIT)),
    "placed": ({"placed"}, {"placed", "alone"}),
}


def counts_of(ward: Ward) -> Counts:
    return Counts(
        discharges=sum(ward[p] for p in LETTER),
        same_day=ward["same_day"],
        accepted=ward["same_day"] + ward["later"],
        unplaced=ward["placed"] + ward["alone"],
        placed=ward["placed"],
        seen=sum(ward[p] for p in VISIT) - ward["unseen"],
        in_time=ward["in_time_read"] + ward["in_time_unread"],
        read=ward["in_time_read"] + ward["late_read"],
    )


def mothers(wards: int) -> list[Mother]:
    return list(product(range(wards), LETTER, VISIT, RELAY))


def vectors(published: Published[int], wards: int) -> Iterator[list[int]]:
    """One vector for each number on the page."""
    scopes: list[tuple[set[int], Mapping[str, masking.Cell]]] = [(set(range(wards)), published.total)]
    scopes += [({key}, cells) for key, cells in published.rows.items()]
    for scope, cells in scopes:
        for name in cells:
            for parts in MEANING[name]:
                yield [int(m[0] in scope and bool(parts & set(m[1:]))) for m in mothers(wards)]


def orthogonal(shown: list[list[int]], size: int, chance: random.Random) -> list[int]:
    """A random vector of GF(PRIME) whose product with every shown vector is zero.

    A set that cannot be computed has a product of zero with it once in 2**61.
    """
    pivots: dict[int, list[int]] = {}
    for vector in shown:
        row = vector[:]
        for column, pivot in pivots.items():
            if row[column]:
                factor = row[column]
                row = [(x - factor * y) % PRIME for x, y in zip(row, pivot, strict=True)]
        lead = next((i for i, x in enumerate(row) if x), None)
        if lead is None:
            continue
        inverse = pow(row[lead], -1, PRIME)
        row = [x * inverse % PRIME for x in row]
        for column, pivot in pivots.items():
            if pivot[lead]:
                factor = pivot[lead]
                pivots[column] = [(x - factor * y) % PRIME for x, y in zip(pivot, row, strict=True)]
        pivots[lead] = row
    free = [0 if i in pivots else chance.randrange(PRIME) for i in range(size)]
    for column, pivot in pivots.items():
        free[column] = -sum(x * free[i] for i, x in enumerate(pivot) if i != column) % PRIME
    return free


def unions(family: tuple[str, ...]) -> Iterator[set[str]]:
    for size in range(len(family) + 1):
        yield from map(set, combinations(family, size))


def smallest_computable(published: Published[int], wards: list[Ward]) -> int | None:
    """The smallest count above zero that the attacker can compute (zero when he can tell that a set is empty)."""
    everybody = mothers(len(wards))
    shown = list(vectors(published, len(wards)))
    if not shown:
        return None
    probe = orthogonal(shown, len(everybody), random.Random(1))
    found = {(0, False): 0}  # (product so far, is the set made of somebody) → smallest count
    for number, ward in enumerate(wards):
        options: dict[tuple[int, bool], int] = {}
        for family in FAMILIES:
            for parts in unions(family):
                inside = [i for i, m in enumerate(everybody) if m[0] == number and parts & set(m[1:])]
                key = (sum(probe[i] for i in inside) % PRIME, bool(parts))
                size = sum(ward[p] for p in parts)
                options[key] = min(size, options.get(key, size))
        grown: dict[tuple[int, bool], int] = {}
        for ((a, some), n), ((b, more), m) in product(found.items(), options.items()):
            key = ((a + b) % PRIME, some or more)
            grown[key] = min(n + m, grown.get(key, n + m))
        found = grown
    return found.get((0, True))


@st.composite
def a_ward(draw: st.DrawFn) -> Ward:
    total = draw(st.integers(1, 24) | st.integers(20, 120))  # a ward without a discharge has nobody to protect
    ward: Ward = {}
    for family in FAMILIES:
        left = total
        for part in family[:-1]:
            ward[part] = draw(st.integers(0, min(left, 14)) | st.integers(0, left))
            left -= ward[part]
        ward[family[-1]] = left
    return ward


def even(total: int) -> Ward:
    ward = {}
    for family in FAMILIES:
        ward |= dict.fromkeys(family, total // len(family))
        ward[family[-1]] += total - sum(ward[p] for p in family)
    return ward


# The letter would hide the second with the first, the visit with the third: without rule 3, its 9 discharges show.
TWO_COMPANIONS = [even(60), even(9), even(200) | dict.fromkeys(VISIT, 48) | {"unseen": 8}]


@settings(max_examples=120, deadline=None)
@given(st.lists(a_ward(), min_size=1, max_size=3))
@example([even(60), even(60), even(60)])
@example([even(60), even(8), even(60)])
@example([even(3), even(9)])
@example(TWO_COMPANIONS)
def test_no_combination_of_shown_numbers_counts_under_eleven(wards: list[Ward]) -> None:
    published = publish({number: counts_of(ward) for number, ward in enumerate(wards)})
    smallest = smallest_computable(published, wards)
    assert smallest is None or smallest >= FLOOR


@settings(max_examples=200, deadline=None)
@given(st.lists(a_ward(), min_size=1, max_size=6))
def test_every_cell_shown_is_eleven_or_more_with_its_complement(wards: list[Ward]) -> None:
    published = publish({number: counts_of(ward) for number, ward in enumerate(wards)})
    for cells in (published.total, *published.rows.values()):
        for cell in cells.values():
            assert min(cell.numerator, cell.denominator - cell.numerator, cell.denominator) >= FLOOR


def cells(wards: list[Ward], names: Callable[[int], set[str]]) -> Published[int]:
    """What a careless page would show."""
    counted = [counts_of(ward) for ward in wards]
    whole = sum(counted, Counts())
    return Published(
        {name: masking.CELLS[name](whole) for name in MEANING},
        {i: {name: masking.CELLS[name](c) for name in names(i)} for i, c in enumerate(counted)},
    )


def test_the_attacker_finds_what_a_careless_page_lets_through() -> None:
    late = even(60) | {"later": 3, "never": 37}
    assert smallest_computable(cells([late, even(60)], lambda i: {"same_day", "accepted"}), [late, even(60)]) == 3
    small = [even(8), even(60)]
    assert smallest_computable(cells(small, lambda i: {"in_time"} if i else set()), small) < FLOOR  # type: ignore[operator]
    three = [even(60), even(9), even(60)]  # the two families hide another companion of the small one
    careless = cells(three, lambda i: {0: {"in_time"}, 1: set(), 2: {"same_day"}}[i])
    assert smallest_computable(careless, three) == 9


def test_large_wards_are_shown_whole() -> None:
    published = publish({"a": counts_of(even(75)), "b": counts_of(even(90))})
    assert set(published.total) == set(MEANING)
    assert all(set(row) == set(MEANING) for row in published.rows.values())


def test_a_small_ward_takes_its_smallest_neighbour_along() -> None:
    published = publish({"small": counts_of(even(6)), "middle": counts_of(even(75)), "large": counts_of(even(200))})
    assert set(published.total) == set(MEANING)
    assert [key for key, row in published.rows.items() if row] == ["large"]


def test_a_thin_part_gives_a_coarser_family() -> None:
    """Nearly every letter leaves the same day or the next: « accepted » hides, « same day » stays."""
    month = {"a": counts_of(even(90) | {"same_day": 70, "later": 15, "never": 5})}
    assert {"same_day", "accepted"} & set(publish(month).total) == {"same_day"}


@pytest.mark.parametrize("wards", [{}, {"a": Counts()}, {"a": counts_of(even(10))}, {"a": counts_of(even(12))}])
def test_small_territories_show_nothing(wards: dict[str, Counts]) -> None:
    published = publish(wards)
    assert not published.total and not any(published.rows.values())
