"""What nobody said is not written: no default states a clinical fact, but the one act that the volet allows."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from coordination.cda.spec.nodes import Branch, Member
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import case_problems
from tests.conformance.cases import CASES

DAY = date(2026, 11, 20)
ALLOWED = {  # what is left unsaid, by volet: the state of the document, the setting of a visit, the other act of SEM
    "OBP-SEM": {"acts.other", "status.value"},
    "CSE-CS8": {f"plan.{name}.type" for name in ("other_professional", "multidisciplinary", "pmi")}
    | {"pregnancies.hypertension.treatment"},  # when it is absent: see below
    "LDL-SES": {"follow_up.encounters.type", "status.value"},
}
UNSAID = [
    ("OBP-SAP", ("problems", name), None)
    for name in ("bleeding", "false_labour", "membranes_rupture", "urinary_infection", "genital_infection")
] + [
    ("OBP-SEM", ("acts", "guthrie"), None),
    ("CSE-CS8", ("newborn", "acts", "hearing"), None),
    ("CSE-CS8", ("newborn", "acts", "special_care"), None),
    ("CSE-CS8", ("newborn", "treatments", "rsv_immunisation"), None),
    ("CSE-CS8", ("newborn", "treatments", "hepatitis_b_immunoglobulin"), None),
    ("CSE-CS8", ("vaccinations", "bcg"), None),
    ("CSE-CS8", ("vaccinations", "hepatitis_b"), None),
    ("CSE-CS8", ("pregnancies", "hypertension"), "present"),
    ("CSE-CS8", ("newborn", "first_week", "other"), "present"),
    ("CSE-CS8", ("vaccinations", "bcg"), "done"),
    ("OBP-SEM", ("acts", "guthrie"), "done"),
    ("OBP-SAP", ("problems", "bleeding"), "present"),
]


def _at(body: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for name in path:
        body = body[name]
    return body


def _problems(volet: str, body: dict[str, Any]) -> list[str]:
    return [problem.path.removeprefix("body.") for problem in case_problems(VOLETS[volet], body, on=DAY)]


@pytest.mark.parametrize(("volet", "path", "answer"), UNSAID)
def test_an_answer_that_is_absent_is_a_problem(volet: str, path: tuple[str, ...], answer: str | None) -> None:
    body = copy.deepcopy(CASES[volet]["minimal"]["body"])
    assert _problems(volet, body) == []
    if answer is None:
        del _at(body, path[:-1])[path[-1]]
        assert _problems(volet, body) == [".".join(path)]
    else:
        _at(body, path[:-1])[path[-1]] = {"date": "2026-11-19"} if answer == "done" else {"comment": "Vue."}
        if path[-1] == "hypertension":
            _at(body, path[:-1])[path[-1]] = {"treatment": "MED-1155"}
        assert f"{'.'.join(path)}.{answer}" in _problems(volet, body)


def test_the_other_act_of_a_newborn_is_the_only_one_supposed_absent() -> None:
    body = copy.deepcopy(CASES["OBP-SEM"]["minimal"]["body"])
    del body["acts"]["other"]
    assert _problems("OBP-SEM", body) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"present": True}, ["pregnancies.hypertension.treatment"]),
        ({"present": False, "treatment": "MED-1155"}, ["pregnancies.hypertension.treatment"]),
        ({"present": True, "treatment": "MED-1156"}, []),
        ({"present": False, "treatment": "MED-1156"}, []),
        ({"present": False}, []),
    ],
)
def test_a_hypertension_is_not_untreated_by_silence(said: dict[str, Any], found: list[str]) -> None:
    body = copy.deepcopy(CASES["CSE-CS8"]["minimal"]["body"])
    body["pregnancies"]["hypertension"] = said
    assert _problems("CSE-CS8", body) == found


def _defaults(members: tuple[Member, ...], above: str = "") -> Iterator[str]:
    for member in members:
        here = f"{above}.{member.name}".strip(".")
        if member.default is not None and member.name:  # a bare answer is said by whoever names it
            yield here
        if isinstance(member, Branch):
            yield from _defaults(member.members, here)


@pytest.mark.parametrize("volet", VOLETS)
def test_no_default_but_those_listed_here(volet: str) -> None:
    expected = ALLOWED.get(volet, {"status.value"} if volet.startswith("OBP") else set())
    assert set(_defaults(VOLETS[volet].members)) == expected
