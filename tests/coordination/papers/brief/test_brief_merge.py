"""Two documents, one card: the same, more precise, or contradictory."""

from __future__ import annotations

import pytest

from coordination.papers.brief.fields import Field
from coordination.papers.brief.merge import Sourced, merged, with_loss
from coordination.papers.brief.values import Found

F = Field


def sourced(field: Field, *keys: str) -> list[Sourced[int]]:
    return [Sourced(Found(field, f"valeur {key}", key), rank) for rank, key in enumerate(keys)]


@pytest.mark.parametrize(
    ("field", "keys", "shown"),
    [
        (F.MODE, ("VAGINAL", "VAGINAL"), [0]),
        (F.MODE, ("VAGINAL", "CAESAREAN"), [0, 1]),
        (F.MODE, ("", "CAESAREAN"), [0]),
        (F.MODE, ("", ""), [0]),
        (F.TERM, ("39", "39+4"), [1]),
        (F.TERM, ("39+3", "39+4"), [0, 1]),
        (F.BORN_AT, ("2026-03-02", "2026-03-02T14:32"), [1]),
        (F.BORN_AT, ("2026-03-02T14:32", "2026-03-02T14:39"), [0, 1]),
        (F.BLOOD_GROUP, ("+", "A+"), [1]),
        (F.BLOOD_GROUP, ("A+", "A-"), [0, 1]),
        (F.BIRTH_WEIGHT, ("3320", "3320", "3420"), [0, 2]),
        (F.LOSS, ("4.2", "4.3"), [0]),
        (F.LOSS, ("4.2", "6.0"), [0, 1]),
        (F.ALLERGIES, ("NONE", "SOME"), [0, 1]),
    ],
)
def test_what_is_shown(field: Field, keys: tuple[str, ...], shown: list[int]) -> None:
    one = merged(field, sourced(field, *keys))
    assert [told.source for told in one.told] == shown and one.contradictory == (len(shown) > 1)


def test_nothing_found() -> None:
    assert merged(F.MODE, sourced(F.TERM, "39")).told == ()


def test_the_loss_is_computed_from_the_child_s_own_weights() -> None:
    weights = sourced(F.BIRTH_WEIGHT, "3320") + sourced(F.EXIT_WEIGHT, "3180")
    (loss,) = merged(F.LOSS, with_loss(weights)).told
    assert loss.found.value == "perte de 4,2\u00a0% (calculée)"
    said = Sourced(Found(F.LOSS, "9,0 %", "9.0"), 7)
    assert merged(F.LOSS, with_loss([*weights, said])).contradictory
    assert (
        merged(F.LOSS, with_loss(sourced(F.BIRTH_WEIGHT, "3320", "3420") + sourced(F.EXIT_WEIGHT, "3180"))).told == ()
    )
    gained = with_loss(sourced(F.BIRTH_WEIGHT, "3000") + sourced(F.EXIT_WEIGHT, "3030"))
    assert merged(F.LOSS, gained).told[0].found.value.startswith("gain de 1,0")
