"""The criteria on a structured letter: each part taken away flips its criterion and no other."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from coordination.papers.letter_check.case import check_case
from coordination.papers.letter_check.criteria import Criterion
from coordination.papers.letter_check.report import Report, State, Why
from tests.conformance.cases import CASES

C = Criterion
DAY = date(2026, 11, 20)


def whole() -> dict[str, Any]:
    body: dict[str, Any] = copy.deepcopy(dict(CASES["LDL-SES"]["maximal"]["body"]))
    body["synthesis"]["summary"]["text"] += "\nLettre remise ce jour à la patiente."
    body["discharge_treatments"]["items"] = body["discharge_treatments"]["items"][:2]
    return body


def check(body: dict[str, Any], *, on: date = DAY, has_doctor: bool = True) -> Report:
    return check_case(body, on=on, has_doctor=has_doctor)


TAKEN: dict[Criterion, tuple[str, ...]] = {
    C.FOLLOW_UP: ("follow_up",),
    C.TREATMENTS: ("discharge_treatments",),
    C.STOPPED: ("stopped_treatments",),
    C.STAY: ("synthesis", "entry_mode"),
    C.REASON: ("reason",),
    C.ADVERSE_EVENTS: ("synthesis", "adverse_events"),
    C.RESISTANT_GERMS: ("synthesis", "mdro_searched"),
    C.BLOOD: ("synthesis", "transfusion"),
    C.DEVICES: ("devices",),
    C.ALLERGIES: ("allergies",),
    C.PENDING: ("pending_results",),
}


def test_a_whole_case() -> None:
    found = check(whole())
    assert found.gaps == () and all(f.section and not f.page for f in found.findings)


@pytest.mark.parametrize("criterion", TAKEN)
def test_a_part_taken_away_flips_its_criterion_and_no_other(criterion: Criterion) -> None:
    body = whole()
    *path, last = TAKEN[criterion]
    inner = body
    for name in path:
        inner = inner[name]
    del inner[last]
    assert [f.criterion for f in check(body).gaps] == [criterion]


def test_what_stands_in_words() -> None:
    body = whole()
    body["synthesis"]["summary"]["text"] = "Césarienne, suites simples, allaitement maternel."
    assert [(f.criterion, f.why) for f in check(body).gaps] == [(C.HANDED_OVER, Why.NO_PLACE)]
    body["synthesis"]["summary"]["text"] = "Lettre remise à la patiente."
    assert check(body).gaps == ()
    body["synthesis"]["summary"]["text"] = "RAS"
    assert [f.criterion for f in check(body).gaps] == [C.HANDED_OVER, C.SYNTHESIS]
    del body["synthesis"]["adverse_events"]
    body["reason"] = "Accouchement. Aucun événement indésirable. Lettre remise ce jour à la patiente."
    assert [f.criterion for f in check(body).gaps] == [C.SYNTHESIS]


def test_the_header() -> None:
    assert [(f.criterion, f.why) for f in check(whole(), on=date(2026, 11, 21)).gaps] == [(C.DATED, Why.OTHER_DAY)]
    assert [(f.criterion, f.why) for f in check(whole(), has_doctor=False).gaps] == [(C.IDENTITIES, Why.NO_DOCTOR)]


def test_treatments_need_a_dose_and_an_end_or_to_be_none() -> None:
    body = whole()
    body["discharge_treatments"]["items"].append({"name": "Vitamine D"})
    assert [(f.criterion, f.why) for f in check(body).gaps] == [(C.TREATMENTS, Why.NO_DOSE)]
    body["discharge_treatments"] = {"none": {}}
    assert [f.criterion for f in check(body).gaps] in ([], [C.TREATMENTS])
    body["discharge_treatments"] = {"none": True}
    assert check(body).gaps == ()


def test_no_stopped_treatment_and_forgotten_are_not_told_apart() -> None:
    body = whole()
    del body["stopped_treatments"]
    found = next(f for f in check(body).findings if f.criterion == C.STOPPED)
    assert (found.state, found.why) == (State.UNKNOWN, Why.NO_SECTION)


@pytest.mark.parametrize("name", list(CASES["LDL-SES"]))
def test_every_case_of_the_volet_can_be_checked(name: str) -> None:
    found = check(dict(CASES["LDL-SES"][name]["body"]))
    assert Report.from_json(found.as_json()) == found
