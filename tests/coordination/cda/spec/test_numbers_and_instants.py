"""What another hand wrote: numbers out of reason are refused as in a case, instants are those of Paris."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from coordination.cda.spec.amounts import Frequency, Ratio, Span, say_unit
from coordination.cda.spec.durations import Weeks
from coordination.cda.spec.kinds import Count, Kind, Moment, Period, Quantity
from coordination.cda.spec.lexical import UnreadableValueError
from coordination.cda.spec.references import Number
from coordination.cda.spec.unknown import Approximate
from coordination.selectors import case_form
from perinat.standards import oids, xml

ON = date(2026, 11, 20)
HUGE = 10**400
APGAR = Quantity("{score}", "/ 10", 0, 10, scale=0)


def element(inside: str) -> xml.Element:
    return xml.parse(f'<x xmlns="{oids.NS_HL7}"{inside}'.encode())


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("20261120083000+0000", "2026-11-20T09:30:00+01:00"),
        ("202607200830+0000", "2026-07-20T10:30:00+02:00"),
        ("20261120233000-0300", "2026-11-21T03:30:00+01:00"),
        ("20261120093000+0100", "2026-11-20T09:30:00+01:00"),
        ("20261120", "2026-11-20"),
    ],
)
def test_an_instant_is_told_at_the_hour_of_paris(value: str, read: str) -> None:
    for kind in (Moment(), Approximate()):
        assert kind.read(element(f' value="{value}"/>')) == read
    assert Period().read(element(f'><low value="{value}"/></x>')) == {"from": read}


def test_a_case_keeps_the_same_instant_whatever_its_offset() -> None:
    given = "2026-11-20T08:30:00+00:00"
    assert Moment().normal(given) == "2026-11-20T09:30:00+01:00"
    assert Moment().say(Moment().normal(given)) == "20/11/2026 à 09h30"
    assert datetime.fromisoformat(Moment().normal(given)) == datetime.fromisoformat(given)


@pytest.mark.parametrize("value", ["00010101000000-1200", "18500101", "22010101", "２０２６1120", "20261120093000"])
def test_an_instant_out_of_reason_cannot_be_read(value: str) -> None:
    with pytest.raises(UnreadableValueError):
        Moment().read(element(f' value="{value}"/>'))


@pytest.mark.parametrize(
    ("kind", "inside"),
    [
        (Count(least=1, most=9), ' value="12"/>'),
        (Count(), ' value="1_0"/>'),
        (Count(), ' value="٣"/>'),
        (Count(), f' value="{HUGE}"/>'),
        (APGAR, ' value="11" unit="{score}"/>'),
        (APGAR, ' value="-1" unit="{score}"/>'),
        (APGAR, ' value="1_0" unit="{score}"/>'),
        (APGAR, ' value="nan" unit="{score}"/>'),
        (APGAR, ' value="Infinity" unit="{score}"/>'),
        (APGAR, f' value="{HUGE}" unit="{{score}}"/>'),
        (Weeks(), ' value="392" unit="wk"/>'),
        (Span(), ' value="1_0" unit="mg"/>'),
        (Span(), ' value="inf" unit="mg"/>'),
        (Span(), f' value="{HUGE}" unit="mg"/>'),
        (Period(), '><low value="20261120"/><high value="20261119"/></x>'),
        (Number("1.2.3"), ' root="1.2.3" extension="deux mots"/>'),
    ],
)
def test_what_a_case_may_not_say_is_not_read(kind: Kind, inside: str) -> None:
    with pytest.raises(UnreadableValueError):
        kind.read(element(inside))


def test_numbers_are_read_in_every_way_that_xml_writes_them() -> None:
    assert Quantity("g", "g", scale=0).read(element(' value=" 3.9E3 " unit="g"/>')) == 3900
    assert Quantity("cm", "cm").read(element(' value="+34.5" unit="cm"/>')) == 34.5
    assert Count().read(element(' value=" 3 "/>')) == 3


@pytest.mark.parametrize("value", [HUGE, -HUGE, float("nan"), float("inf"), True, "3"])
@pytest.mark.parametrize("kind", [APGAR, Span(), Frequency(), Ratio(), Count()])
def test_a_number_of_any_length_is_a_problem_never_a_crash(kind: Kind, value: Any) -> None:
    amount = value if kind in (APGAR, Count()) else {"value": value, "unit": "h", "per": {"value": 1, "unit": "d"}}
    assert kind.problem(amount, ON)


@pytest.mark.parametrize("value", ["２０２６-11-20", "2026-W47-5", "２００８", "2026-11-20T09:30:00"])
def test_a_day_is_written_in_one_way(value: str) -> None:
    assert Moment().problem(value, ON) and Approximate().problem(value, ON)


@pytest.mark.parametrize(
    ("words", "of", "value"),
    [
        ("3,5", "number", 3.5),
        ("1 200", "number", 1200),
        ("-4", "integer", -4),
        ("1_0", "number", "1_0"),
        ("1_0", "integer", "1_0"),
        ("nan", "number", "nan"),
        ("1e999", "number", "1e999"),
        ("²", "number", "²"),
        ("9" * 400, "integer", "9" * 400),
        ("3,5", "integer", "3,5"),
    ],
)
def test_a_number_typed_in_the_form(words: str, of: str, value: Any) -> None:
    read = case_form.read({"properties": {"n": {"type": of}}}, {"body.n": words})
    assert read == {"n": value}


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("{bouchon}", "bouchon"),
        ("mm[Hg]", "mm[Hg]"),
        ("{tbl}", "comprimé"),
        ("[iU]/mL", "UI / ml"),
        ("10*3{c}", "10*3{c}"),
    ],
)
def test_braces_go_only_around_a_whole_annotation(unit: str, said: str) -> None:
    assert say_unit(unit, 1) == said
