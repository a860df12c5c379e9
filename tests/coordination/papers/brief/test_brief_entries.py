"""What an entry of a structured document says, whole: a medicine, an allergy, habits, a hearing test."""

from __future__ import annotations

from typing import Any

from coordination.papers.brief.case import read_case
from coordination.papers.brief.common import TO_READ, medicine
from coordination.papers.brief.fields import Field
from tests.conformance.cases import CASES

F = Field


def said(volet: str, field: Field, **changed: Any) -> list[tuple[str, str]]:
    body = CASES[volet]["maximal"]["body"] | changed
    return [(one.value, one.key) for one in read_case(volet, body) if one.field == field]


def test_a_medicine_says_its_maximum_its_route_and_its_rate() -> None:
    one = {
        "name": "Paracétamol 1 g",
        "dose": {"value": 1, "unit": "{tbl}"},
        "max_dose": {"value": 3, "unit": "g", "per": {"value": 1, "unit": "d"}},
        "route": "20053000",
        "rate": {"value": 50, "unit": "mL/h"},
    }
    told = "1 comprimé, maximum 3 g par jour, voie orale, rythme : 50 ml par heure"
    assert medicine(one) == f"Paracétamol 1 g : {told}"
    assert medicine({"name": "Fer", "max_dose": {"value": 3}}) == "Fer", "an amount that lacks its unit is not told"


def test_an_allergy_says_its_reactions_and_how_severe() -> None:
    told = "Amoxicilline : urticaire (sévérité : modéré), Urticaire allergique ; Noisette"
    assert said("LDL-SES", F.ALLERGIES) == [(told, "SOME")]


def test_an_allergy_without_an_agent_concludes_nothing() -> None:
    nameless = {"type": "416098002"}
    assert said("LDL-SES", F.ALLERGIES, allergies={"items": [nameless]}) == [(TO_READ, "")]
    both = {"items": [nameless, {"agent": "Noisette"}]}
    assert said("LDL-SES", F.ALLERGIES, allergies=both) == [("Noisette ; autre, à lire dans le document", "SOME")]


def test_habits_are_counted_in_french() -> None:
    told = [value for value, _ in said("OBP-SAP", F.ALERTS, habits={"tobacco": 2, "alcohol": 1.5})]
    assert (
        "tabac en début de grossesse : 2 paquets par jour ; alcool en début de grossesse : 1,5 verre par jour" in told
    )


def test_a_hearing_test_without_a_date() -> None:
    for hearing, value in (
        ({"done": True, "result": "MED-179"}, "Audition à recontrôler"),
        ({"done": False}, "non testée"),
    ):
        assert said("CSE-CS8", F.HEARING, newborn={"acts": {"hearing": hearing}})[0][0] == value
