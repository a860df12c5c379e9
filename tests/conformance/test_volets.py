"""Every structured document that perinat writes, against the XSD and every national rule, and read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination.cda.spec.checking import normal
from coordination.cda.volets import VOLETS
from coordination.cda.volets.read import body_of
from perinat.standards import cda_rules, xml
from tests.conformance import run
from tests.conformance.cases import CASES

PACK = Path(__file__).resolve().parents[2].parent / "shared" / "ans" / "pack"
EVERY = [(volet, name) for volet, cases in CASES.items() for name in cases]


@pytest.mark.parametrize(("volet", "name"), EVERY)
def test_the_national_rules_find_nothing(volet: str, name: str) -> None:
    if not PACK.is_dir():
        pytest.skip("the pack of national rules is absent")
    data = run.build_case(VOLETS[volet], CASES[volet][name])
    report = cda_rules.check(data, pack=PACK)
    assert run.structured_findings(VOLETS[volet], CASES[volet][name], data, report) == []


@pytest.mark.parametrize(("volet", "name"), EVERY)
def test_reading_back_gives_the_same_case(volet: str, name: str) -> None:
    given = CASES[volet][name]
    read = body_of(xml.parse(run.build_case(VOLETS[volet], given)))
    assert read is not None
    assert read == (VOLETS[volet], normal(VOLETS[volet].members, given["body"]))
