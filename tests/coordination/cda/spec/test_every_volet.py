"""Whatever the case, in every volet: what has no problem is written, read back the same, and fits the schema."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import datetime
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.cda import builder, case
from coordination.cda.spec.checking import normal
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import case_problems
from coordination.cda.volets.read import body_of
from perinat.standards import xml
from tests.conformance.cases import CASES
from tests.coordination.cda.spec.drawing import ON, bodies
from tests.coordination.cda.spec.effort import DRAWN, drawn

EVERY = pytest.mark.parametrize("name", list(VOLETS))
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=4,
)


def minimal(name: str) -> dict[str, Any]:
    return CASES[name]["minimal"]


def there_and_back(name: str, body: dict[str, Any]) -> Any:
    """The body read from the document of this case, the header being that of the minimal one."""
    given = minimal(name) | {"body": body}
    at = datetime.fromisoformat(given["document"]["created_at"])
    content = case.content(VOLETS[name], given)
    return body_of(xml.parse(builder.build(content, unique_id=given["document"]["unique_id"], now=at)))


@EVERY
def test_a_case_without_problem_comes_back_the_same(name: str) -> None:
    volet = VOLETS[name]

    @DRAWN
    @given(bodies(name))
    def holds(body: dict[str, Any]) -> None:
        assert [str(problem) for problem in case_problems(volet, body, on=ON)] == []
        settled = normal(volet.members, body)
        assert there_and_back(name, body) == (volet, settled)
        assert normal(volet.members, settled) == settled
        assert _against_schema(name, minimal(name) | {"body": body}) == []
        assert _against_schema(name, minimal(name) | {"body": settled}) == []

    drawn(holds)


@cache
def _validator(name: str) -> Any:
    schema = json.loads(json.dumps(case.schema(VOLETS[name])))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _against_schema(name: str, given: dict[str, Any]) -> list[str]:
    """What the JSON Schema says against this case."""
    return [f"{error.json_path} : {error.message[:200]}" for error in _validator(name).iter_errors(given)]


@EVERY
def test_a_case_with_something_odd_is_refused_or_comes_back(name: str) -> None:
    volet = VOLETS[name]

    @DRAWN
    @given(bodies(name), JUNK, st.randoms(use_true_random=False))
    def holds(body: dict[str, Any], junk: Any, chance: Any) -> None:
        damaged = _with(deepcopy(body), junk, chance)
        if not list(case_problems(volet, damaged, on=ON)):
            assert there_and_back(name, damaged) == (volet, normal(volet.members, damaged))

    drawn(holds)


def _with(body: Any, junk: Any, chance: Any) -> Any:
    """The same body, one value somewhere replaced."""
    places = list(_places(body))
    holder, key = chance.choice(places)
    holder[key] = junk
    return body


def _places(node: Any) -> Any:
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(pairs):
        yield node, key
        yield from _places(value)


@EVERY
def test_the_schema_refuses_what_is_no_member_and_what_is_missing(name: str) -> None:
    good = minimal(name)
    assert _against_schema(name, good) == []
    assert _against_schema(name, good | {"unknown": 1})
    for section in VOLETS[name].members:
        if section.required and section.default is None:
            body = {key: value for key, value in good["body"].items() if key != section.name}
            assert _against_schema(name, good | {"body": body})
