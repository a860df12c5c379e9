"""The form of a volet: what is typed gives the case back, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from coordination.cda.spec import schema as json_schema
from coordination.cda.spec.checking import normal
from coordination.cda.volets import VOLETS
from coordination.selectors import approximate, case_form
from coordination.selectors.writable import WRITABLE
from tests.conformance.cases import CASES

EVERY = [(volet, name) for volet in WRITABLE for name in CASES[volet]]


def typed(parts: Iterable[case_form.Input | case_form.Block]) -> Iterator[tuple[str, str]]:
    for part in parts:
        if isinstance(part, case_form.Block):
            yield from typed(part.parts)
        else:
            yield part.path, part.value
            yield f"{part.path}@heure", part.second
            yield f"{part.path}@inconnu", "oui" if part.is_unknown else ""


def without_files(value: Any) -> Any:
    """A form holds no file: the PDF of a case is left out on both sides."""
    if isinstance(value, Mapping):
        kept = {name: without_files(inner) for name, inner in value.items() if not _is_file(inner)}
        return {name: inner for name, inner in kept.items() if inner not in ({}, [])}
    return [without_files(one) for one in value] if isinstance(value, list) else value


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("JVBERi")


@pytest.mark.parametrize(("volet", "name"), EVERY)
def test_a_form_filled_with_a_case_gives_the_case(volet: str, name: str) -> None:
    schema = json_schema.of(VOLETS[volet].members)
    members = VOLETS[volet].members
    body = normal(members, CASES[volet][name]["body"])
    data = dict(typed(case_form.blocks(schema, body, problems={})))
    assert without_files(normal(members, case_form.read(schema, data))) == without_files(body)


@pytest.mark.parametrize("volet", WRITABLE)
def test_an_untouched_form_states_no_fact(volet: str) -> None:
    """Only what the norm wants written anyway, which the volet says by a default, is there."""
    schema = json_schema.of(VOLETS[volet].members)
    read = case_form.read(schema, dict(typed(case_form.blocks(schema, {}, problems={}))))
    required = {"SEM": {"acts"}}.get(volet.removeprefix("OBP-"), set())
    assert {name for name, value in read.items() if value != {}} - {"status"} <= required | {"problems"}, read


def test_what_may_be_said_unknown() -> None:
    """A choice has one more line, a number or a date a tick beside it; what is typed beside the tick stands."""
    schema = json_schema.of(VOLETS["CSE-CS8"].members)
    read = case_form.read(
        schema,
        {
            "body.habits.other_addiction": "unknown",
            "body.habits.alcohol@inconnu": "oui",
            "body.habits.tobacco": "3",
            "body.habits.tobacco@inconnu": "oui",
            "body.antenatal.hbs_antigen": "unknown",
        },
    )
    assert read["habits"] == {"other_addiction": "unknown", "alcohol": "unknown", "tobacco": 3}
    assert read["antenatal"] == {"hbs_antigen": "unknown"}
    shown = {part.path: part for part in _flat(case_form.blocks(schema, read, problems={}))}
    alcohol, addiction = shown["body.habits.alcohol"], shown["body.habits.other_addiction"]
    assert isinstance(alcohol, case_form.Input) and isinstance(addiction, case_form.Input)
    assert (alcohol.kind, alcohol.value, alcohol.is_unknown, alcohol.unknown) == ("number", "", True, "Non précisé")
    assert (addiction.kind, addiction.value, addiction.options) == ("yesno", "unknown", (("unknown", "Non précisé"),))


@pytest.mark.parametrize(
    ("typed_words", "value", "shown"),
    [
        ("2008", "2008", "2008"),
        ("8/2008", "2008-08", "08/2008"),
        ("12/08/2008", "2008-08-12", "12/08/2008"),
        ("12/08/2008 14:30", "2008-08-12T14:30:00+02:00", "12/08/2008 14:30"),
        ("12/08/2008 à 14h30", "2008-08-12T14:30:00+02:00", "12/08/2008 14:30"),
        ("été 2008", "été 2008", "été 2008"),
        ("2008-08", "2008-08", "08/2008"),
        ("31/02/2008 14:30", "31/02/2008 14:30", "31/02/2008 14:30"),
    ],
)
def test_a_date_of_long_ago_as_people_type_it(typed_words: str, value: str, shown: str) -> None:
    assert approximate.read(typed_words) == value
    assert approximate.shown(value) == shown


def test_a_part_that_may_say_nothing_is_there_all_the_same() -> None:
    schema = json_schema.of(VOLETS["CSE-CS8"].members)
    assert case_form.read(schema, {}) == {"plan": {}}


def test_what_is_not_a_number_is_kept_as_typed() -> None:
    schema = json_schema.of(VOLETS["CSE-MDE"].members)
    read = case_form.read(schema, {"body.vital_signs.measures.weight": "3 k 4"})
    assert read == {"vital_signs": {"measures": {"weight": "3 k 4"}}}
    shown = dict(typed(case_form.blocks(schema, read, problems={})))
    assert shown["body.vital_signs.measures.weight"] == "3 k 4"


def test_a_line_goes_and_the_others_stay() -> None:
    schema = json_schema.of(VOLETS["OBP-SCM"].members)
    data = {
        "body.acts.acts[0].act.code": "JNMD002",
        "body.acts.acts[1].act.code": "JQGA002",
        "body.acts.acts[10].act.code": "JQGA003",
    }
    read = case_form.without_line(schema, data, "body.acts.acts[1]")
    assert [line["act"]["code"] for line in read["acts"]["acts"]] == ["JNMD002", "JQGA003"]


def test_a_problem_stands_at_its_field() -> None:
    schema = json_schema.of(VOLETS["OBP-SCM"].members)
    path = "body.events.exit.mode"
    parts = case_form.blocks(schema, {}, problems={path: "« Mode » est obligatoire"}, opened="body.acts.acts")
    found = [part for part in _flat(parts) if part.problem]
    assert [part.path for part in found] == [path] and found[0].id == "body-events-exit-mode"


def _flat(parts: Iterable[case_form.Input | case_form.Block]) -> Iterator[case_form.Input | case_form.Block]:
    for part in parts:
        yield part
        if isinstance(part, case_form.Block):
            yield from _flat(part.parts)


def test_an_optional_part_that_says_nothing_is_folded() -> None:
    """Even when it is made of a list that must have a line; a line asked for opens it."""
    schema = json_schema.of(VOLETS["LDL-SES"].members)

    def stopped(value: dict[str, object], opened: str = "") -> case_form.Block:
        parts = case_form.blocks(schema, value, problems={}, opened=opened)
        return next(one for one in parts if isinstance(one, case_form.Block) and one.path == "body.stopped_treatments")

    assert stopped({}).is_folded
    assert not stopped({}, opened="body.stopped_treatments.items").is_folded
    assert not stopped({"stopped_treatments": {"items": [{"name": "Fer"}]}}).is_folded
