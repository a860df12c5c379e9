"""The benchmark must be able to fail: its verdict, given false figures."""

from __future__ import annotations

import math

import pytest

from tests.load.goals import GOALS, Goal, Result, Rounds, exit_code, goal, ms

COUNTED = [one for one in GOALS if one.counted]


def results(**ratios: float) -> list[Result]:
    """Every goal just reached, but those given."""
    return [Result(one, ratios.get(one.name, one.bound)) for one in GOALS]


def test_all_reached_is_success() -> None:
    assert exit_code(results()) == 0


@pytest.mark.parametrize("one", COUNTED, ids=lambda one: one.name)
def test_one_missed_goal_is_a_failure(one: Goal) -> None:
    worse = one.bound * (0.99 if one.least else 1.01)
    assert exit_code(results(**{one.name: worse})) == 1


@pytest.mark.parametrize("one", COUNTED, ids=lambda one: one.name)
def test_a_goal_that_was_not_measured_is_a_failure(one: Goal) -> None:
    assert exit_code([result for result in results() if result.goal is not one]) == 1
    assert exit_code(results(**{one.name: math.nan})) == 1


def test_nothing_measured_is_a_failure() -> None:
    assert exit_code([]) == 1


def test_a_goal_of_another_machine_is_shown_and_does_not_count() -> None:
    assert exit_code(results(P12=0.2)) == 0
    assert "reached=no counted=no" in Result(goal("P12"), 0.2).line


@pytest.mark.parametrize("name", ["P9", "P9-LDL-SES", "P9-OBP-SNM"])
def test_writing_a_document_counts(name: str) -> None:
    assert exit_code(results(**{name: goal(name).bound * 1.01})) == 1


def test_the_line_says_ratio_goal_and_verdict() -> None:
    assert (
        Result(goal("P1"), 0.1934, {"docs_s": "40.1"}).line
        == "bench: P1 ratio=0.193 goal=0.2 sense=min reached=no docs_s=40.1"
    )
    assert "ratio=nan goal=2.5 sense=max reached=no" in Result(goal("P8"), math.nan).line


def test_the_ratio_is_the_median_of_the_pairs() -> None:
    # the third round met a busy machine: both sides slow, same ratio; the fourth only the floor
    rounds = Rounds(product=[40, 42, 10, 41, 39], floor=[200, 200, 50, 100, 200])
    assert rounds.ratio == pytest.approx(0.2)
    assert rounds.medians() == (40, 200)


@pytest.mark.parametrize("floor", [[0.0], [math.inf], [math.nan], [-1.0]])
def test_a_floor_that_is_no_measure_gives_no_ratio(floor: list[float]) -> None:
    assert math.isnan(Rounds([1.0], floor).ratio)


def test_rounds_come_in_pairs() -> None:
    assert math.isnan(Rounds([], []).ratio)
    with pytest.raises(ValueError, match="shorter"):
        _ = Rounds([1.0, 2.0], [1.0]).ratio


def test_steps_are_printed_with_their_total() -> None:
    assert ms({"cda": 0.2, "xsd": 0.5}) == "cda:0.20,xsd:0.50,total:0.70"
