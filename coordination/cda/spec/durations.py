"""Quantities of time, said as people of the field say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from coordination.cda.spec.kinds import Quantity

_TOLERANCE = 0.02 * 7  # days: two decimals of a week


@dataclass(frozen=True, slots=True)
class Weeks(Quantity):
    """A gestational age in weeks of amenorrhoea; 39.57 is 39 weeks and 4 days (the norm has no unit for both).

    39.4 is neither 39 weeks and 4 days nor a number of days: it is refused.
    """

    unit: str = "wk"
    unit_fr: str = "SA"
    least: float = 4
    most: float = 45
    scale: int = 2

    def problem(self, value: Any, on: date) -> str | None:
        found = Quantity.problem(self, value, on)
        if found or abs(value * 7 - round(value * 7)) <= _TOLERANCE:
            return found
        weeks, near = int(value), round(value * 7) % 7 or 1
        days = [f"{weeks + day / 7:.2f}".replace(".", ",") for day in range(1, 7)]
        example = f"pour {weeks} SA + {near} j, écrivez {days[near - 1]}"
        return (
            f"la décimale est un nombre de jours sur sept : {example} (décimales admises : {weeks}, {', '.join(days)})"
        )

    def say(self, value: Any) -> str:
        weeks, days = divmod(round(value * 7), 7)
        return f"{weeks} SA + {days} j" if days else f"{weeks} SA"


@dataclass(frozen=True, slots=True)
class Minutes(Quantity):
    """A duration in minutes, up to some weeks (time since the membranes broke)."""

    unit: str = "min"
    unit_fr: str = "min"
    most: float = 200_000
    scale: int = 0

    def say(self, value: Any) -> str:
        hours, minutes = divmod(round(value), 60)
        parts = ((hours, "h"), (minutes, "min"))
        return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"
