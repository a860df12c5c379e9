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
    one = merged(F.LOSS, gained)
    assert (one.name, one.told[0].found.value) == ("Poids", "gain de 1,0\u00a0% (calculé)")
    assert merged(F.LOSS, with_loss(weights)).name == "Perte de poids"


@pytest.mark.parametrize(
    ("field", "keys", "shown", "contradictory"),
    [
        (F.ALERTS, ("", ""), [0], False),
        (F.ALERTS, ("TRANSFUSION=YES", ""), [0, 1], False),
        (F.ALERTS, ("TRANSFUSION=YES", "TRANSFUSION=NO"), [0, 1], True),
        (F.TREATMENTS, ("SOME", "SOME"), [0], False),
        (F.TREATMENTS, ("SOME", "NONE"), [0, 1], True),
        (F.VACCINES, ("HEPB=NO BCG=YES", "BCG=YES RSV=YES"), [0, 1], False),
        (F.VACCINES, ("HEPB=NO BCG=YES", "BCG=NO"), [0, 1], True),
        (F.VACCINES, ("BCG=YES", "NONE"), [0, 1], True),
        (F.VACCINES, ("BCG=NO", "NONE"), [0, 1], False),
        (F.VACCINES, ("BCG=NO", "SOME"), [0, 1], True),
        (F.BLOOD_LOSS, ("250", "800"), [0, 1], True),
        (F.BLOOD_LOSS, ("", "800"), [0, 1], False),
        (F.PERINEUM, ("TEAR", "TEAR1"), [1], False),
        (F.PERINEUM, ("INTACT", "TEAR1"), [0, 1], True),
        (F.PERINEUM, ("EPISIOTOMIE", "EPISIOTOMIE+TEAR2"), [1], False),
        (F.LAST_WEIGHT, ("3420@2026-11-20", "3500@2026-11-24"), [0, 1], False),
        (F.LAST_WEIGHT, ("3420@2026-11-20", "3500@2026-11-20"), [0, 1], True),
    ],
)
def test_what_adds_up_and_what_cannot_be_true_together(
    field: Field, keys: tuple[str, ...], shown: list[int], contradictory: bool
) -> None:
    one = merged(field, sourced(field, *keys))
    assert ([value.source for value in one.told], one.contradictory) == (shown, contradictory)


def test_words_of_two_documents_are_both_told_and_the_same_ones_once() -> None:
    words = ("Hémorragie", "Fièvre", "hémorragie.")
    found = [Sourced(Found(F.ALERTS, one), rank) for rank, one in enumerate(words)]
    assert [one.source for one in merged(F.ALERTS, found).told] == [0, 1]


def test_the_loss_without_a_weight_at_exit_is_that_of_the_last_weighing_with_its_day() -> None:
    weighings = sourced(F.LAST_WEIGHT, "3200@2026-11-20", "3300@2026-11-24")
    (loss,) = merged(F.LOSS, with_loss(sourced(F.BIRTH_WEIGHT, "3400") + weighings)).told
    assert loss.found.value == "perte de 2,9\u00a0% le 24/11/2026 (calculée)" and loss.source == 1
    said = Sourced(Found(F.LOSS, "9,0 %", "9.0"), 7)
    assert not merged(F.LOSS, with_loss([*sourced(F.BIRTH_WEIGHT, "3400"), *weighings, said])).contradictory
    at_exit = sourced(F.EXIT_WEIGHT, "3230")
    (loss,) = merged(F.LOSS, with_loss(sourced(F.BIRTH_WEIGHT, "3400") + at_exit + weighings)).told
    assert loss.found.value == "perte de 5,0\u00a0% (calculée)"
    two = sourced(F.LAST_WEIGHT, "3200@2026-11-20", "3300@2026-11-20")
    assert merged(F.LOSS, with_loss(sourced(F.BIRTH_WEIGHT, "3400") + two)).told == ()


def test_a_weighing_of_a_rank_has_no_date_and_gives_no_loss() -> None:
    weighed = sourced(F.BIRTH_WEIGHT, "3400") + sourced(F.LAST_WEIGHT, "3180@J3", "3200@J2")
    assert merged(F.LOSS, with_loss(weighed)).told == () and not merged(F.LAST_WEIGHT, weighed).contradictory


def test_the_loss_of_the_exit_is_told_before_the_greatest_one() -> None:
    greatest = Sourced(Found(F.LOSS, "maximale : 7 %"), 7)
    weights = sourced(F.BIRTH_WEIGHT, "3320") + sourced(F.EXIT_WEIGHT, "3180")
    one = merged(F.LOSS, with_loss([greatest, *weights]))
    assert not one.contradictory and "(calculée)" in one.told[0].found.value


def test_a_gain_and_a_loss_of_as_much_contradict() -> None:
    gained = with_loss(sourced(F.BIRTH_WEIGHT, "3000") + sourced(F.EXIT_WEIGHT, "3030"))
    assert merged(F.LOSS, [*gained, Sourced(Found(F.LOSS, "1,0 %", "1.0"), 9)]).contradictory
