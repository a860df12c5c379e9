"""A path leads to what a problem is about; taking it away leaves the rest, and any case can then be compared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from coordination.cda.case import content
from coordination.cda.spec.paths import value_at, without
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import agreement_problems, case_problems
from tests.conformance.cases import CASES

CASE = {"acts": {"acts": [{"act": {"code": "A"}}, {"act": {"code": "B"}}]}, "reason": "Naissance"}


@pytest.mark.parametrize(
    ("path", "value", "left"),
    [
        ("body.reason", "Naissance", {"acts": CASE["acts"]}),
        ("body.acts.acts[1].act.code", "B", {**CASE, "acts": {"acts": [{"act": {"code": "A"}}, {"act": {}}]}}),
        ("body.acts.acts[0]", {"act": {"code": "A"}}, {**CASE, "acts": {"acts": [None, {"act": {"code": "B"}}]}}),
        ("body.acts.acts[7].act", None, CASE),
        ("body.reason.deeper", None, CASE),
        ("body.rubrique n° 3", None, CASE),
        ("body", CASE, {}),
    ],
)
def test_what_stands_there_and_the_rest(path: str, value: object, left: object) -> None:
    assert value_at(CASE, path) == value and without(CASE, [path]) == left


def _spoilt(value: object) -> Iterator[object]:
    """The same value with one of its parts taken away, or of another kind."""
    if isinstance(value, dict):
        for name in value:
            yield {key: one for key, one in value.items() if key != name}
            for bad in ("", "2026-13-45", 3, [], {}, None, True):
                yield {**value, name: bad}
            yield from ({**value, name: hole} for hole in _spoilt(value[name]))
    elif isinstance(value, list):
        for rank, one in enumerate(value):
            for hole in ("", {}, None, *_spoilt(one)):
                yield [*value[:rank], hole, *value[rank + 1 :]]


@pytest.mark.parametrize("volet", list(CASES))
def test_whatever_is_wrong_in_a_case_the_rest_is_compared_with_its_header(volet: str) -> None:
    around = content(VOLETS[volet], CASES[volet]["minimal"])
    tried = 0
    for body in _spoilt(CASES[volet]["maximal"]["body"]):
        assert isinstance(body, dict)
        found = [one.path for one in case_problems(VOLETS[volet], body, on=date(2026, 11, 22))]
        framed: Any = _Framed(without(body, found), around.patient, around.encounter)
        tried += len(list(agreement_problems(VOLETS[volet], framed))) >= 0
    assert tried > 30


class _Framed:
    def __init__(self, body: object, patient: object, encounter: object) -> None:
        self.body, self.patient, self.encounter = body, patient, encounter
