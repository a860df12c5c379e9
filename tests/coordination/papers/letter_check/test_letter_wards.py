"""Twelve letters of twelve hands: exactly what each lacks is told, and nothing else."""

from __future__ import annotations

import pytest

from coordination.papers.letter_check.criteria import Criterion
from coordination.papers.letter_check.report import State
from coordination.papers.letter_check.text import check_text
from tests.coordination.papers.letter_check.wards import LETTERS


def told(text: str, state: State) -> set[Criterion]:
    return {one.criterion for one in check_text([text]).findings if one.state == state}


@pytest.mark.parametrize("name", LETTERS)
def test_what_a_letter_lacks_and_nothing_else(name: str) -> None:
    letter = LETTERS[name]
    assert (told(letter.text, State.MISSING), told(letter.text, State.UNKNOWN)) == (letter.missing, letter.unknown)


def test_every_criterion_is_lacking_somewhere_or_tried_elsewhere() -> None:
    lacking = {criterion for one in LETTERS.values() for criterion in one.missing | one.unknown}
    assert set(Criterion) - lacking == {Criterion.STAY, Criterion.STOPPED, Criterion.PENDING}  # `test_letter_doubts`
