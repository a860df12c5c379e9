"""Quantities of time, said as people of the field say them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coordination.cda.spec.kinds import Quantity


@dataclass(frozen=True, slots=True)
class Weeks(Quantity):
    """A gestational age in weeks of amenorrhoea; 39.57 is 39 weeks and 4 days (the norm has no unit for both)."""

    unit: str = "wk"
    unit_fr: str = "SA"
    least: float = 4
    most: float = 45
    scale: int = 2

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
