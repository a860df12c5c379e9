"""Every structured document that perinat writes, against the XSD and every national rule, and read back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from coordination.cda import builder, case
from coordination.cda.spec.checking import normal
from coordination.cda.volets import VOLETS
from coordination.cda.volets.read import body_of
from perinat.standards import cda_rules, xml
from tests.conformance.cases import CASES

PACK = Path(__file__).resolve().parents[2].parent / "shared" / "ans" / "pack"
EVERY = [(volet, name) for volet, cases in CASES.items() for name in cases]


def built(volet: str, given: dict[str, Any]) -> bytes:
    assert case.check(VOLETS[volet], given) == []
    return builder.build(
        case.content(VOLETS[volet], given),
        unique_id=given["document"]["unique_id"],
        now=datetime.fromisoformat(given["document"]["created_at"]),
    )


@pytest.mark.parametrize(("volet", "name"), EVERY)
def test_the_national_rules_find_nothing(volet: str, name: str) -> None:
    if not PACK.is_dir():
        pytest.skip("the pack of national rules is absent")
    report = cda_rules.check(built(volet, CASES[volet][name]), pack=PACK)
    assert [finding.detail for finding in report.errors] == []


@pytest.mark.parametrize(("volet", "name"), EVERY)
def test_reading_back_gives_the_same_case(volet: str, name: str) -> None:
    given = CASES[volet][name]
    read = body_of(xml.parse(built(volet, given)))
    assert read is not None
    assert read == (VOLETS[volet], normal(VOLETS[volet].members, given["body"]))
