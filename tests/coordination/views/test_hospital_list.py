"""What a line of « Sorties du jour » says: the pack, the clock of the letter, the words of the sending."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from coordination.deadlines import PARIS
from coordination.models import BirthMode, InsStatus, Stay
from coordination.selectors import discharge_list
from coordination.selectors.charts import french, line_chart
from coordination.selectors.display import LOOKS, Deadline, chip_of
from coordination.selectors.pack import pack_of
from coordination.services import documents, outbox
from coordination.templatetags.icons import PATHS
from coordination.templatetags.perinat import moment, near, relative
from perinat.standards import codes
from tests.coordination import world
from tests.fakes import FakeChannel

NOON = datetime(2026, 3, 16, 12, 0, tzinfo=PARIS)


def line(ward: world.Ward) -> discharge_list.Line:
    return discharge_list.discharges(ward.secretary)[0]


def made(ward: world.Ward, **changes: object) -> Stay:
    return world.stay(ward, **changes)


def test_the_pack_of_twins_born_by_caesarean(ward: world.Ward) -> None:
    born = NOON - timedelta(days=3)
    twins = (world.newborn(born), world.newborn(born + timedelta(minutes=7), rank=2, given="ANNA"))
    with time_machine.travel(NOON):
        stay = made(ward, birth_mode=BirthMode.CAESAREAN, newborns=twins)
        missing = [(item.expected.short, item.person) for item in line(ward).pack.missing]
        assert missing == [
            ("LLS", ""), ("CRA", ""), ("Ordonnances", ""), ("CRO", ""), ("Examen", "Jules"), ("Examen", "Anna"),
        ]  # fmt: skip
        world.letter(ward, stay, person=stay.newborns.get(rank=2).person, type_code=codes.CR_EXAMEN_ENFANT.code)
        assert ("Examen", "Anna") not in [(i.expected.short, i.person) for i in line(ward).pack.missing]


def test_a_paper_of_the_mother_does_not_count_for_the_child(ward: world.Ward) -> None:
    stay = made(ward)
    of_mother = world.letter(ward, stay)
    of_mother.type_code = codes.CR_EXAMEN_ENFANT.code  # as one filed before its type had to be a newborn's
    assert "Examen" in [item.expected.short for item in pack_of(stay, [of_mother], []).missing]


@pytest.mark.parametrize(
    ("hour", "tone"), [((15, 59), "calm"), ((16, 0), "soon"), ((19, 59), "soon"), ((20, 0), "late")]
)
def test_the_clock_of_the_letter(ward: world.Ward, hour: tuple[int, int], tone: str) -> None:
    with time_machine.travel(NOON):
        made(ward)
    with time_machine.travel(NOON.replace(hour=hour[0], minute=hour[1])):
        deadline = line(ward).letter
        assert deadline is not None and deadline.tone == tone


def test_the_clock_stops_when_the_letter_leaves(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    documents.validate(world.letter(ward, made(ward)), by=ward.doctor_user)
    assert line(ward).letter is None


def test_the_sending_in_words(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = made(ward)
    assert [c.text for c in line(ward).chips] == ["Rien d'envoyé"]
    document = world.letter(ward, stay)
    assert [c.text for c in line(ward).chips] == ["À valider par Hélène CORMIER (1)"]
    documents.validate(document, by=ward.doctor_user)
    assert [c.text for c in line(ward).chips] == ["Envoi en cours (0 sur 2)"]
    for identifier in outbox.due_ids():
        outbox.deliver(identifier)
    assert [c.text for c in line(ward).chips] == ["Envoyée au DMP et à 1 professionnel"]


def test_a_held_sending_says_what_it_waits_for(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = made(ward)
    stay.mother.ins_status = InsStatus.PROV
    stay.mother.save()
    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    assert "En attente : INS non qualifiée" in [c.text for c in line(ward).chips]


def test_every_state_has_a_look_and_every_icon_exists() -> None:
    for states, looks in LOOKS.items():
        assert {state.value for state in states} == set(looks)
        for state in states:
            assert chip_of(state).icon in PATHS and chip_of(state).text == state.label


def test_a_deadline_warns_four_hours_before_unless_told() -> None:
    at = NOON + timedelta(hours=5)
    assert Deadline.seen_from(NOON, at, "").tone == "calm"
    assert Deadline.seen_from(NOON + timedelta(hours=1), at, "").tone == "soon"
    assert Deadline.seen_from(at, at, "").tone == "late"


def test_dates_are_french() -> None:
    with time_machine.travel(NOON, tick=False):
        assert moment(datetime(2026, 11, 21, 8, 12, tzinfo=PARIS)) == "sam. 21 nov., 8 h 12"
        assert near(NOON) == "12 h 00" and near(NOON - timedelta(days=1)).startswith("dim. 15 mars")
        assert relative(NOON + timedelta(minutes=200)) == "dans 3 h 20"
        assert relative(NOON - timedelta(days=2)) == "depuis 2 j"
        assert relative(NOON + timedelta(seconds=20)) == "à l'instant"


def test_a_chart_breaks_its_line_where_a_value_is_missing() -> None:
    chart = line_chart(
        "c", title="T", description="D", unit="%", labels=["a", "b", "c"], series=[("s", [10.0, None, 20.5])]
    )
    assert chart.lines[0].path.count("M") == 2 and len(chart.lines[0].dots) == 2
    assert [values for _, values in chart.rows] == [("10",), ("–",), ("20,5",)]
    assert french(None) == "–"
