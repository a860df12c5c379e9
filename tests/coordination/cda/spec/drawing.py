"""Hypothesis strategies of cases, drawn from the members that a volet declares: what the tree allows, at random."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from coordination.cda import case
from coordination.cda.entries.documents import DocumentId
from coordination.cda.model import DocumentContent
from coordination.cda.spec.amounts import TIMES, UNITS, Frequency, Lines, Ratio, Span
from coordination.cda.spec.coded import Listed, OneOf, Terminology
from coordination.cda.spec.contacts import Phone, Postal
from coordination.cda.spec.durations import Weeks
from coordination.cda.spec.kinds import Count, Flag, Moment, Period, Quantity, Words
from coordination.cda.spec.nodes import Branch, Leaf, Member
from coordination.cda.spec.references import Base64, Number, Oid
from coordination.cda.spec.unknown import UNKNOWN, Approximate, OrUnknown
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import Volet, agreement_problems, case_problems
from perinat.standards import value_sets
from tests.conformance.cases import CASES

ON = date(2026, 11, 20)
Json = Any
_SAID = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"], exclude_characters="￾￿")
_MARKS = st.sampled_from(["<b>", "&amp;", "]]>", '"', "'", "é", "Œ", "\n", "\t", " ", "\u00a0", "\u2028", "–", "#n1"])
TEXT = st.lists(st.one_of(_SAID, _MARKS), min_size=1, max_size=12).map("".join).filter(lambda said: bool(said.split()))
_DAYS = st.dates(date(1930, 1, 1), date(2090, 12, 31)).map(date.isoformat)
_OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_INSTANTS = st.datetimes(timezones=_OFFSETS).filter(lambda at: 1930 < at.year < 2090).map(lambda at: at.isoformat())
MOMENT = st.one_of(_DAYS, _INSTANTS)
_AMOUNT = st.one_of(st.integers(1, 5000), st.floats(0.001, 5000).map(lambda value: round(value, 3)))
_UNIT = st.sampled_from([*UNITS, "mg", "mg/d", "1", "%"])
_OIDS = st.lists(st.integers(0, 10**6), min_size=3, max_size=6).map(lambda arcs: "1.2." + ".".join(map(str, arcs)))


def _span(value: Json, more: Json, unit: str) -> Json:
    return {"value": value, "unit": unit} | ({"up_to": value + more} if more else {})


def _ratio(value: Json, unit: str, per: Json, time: str) -> Json:
    return {"value": value, "unit": unit, "per": {"value": per, "unit": time}}


def _period(kind: Period) -> st.SearchStrategy[Json]:
    both = st.tuples(_DAYS, _DAYS).map(sorted).map(lambda days: {"from": days[0], "to": days[1]})
    return st.one_of(both, MOMENT.map(lambda at: {"from": at}), MOMENT.map(lambda at: {"to": at}))


def _quantity(kind: Quantity) -> st.SearchStrategy[Json]:
    least, most = kind.least, min(kind.most, 1e6)
    whole = st.integers(-(-int(least * 1000) // 1000), int(most)).filter(lambda value: least <= value <= most)
    return st.one_of(whole, st.floats(least, most, allow_nan=False))


def _terminology(kind: Terminology) -> st.SearchStrategy[Json]:
    code = st.from_regex(kind.pattern or "[A-Z][0-9]{2}(\\.[0-9])?", fullmatch=True, alphabet=_ASCII)
    named = st.sampled_from([{}, *({"system": name} for _, name in kind.systems)])
    return st.builds(lambda code, label, system: {"code": code, "label": label, **system}, code, TEXT, named)


def _listed(kind: Listed) -> st.SearchStrategy[Json]:
    concepts = value_sets.value_set(kind.name).concepts
    return st.sampled_from([key for key, concept in concepts.items() if concept.stands_on(ON)])


_ASCII = st.characters(min_codepoint=33, max_codepoint=126)
_PART = TEXT.map(lambda said: said[:60]).filter(lambda said: bool(said.strip()))
_KINDS: dict[type, Callable[[Any], st.SearchStrategy[Json]]] = {
    Words: lambda kind: TEXT.filter(lambda said: len(said) <= kind.most),
    Lines: lambda kind: TEXT,
    Flag: lambda kind: st.booleans(),
    Count: lambda kind: st.integers(kind.least, kind.most),
    Quantity: _quantity,
    Moment: lambda kind: MOMENT,
    Weeks: lambda kind: st.integers(28, 315).map(lambda days: round(days / 7, 2)),
    Period: _period,
    Number: lambda kind: st.from_regex(kind.pattern, fullmatch=True, alphabet=_ASCII),
    Oid: lambda kind: _OIDS,
    Base64: lambda kind: st.binary(max_size=30).map(lambda data: b64encode(b"%PDF-" + data).decode()),
    Listed: _listed,
    OneOf: lambda kind: st.sampled_from([choice.code for choice in kind.choices]),
    Terminology: _terminology,
    Span: lambda kind: st.builds(_span, _AMOUNT, st.sampled_from([0, 0, 1, 2.5]), _UNIT),
    Ratio: lambda kind: st.builds(_ratio, _AMOUNT, _UNIT, st.integers(1, 24), st.sampled_from(TIMES)),
    Frequency: lambda kind: st.builds(
        lambda value, unit: {"value": value, "unit": unit}, _AMOUNT, st.sampled_from(TIMES)
    ),
    Phone: lambda kind: st.from_regex(r"\+?[0-9]{2}( [0-9]{2}){2,4}", fullmatch=True),
    Postal: lambda kind: st.dictionaries(st.sampled_from(["line", "postal_code", "city"]), _PART, min_size=1),
    DocumentId: lambda kind: st.builds("{}{}".format, _OIDS, st.sampled_from(["", "^A-1"])),
    OrUnknown: lambda kind: st.one_of(st.just(UNKNOWN), of_kind(kind.kind)),
    Approximate: lambda kind: st.one_of(st.sampled_from(["2008", "2008-08"]), MOMENT),
}


def of_kind(kind: Any) -> st.SearchStrategy[Json]:
    """Values of this kind; a kind that nobody has described here is an error, not an empty test."""
    made = next((_KINDS[known] for known in type(kind).__mro__ if known in _KINDS), None)
    if made is None:
        raise LookupError(f"tests/coordination/cda/spec/drawing.py: no strategy for {type(kind).__name__}")
    return made(kind)


@st.composite
def of_members(draw: st.DrawFn, members: tuple[Member, ...]) -> Json:
    """A JSON object of these members; of « none » and what it denies, one."""
    denied = any(member.name == "none" for member in members) and draw(st.booleans())
    given: dict[str, Json] = {}
    for member in members:
        alone = any(other.name == "none" for other in members) and (member.name == "none") != denied
        wanted = member.required and member.default is None
        if not alone and (wanted or draw(st.integers(0, 2))):
            given[member.name] = draw(_of(member))
    if not given and members:
        chosen = draw(st.sampled_from(members))
        given[chosen.name] = draw(_of(chosen))
    return given


def _of(member: Member) -> st.SearchStrategy[Json]:
    if isinstance(member, Leaf):
        if member.kind is None:
            return TEXT.filter(lambda said: len(said) <= member.most)
        return of_kind(member.kind)
    one = _one(member)
    return st.lists(one, min_size=1, max_size=2) if member.many else one


def _one(branch: Branch) -> st.SearchStrategy[Json]:
    if not branch.members:
        return st.just(True)
    return _of(branch.bare) if branch.bare else of_members(branch.members)


@st.composite
def bodies(draw: st.DrawFn, name: str) -> Json:
    """Bodies that the tree and the rules of the volet of that name accept."""
    return mended(VOLETS[name], draw(of_members(VOLETS[name].members)), CASES[name]["minimal"]["body"])


def mended(volet: Volet, body: Json, minimal: Mapping[str, Json]) -> Json:
    """What a rule refuses is taken away; failing that, its section is that of `minimal`, known to be right."""
    for attempt in range(12):
        found = list(case_problems(volet, body, on=ON)) or list(agreement_problems(volet, _around(volet, body)))
        if not found:
            return body
        for problem in found:
            path = [int(step) if step.isdigit() else step for step in re.findall(r"\w+", problem.path)][1:]
            if attempt > 5 or not _taken_away(body, path):
                _as_in(body, minimal, path)
    return deepcopy(dict(minimal))


def _around(volet: Volet, body: Json) -> DocumentContent:
    """The document of this body, the header being that of the minimal case."""
    return case.content(volet, CASES[volet.name]["minimal"] | {"body": body})


def _taken_away(body: Json, path: list[Any]) -> bool:
    node = body
    for step in path[:-1]:
        if not (isinstance(node, Mapping) and step in node or isinstance(node, list) and step < len(node)):
            return False
        node = node[step]
    if isinstance(node, dict) and path and path[-1] in node and len(path) > 1:
        del node[path[-1]]
        return True
    return False


def _as_in(body: Json, minimal: Mapping[str, Json], path: list[Any]) -> None:
    section = path[0] if path else None
    body.pop(section, None)
    if section in minimal:
        body[section] = deepcopy(minimal[section])
