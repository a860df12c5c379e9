"""Values of structured documents; every case of every volet can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination.cda.volets.read import read_body
from coordination.papers.brief.case import read_case
from coordination.papers.brief.common import TO_READ
from coordination.papers.brief.fields import Field
from coordination.papers.brief.values import Found
from perinat.standards import xml
from tests.conformance.cases import CASES

F = Field


def found(volet: str, name: str = "maximal") -> dict[Field, Found]:
    """The first value of each field."""
    return {one.field: one for one in reversed(read_case(volet, CASES[volet][name]["body"]))}


def keys(volet: str, name: str = "maximal") -> dict[Field, str]:
    return {field: one.key for field, one in found(volet, name).items()}


def test_the_discharge_letter() -> None:
    said = found("LDL-SES")
    assert said[F.ALLERGIES].value.endswith(" ; Noisette")
    assert "1 comprimé, 1 fois par jour, jusqu'au 20/02/2027" in said[F.TREATMENTS].value
    assert said[F.TREATMENTS].section == "10183-2" and said[F.TREATMENTS].heading == "Traitements à la sortie"
    assert "Hémorragie" in said[F.ALERTS].value and "21/11/2026" in said[F.FOLLOW_UP].value
    none = found("LDL-SES", "nothing to report")
    assert none[F.TREATMENTS].key == none[F.ALLERGIES].key == "NONE"
    assert none[F.ALERTS].value.startswith("aucune signalée")


def test_the_delivery_room() -> None:
    assert keys("OBP-SNM")[F.TERM] == "41+5" and keys("OBP-SNM")[F.PERINEUM] == "TEAR2"
    assert "transfusion : oui" in found("OBP-SNM")[F.ALERTS].value
    assert keys("OBP-SNE")[F.MODE] == "INSTRUMENTAL" and keys("OBP-SNE")[F.BIRTH_WEIGHT] == "1240"
    assert keys("OBP-SNE", "caesarean")[F.MODE] == "CAESAREAN"
    assert keys("OBP-SNE")[F.BORN_AT] == "2026-11-18T04:12"


def test_the_child_in_maternity() -> None:
    said = keys("OBP-SEM")
    assert (said[F.GUTHRIE], said[F.HEARING], said[F.FEEDING], said[F.JAUNDICE]) == ("YES", "ABNORMAL", "MIXED", "SOME")
    assert "BCG : fait le 20/11/2026" in found("OBP-SEM")[F.VACCINES].value


def test_a_weighing_is_neither_that_of_birth_nor_that_of_the_exit() -> None:
    assert set(found("CSE-MDE")) == {F.LAST_WEIGHT} and "20/11/2026" in found("CSE-MDE")[F.LAST_WEIGHT].value


@pytest.mark.parametrize(("volet", "name"), [(volet, name) for volet in CASES for name in CASES[volet]])
def test_every_case_is_read(volet: str, name: str) -> None:
    for one in read_case(volet, CASES[volet][name]["body"]):
        assert one.value and one.section and one.heading and not one.page


def _holes(value: object) -> Iterator[object]:
    """The same value with each of its parts taken away, one at a time: what another software may write."""
    if isinstance(value, dict):
        for name in value:
            yield {key: one for key, one in value.items() if key != name}
            yield from ({**value, name: hole} for hole in _holes(value[name]))
    elif isinstance(value, list):
        for rank, one in enumerate(value):
            yield value[:rank] + value[rank + 1 :]
            yield from (value[:rank] + [hole] + value[rank + 1 :] for hole in _holes(one))


@pytest.mark.parametrize("volet", list(CASES))
def test_a_document_that_lacks_anything_is_read(volet: str) -> None:
    for body in _holes(CASES[volet]["maximal"]["body"]):
        assert all(one.value for one in read_case(volet, body))


def test_what_is_not_whole_says_so() -> None:
    body = CASES["LDL-SES"]["maximal"]["body"]
    said = {one.field: one for one in read_case("LDL-SES", body, left=("allergies",))}
    assert said[F.ALLERGIES].value.endswith(" ; Noisette (liste incomplète : voir le document)")
    assert "incomplète" not in said[F.TREATMENTS].value
    long = body | {"allergies": {"items": [{"agent": "Noisette"}] * 90}}
    cut = {one.field: one for one in read_case("LDL-SES", long)}[F.ALLERGIES].value
    assert cut.endswith("; Noisette… (suite dans le document)"), "between two words"


def test_what_is_not_whole_is_that_subsection_alone() -> None:
    body = CASES["OBP-SEM"]["maximal"]["body"]
    for left, fields in (("screening.other", {F.OTHER_SCREENING}), ("screening", {F.HEARING, F.OTHER_SCREENING})):
        said = read_case("OBP-SEM", body, left=(left,))
        assert {one.field for one in said if "incomplète" in one.value} == fields


def test_a_germ_that_nobody_looked_for_is_not_denied() -> None:
    body = CASES["LDL-SES"]["nothing to report"]["body"]
    asked = {name: False for name in ("transfusion", "blood_derivatives", "mdro_searched")}
    said = {one.field: one for one in read_case("LDL-SES", body | {"synthesis": body["synthesis"] | asked})}
    assert "germe" not in said[F.ALERTS].value
    only = {**body["synthesis"], **asked, "transfusion": True}
    assert {one.field: one for one in read_case("LDL-SES", body | {"synthesis": only})}[
        F.ALERTS
    ].value == "transfusion : oui"


EXAMPLES = sorted((Path(__file__).resolve().parents[4].parent / "shared" / "ans" / "examples").glob("*.xml"))


@pytest.mark.skipif(not EXAMPLES, reason="official examples absent (../shared/ans/examples)")
def test_every_official_example_is_read() -> None:
    read = [read_body(xml.parse(path.read_bytes())) for path in EXAMPLES]
    whole = [one for one in read if one is not None]
    assert len(whole) == 8
    for volet, body, left in whole:
        said = read_case(volet.name, body, left=left)
        assert all(one.value for one in said)
        if volet.name == "LDL-SES":  # an allergy without an agent, beside a narrative that says there is none
            assert [(one.value, one.key) for one in said if one.field == F.ALLERGIES] == [(TO_READ, "")]
