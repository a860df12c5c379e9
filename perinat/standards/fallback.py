"""What follows a sending that did not arrive: the steps, by reason and by class of document, as dated data (ADR 0022).

`data/fallback.json` is read once and checked: a policy that would leave a sending without any end is refused.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "fallback.json"
EVERY_CLASS = "*"
BOX_KINDS = frozenset({"ORG", "CAB", "APP"})  # never PER: a colleague's own box
_ENHANCED = re.compile(r"(?<![.\d])[245]\.(\d{1,3})\.(\d{1,3})(?![.\d])")
_BASIC = re.compile(r"(?<![.\d])([2-5])(\d\d)(?![.\d])")
_PATTERN = re.compile(r"x\.\d{1,3}\.(?:\d{1,3}|x)|[45]\d\d|4xx|[a-z]+:|")


class Step(enum.StrEnum):
    """Where the papers go next."""

    PERSONAL = "PERSONAL"  # another address of the same person
    ORGANISATION = "ORGANISATION"  # the shared box of the organisation she works for
    PAPER = "PAPER"  # a person hands them over


class PolicyError(Exception):
    """The file of the policy says something impossible."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it did not arrive. `waits`: tries of the same box again, each after `wait`; `dead`: never offered again."""

    name: str
    label: str
    codes: tuple[str, ...]
    steps: tuple[Step, ...]
    wait: timedelta
    waits: int
    dead: bool


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a kind of document allows; `code`: the papers may be opened with a one-time code."""

    steps: tuple[Step, ...]
    code: bool


@dataclass(frozen=True, slots=True)
class Policy:
    as_of: date
    reasons: tuple[Reason, ...]
    classes: Mapping[str, Allowed]
    sensitive: Allowed
    boxes: tuple[str, ...]
    code_lives: timedelta
    most_tries: int
    tries_per: timedelta

    def reason(self, code: str) -> Reason:
        """What a code of the channel means; the last one (OTHER) when nothing else does."""
        return next(one for one in self.reasons if any(_means(pattern, code) for pattern in one.codes))

    def buries(self, code: str) -> bool:
        """Whether this answer says that the box is no more: never a temporary one."""
        return self.reason(code).dead and not re.search(r"(?<![.\d])4\.\d", code)

    def named(self, name: str) -> Reason:
        return next(one for one in self.reasons if one.name == name)

    def allowed(self, classes: Iterable[str], *, sensitive: bool) -> Allowed:
        """What every paper of a sending allows: the most careful one decides."""
        rules = [self.classes.get(one, self.classes[EVERY_CLASS]) for one in classes]
        rules += [self.sensitive] if sensitive else []
        steps = tuple(step for step in Step if all(step in rule.steps for rule in rules))
        return Allowed(steps, all(rule.code for rule in rules))


def _means(pattern: str, code: str) -> bool:
    """Whether a code is of this pattern; its enhanced part alone decides when it has one."""
    if pattern == "":
        return True
    if pattern.endswith(":"):
        return code.startswith(pattern)
    enhanced, basic = _ENHANCED.search(code), _BASIC.search(code)
    if pattern == "4xx":  # whatever it says: the last temporary answer after all the tries
        return bool(basic and basic[1] == "4") or bool(re.search(r"(?<![.\d])4\.\d", code))
    if not pattern.startswith("x."):
        return enhanced is None and basic is not None and basic[0] == pattern
    subject, _, detail = pattern[2:].partition(".")
    return enhanced is not None and enhanced[1] == subject and detail in ("x", enhanced[2])


@cache
def policy() -> Policy:
    """The policy of the product. Raises PolicyError."""
    return read(json.loads(DATA.read_text(encoding="utf-8")))


def read(data: Mapping[str, Any]) -> Policy:
    """Check and read a policy. Raises PolicyError, which names what is wrong."""
    try:
        made = Policy(
            as_of=date.fromisoformat(data["as_of"]),
            reasons=tuple(_reason(one) for one in data["reasons"]),
            classes={name: _allowed(one) for one in data["classes"] for name in one["classes"]},
            sensitive=_allowed(data["sensitive"]),
            boxes=tuple(data["organisation_boxes"]),
            code_lives=timedelta(hours=_positive(data["code_hours"])),
            most_tries=_positive(data["code_tries"]["most"]),
            tries_per=timedelta(hours=_positive(data["code_tries"]["per_hours"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyError(f"{type(error).__name__}: {error}") from error
    _check(made, sum(len(one["classes"]) for one in data["classes"]))
    return made


def _reason(one: Mapping[str, Any]) -> Reason:
    waits = int(one.get("waits", 0))
    minutes = _positive(one["wait_minutes"]) if waits else 0
    return Reason(
        one["name"], one["label"], tuple(one["codes"]), _steps(one["steps"]), timedelta(minutes=minutes), waits,
        bool(one.get("dead", False)),
    )  # fmt: skip


def _allowed(one: Mapping[str, Any]) -> Allowed:
    return Allowed(_steps(one["steps"]), bool(one["code"]))


def _steps(names: Collection[str]) -> tuple[Step, ...]:
    steps = tuple(Step(name) for name in names)
    if len(set(steps)) != len(steps):
        raise ValueError(f"a step twice: {', '.join(names)}")
    return steps


def _positive(value: Any) -> int:
    if not isinstance(value, int) or value <= 0:
        raise ValueError(f"not a positive number: {value!r}")
    return value


def _check(made: Policy, classes: int) -> None:
    names = [one.name for one in made.reasons]
    wrong = [pattern for one in made.reasons for pattern in one.codes if not _PATTERN.fullmatch(pattern)]
    problems = {
        "two reasons of the same name": len(set(names)) != len(names),
        "a class twice": len(made.classes) != classes,
        f"unknown codes: {', '.join(wrong)}": bool(wrong),
        "the last reason must take every code": not made.reasons or made.reasons[-1].codes != ("",),
        "no reason NO_ADDRESS, or it has no end on paper": not any(
            one.name == "NO_ADDRESS" and one.steps == (Step.PAPER,) for one in made.reasons
        ),
        "steps that do not end on paper": any(one.steps and one.steps[-1] != Step.PAPER for one in made.reasons),
        "a class without paper": any(Step.PAPER not in one.steps for one in made.classes.values()),
        "no rule for every class": EVERY_CLASS not in made.classes,
        "a sensitive paper in a shared box, or behind a code": made.sensitive.code
        or Step.ORGANISATION in made.sensitive.steps
        or Step.PAPER not in made.sensitive.steps,
        "a colleague's own box": not made.boxes or not BOX_KINDS.issuperset(made.boxes),
    }
    found = [sentence for sentence, is_wrong in problems.items() if is_wrong]
    if found:
        raise PolicyError("; ".join(found))
