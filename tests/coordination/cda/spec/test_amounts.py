"""Doses, rates, frequencies and words in several lines: forms of the case, of the XML, of the narrative."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coordination.cda.spec.amounts import Frequency, Lines, Ratio, Span
from coordination.cda.spec.coded import Terminology
from coordination.cda.spec.contacts import Phone, Postal
from coordination.cda.spec.kinds import Kind, Moment, Words
from coordination.cda.spec.lexical import UnreadableValueError
from coordination.cda.spec.references import Number
from perinat.standards import oids, xml

ON = date(2026, 11, 20)
ATC = Terminology((("2.16.840.1.113883.6.73", "ATC"),))
DOSE = {"value": 1, "unit": "{tbl}"}
DAILY = {"value": 3, "unit": "g", "per": {"value": 1, "unit": "d"}}


def there_and_back(kind: Kind, value: Any) -> Any:
    attributes, inner = kind.body(value)
    return kind.read(xml.parse(f'<a xmlns="{oids.NS_HL7}"{attributes}>{inner}</a>'.encode()))


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Span(), DOSE, "1 comprimé"),
        (Span(), {"value": 0.5, "unit": "mL"}, "0,5 ml"),
        (Span(), {"value": 1, "up_to": 2, "unit": "{tbl}"}, "1 à 2 comprimés"),
        (Span(), {"value": 100, "unit": "mg/d"}, "100 mg / jour"),
        (Ratio(), DAILY, "3 g / jour"),
        (Ratio(), DAILY | {"per": {"value": 6, "unit": "h"}}, "3 g / 6 heures"),
        (Frequency(), {"value": 1, "unit": "d"}, "1 fois par jour"),
        (Frequency(), {"value": 8, "unit": "h"}, "3 fois par jour (toutes les 8 heures)"),
        (Frequency(), {"value": 5, "unit": "h"}, "toutes les 5 heures"),
        (Frequency(), {"value": 2, "unit": "d"}, "tous les 2 jours"),
        (Lines(), "Travail spontané.\nSuites simples.", "Travail spontané.\nSuites simples."),
    ],
)
def test_written_read_and_said(kind: Kind, value: Any, said: str) -> None:
    assert kind.problem(value, ON) is None
    assert there_and_back(kind, value) == value == kind.normal(value)
    assert kind.say(kind.normal(value)) == said


def test_a_span_of_one_value_has_no_end() -> None:
    assert Span().normal({"value": 2.0, "up_to": 2, "unit": "mg"}) == {"value": 2, "unit": "mg"}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Span(), 3),
        (Span(), {"unit": "mg"}),
        (Span(), {"value": 1}),
        (Span(), {"value": True, "unit": "mg"}),
        (Span(), {"value": 0, "unit": "mg"}),
        (Span(), {"value": float("nan"), "unit": "mg"}),
        (Span(), {"value": 1, "unit": "deux mots"}),
        (Span(), {"value": 1, "unit": "m<"}),
        (Span(), {"value": 2, "up_to": 1, "unit": "mg"}),
        (Ratio(), {"value": 3, "unit": "g"}),
        (Frequency(), {"value": 1, "unit": "mg"}),
        (Lines(), " \n "),
        (Lines(), "a\x00b"),
        (Words(), "a\x00b"),
        (Moment(), "1899-12-31T10:00:00+01:00"),
        (Moment(), "0500-01-01"),
        (ATC, {"code": "B03 AA", "label": "Fer"}),
        (ATC, {"code": "B03AA", "label": "Fer\x00"}),
        (ATC, {"code": "B03AA", "label": "Fer", "system": "ATC"}),
        (Number("1.2.3"), "89990\x01"),
        (Postal(), {"city": "Val\x02ombre"}),
        (Phone(), "٠١٢٣"),
    ],
)
def test_what_is_refused(kind: Kind, value: Any) -> None:
    assert kind.problem(value, ON)


def test_bounds_of_two_units_are_not_a_dose() -> None:
    with pytest.raises(UnreadableValueError):
        Span().read(xml.parse(f'<a xmlns="{oids.NS_HL7}"><low value="1"/><high value="2" unit="mg"/></a>'.encode()))
