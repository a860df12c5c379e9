"""What the IdentityService port carries: strict traits asked about, and what the national service answered (INSi)."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from perinat.standards.identifiers import Ins


class IdentityAnswer(enum.StrEnum):
    """FOUND: one identity. NOT_FOUND: none yet. REFUSED: the traits themselves. UNAVAILABLE: ask again later."""

    FOUND = "FOUND"
    NOT_FOUND = "NOT_FOUND"
    SEVERAL = "SEVERAL"
    REFUSED = "REFUSED"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class IdentityTraits:
    """Strict traits (RNIV): names in upper case, given names by spaces, COG of the place of birth or empty."""

    birth_family_name: str
    birth_given_names: str
    sex: str
    birth_date: date
    birth_place_cog: str = ""

    def as_json(self) -> dict[str, str]:
        return {**asdict(self), "birth_date": self.birth_date.isoformat()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> IdentityTraits:
        """The inverse of `as_json`."""
        return cls(**{**data, "birth_date": date.fromisoformat(data["birth_date"])})

    def differing(self, other: IdentityTraits) -> tuple[str, ...]:
        """Names of the traits that are not the same; a place that nobody gave differs from none."""
        mine, theirs = asdict(self), asdict(other)
        unknown = not self.birth_place_cog or not other.birth_place_cog
        return tuple(
            name
            for name, value in mine.items()
            if value != theirs[name] and not (name == "birth_place_cog" and unknown)
        )


@dataclass(frozen=True, slots=True)
class IdentityResult:
    """`ins` and `traits` when FOUND, as the service gives them. `code`: its own code, verbatim; never a trait."""

    answer: IdentityAnswer
    code: str = ""
    ins: Ins | None = None
    traits: IdentityTraits | None = None
