"""The policy of what does not arrive: read once and checked; no code, no policy, leaves a sending without an end."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perinat.standards import fallback
from perinat.standards.fallback import DATA, PolicyError, Step, policy, read

CODES = st.one_of(
    st.builds("{}{:02} {}.{}.{}".format, st.integers(2, 5), st.integers(0, 99), st.sampled_from("245"),
              st.integers(0, 9), st.integers(0, 30)),
    st.builds("{}.{}.{}".format, st.sampled_from("245"), st.integers(0, 9), st.integers(0, 30)),
    st.text(max_size=60),
)  # fmt: skip


def data() -> dict[str, Any]:
    return copy.deepcopy(json.loads(DATA.read_text(encoding="utf-8")))


def test_it_is_dated_sourced_and_read_once() -> None:
    assert policy() is policy() and policy().as_of.year >= 2026 and "DLV-04" in data()["source"]
    assert {one.name for one in policy().reasons} >= {"FULL", "CLOSED", "OURS", "NO_ADDRESS", "EXHAUSTED"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("550 5.1.1", "CLOSED"), ("5.1.1", "CLOSED"), ("5.2.1", "CLOSED"), ("5.1.10", "CLOSED"), ("5.1.2", "CLOSED"),
        ("552 5.2.2", "FULL"), ("452 4.2.2", "FULL"), ("552", "FULL"), ("552 5.3.4", "TOO_BIG"), ("523", "TOO_BIG"),
        ("5.4.7", "UNREACHED"), ("421 4.3.2", "UNREACHED"), ("451 4.3.0", "UNREACHED"), ("450", "EXHAUSTED"),
        ("550", "REFUSED"), ("551", "REFUSED"), ("554 5.7.1", "OURS"), ("5.1.8", "OURS"), ("535 5.7.8", "OURS"),
        ("554", "OURS"), ("perinat:conformity", "OURS"), ("perinat:unforeseen", "OURS"), ("tls", "OTHER"),
        ("", "OTHER"), ("5.1.100", "OTHER"), ("905", "OTHER"),
    ],
)  # fmt: skip
def test_what_a_code_means(code: str, reason: str) -> None:
    assert policy().reason(code).name == reason


@given(CODES)
def test_every_code_has_a_reason_that_ends(code: str) -> None:
    reason = policy().reason(code)
    assert not reason.steps or reason.steps[-1] is Step.PAPER
    if policy().buries(code):
        assert reason.name == "CLOSED"


def test_a_temporary_answer_buries_nobody() -> None:
    assert policy().buries("550 5.1.1") and not policy().buries("450 4.1.1") and not policy().buries("5.2.2")


def test_the_most_careful_paper_decides() -> None:
    both = policy().allowed({"10", "42"}, sensitive=False)
    assert both.steps == (Step.PERSONAL, Step.ORGANISATION, Step.PAPER) and not both.code
    assert policy().allowed({"10"}, sensitive=False).code
    masked = policy().allowed({"10"}, sensitive=True)
    assert masked.steps == (Step.PERSONAL, Step.PAPER) and not masked.code
    assert policy().allowed({"unheard of"}, sensitive=False).steps[-1] is Step.PAPER


def _reason(name: str, **values: Any) -> Any:
    def spoil(given_data: dict[str, Any]) -> None:
        next(one for one in given_data["reasons"] if one["name"] == name).update(values)

    return spoil


SPOILS: dict[str, Any] = {
    "no paper at the end": _reason("FULL", steps=["PERSONAL"]),
    "paper before an address": _reason("FULL", steps=["PAPER", "PERSONAL"]),
    "a step nobody knows": _reason("FULL", steps=["FAX", "PAPER"]),
    "a step twice": _reason("FULL", steps=["PERSONAL", "PERSONAL", "PAPER"]),
    "a code nobody writes": _reason("FULL", codes=["5.2.2"]),
    "a wait of nothing": _reason("FULL", wait_minutes=0),
    "no address is told to nobody": _reason("NO_ADDRESS", steps=[]),
    "nothing takes the rest": lambda d: d["reasons"].pop(),
    "two reasons of one name": lambda d: d["reasons"].insert(0, d["reasons"][0]),
    "a class twice": lambda d: d["classes"].append(d["classes"][0]),
    "a class without paper": lambda d: d["classes"][0].update(steps=["PERSONAL"]),
    "no rule for the others": lambda d: d["classes"].pop(),
    "a masked paper in a shared box": lambda d: d["sensitive"].update(steps=["PERSONAL", "ORGANISATION", "PAPER"]),
    "a masked paper behind a code": lambda d: d["sensitive"].update(code=True),
    "a colleague's own box": lambda d: d["organisation_boxes"].append("PER"),
    "no box at all": lambda d: d.update(organisation_boxes=[]),
    "a code for ever": lambda d: d.update(code_hours=-1),
    "tries without end": lambda d: d["code_tries"].update(most=0),
    "no date": lambda d: d.pop("as_of"),
}


@pytest.mark.parametrize("name", SPOILS)
def test_a_policy_that_would_lose_or_reveal_is_refused(name: str) -> None:
    spoiled = data()
    SPOILS[name](spoiled)
    with pytest.raises(PolicyError):
        read(spoiled)


def test_the_product_s_own_is_accepted() -> None:
    assert read(data()) == fallback.policy()
