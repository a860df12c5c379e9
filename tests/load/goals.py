"""The goals, the line that each prints, and the verdict: plain values, so that they are tested with false figures."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on a ratio product ÷ floor. `least`: the ratio must be at least the bound, else at most.

    The floor is measured in the same run; for a structured document it is a figure of the performance notes (§1, §2).

    `counted`: its miss makes the run fail; the others are only shown here.
    """

    name: str
    bound: float
    least: bool
    counted: bool = True


GOALS = (
    Goal("P1", 0.20, least=True),  # sending, documents/s
    Goal("P6", 0.40, least=True),  # a list of 20 documents, requests/s
    Goal("P7", 0.40, least=True),  # opening a document, requests/s
    Goal("P8", 2.5, least=False),  # an assertion beside a bare RSA-2048 signature, time
    Goal("P9", 4.0, least=False),  # an N1 CDA beside base64 and a template, time
    Goal("P9-LDL-SES", 2.0, least=False),  # an N3 written: CPU of an element beside the peer's of the notes
    Goal("P9-OBP-SNM", 2.0, least=False),
    Goal("P10", 0.60, least=True),  # mails with an archive read from IMAP, mails per second of CPU
    Goal("P10-SMTP", 0.60, least=True, counted=False),  # mails of 500 kB sent on one connection, mails/s
    Goal("P12", 0.10, least=False, counted=False),  # a warm check: CPU beside Java's time of the notes, another machine
    Goal("P12-examples", 0.10, least=False, counted=False),  # the official examples, as Java's time was measured
    Goal("P12-LDL-SES", 0.10, least=False, counted=False),
    Goal("P12-OBP-SNM", 0.10, least=False, counted=False),
)


@dataclass(frozen=True, slots=True)
class Rounds:
    """One measure of each side for each round, made one after the other: the pairs see the same machine."""

    product: Sequence[float]
    floor: Sequence[float]

    @property
    def ratio(self) -> float:
        """Median of the ratios of the pairs; nan when nothing, or something else than a number, was measured."""
        pairs = list(zip(self.product, self.floor, strict=True))
        if not pairs or any(not math.isfinite(value) or value <= 0 for pair in pairs for value in pair):
            return math.nan
        return statistics.median(mine / theirs for mine, theirs in pairs)

    def medians(self) -> tuple[float, float]:
        return statistics.median(self.product), statistics.median(self.floor)


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured for one goal, and the other words of its line."""

    goal: Goal
    ratio: float
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def reached(self) -> bool:
        """A ratio that is not a number reaches nothing."""
        return self.ratio >= self.goal.bound if self.goal.least else self.ratio <= self.goal.bound

    @property
    def line(self) -> str:
        sign = "min" if self.goal.least else "max"
        words = {
            "ratio": f"{self.ratio:.3g}",
            "goal": f"{self.goal.bound:g}",
            "sense": sign,
            "reached": "yes" if self.reached else "no",
            **({} if self.goal.counted else {"counted": "no"}),
            **self.words,
        }
        return f"bench: {self.goal.name} " + " ".join(f"{name}={value}" for name, value in words.items())


def goal(name: str) -> Goal:
    return next(one for one in GOALS if one.name == name)


def exit_code(results: Sequence[Result]) -> int:
    """0 when every counted goal was measured and reached; what was not measured was not reached."""
    wanted = {one.name for one in GOALS if one.counted}
    missed = {result.goal.name for result in results if result.goal.counted and not result.reached}
    return 0 if wanted <= {result.goal.name for result in results} and not missed else 1


def ms(parts: Mapping[str, float]) -> str:
    """« claim:1.2,load:0.8,…,total:9.6 », milliseconds for one document."""
    shown = {**parts, "total": sum(parts.values())}
    return ",".join(f"{name}:{value:.2f}" for name, value in shown.items())
