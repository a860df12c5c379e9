"""No measure is dated by the day of writing, and no gestational age is read two ways."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from coordination.cda.spec.durations import Weeks
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import case_problems
from perinat.standards import oids, xml
from tests.conformance import run
from tests.conformance.cases import CASES
from tests.coordination.cda.spec.drawing import ON

HL7 = f"{{{oids.NS_HL7}}}"


def _times(volet: str, name: str, code: str) -> list[dict[str, str]]:
    """Attributes of the effectiveTime, and of its low, of the observations of this code."""
    root = xml.parse(run.build_case(VOLETS[volet], CASES[volet][name]))
    found = []
    for node in root.iter(f"{HL7}observation"):
        named, time = node.find(f"{HL7}code"), node.find(f"{HL7}effectiveTime")
        if named is not None and named.get("code") == code and time is not None:
            low = time.find(f"{HL7}low")
            found.append({str(key): str(value) for key, value in (time if low is None else low).items()})
    return found


@pytest.mark.parametrize(
    ("volet", "name", "code"),
    [
        ("OBP-SNE", "normal", "29463-7"),
        ("OBP-SNE", "normal", "9272-6"),
        ("OBP-SNE", "normal", "28646-8"),
        ("CSE-CS8", "minimal", "29463-7"),
        ("OBP-SAP", "minimal", "29463-7"),
        ("OBP-SEM", "maximal", "68322007"),
    ],
)
def test_what_has_no_date_is_not_of_the_day_of_writing(volet: str, name: str, code: str) -> None:
    times = _times(volet, name, code)
    assert times and all(set(time) == {"nullFlavor"} for time in times)


def test_the_measures_of_the_health_record_have_a_date() -> None:
    body = copy.deepcopy(CASES["CSE-MDE"]["minimal"]["body"])
    del body["vital_signs"]["measures"]["measured_at"]
    [found] = case_problems(VOLETS["CSE-MDE"], body, on=ON)
    assert found.path == "body.vital_signs.measures.measured_at"


@pytest.mark.parametrize("value", [39.4, 39.5, 39.1, 38.9, 28.05 + 0.5])
def test_an_ambiguous_term_is_refused(value: float) -> None:
    found = Weeks().problem(value, ON)
    assert found and "jours sur sept" in found


def test_the_refusal_says_what_to_write() -> None:
    found = Weeks().problem(39.4, ON)
    assert (
        found and "pour 39 SA + 3 j, écrivez 39,43" in found and "39, 39,14, 39,29, 39,43, 39,57, 39,71, 39,86" in found
    )


@pytest.mark.parametrize("value", [39, 39.0, *(round(39 + day / 7, 2) for day in range(7))])
def test_every_day_of_a_week_is_accepted(value: Any) -> None:
    assert Weeks().problem(value, ON) is None
