"""What is particular to the messaging of Mon espace santé: who writes from it, and its notices of non-delivery."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

DEFAULT = Path(__file__).parent / "data" / "mes_bounces.toml"


@dataclass(frozen=True, slots=True)
class Cause:
    """`status`: the enhanced code (RFC 3463) that says the same."""

    status: str
    pattern: re.Pattern[str]
    message_fr: str


@dataclass(frozen=True, slots=True)
class Bounces:
    """The patterns of one file."""

    subject: re.Pattern[str]
    causes: tuple[Cause, ...]

    def cause(self, text: str) -> Cause | None:
        """The cause that this text names, when it names one."""
        flat = " ".join(text.split())
        return next((cause for cause in self.causes if cause.pattern.search(flat)), None)

    def notice(self, subject: str, text: str) -> Cause | None:
        """The same for a whole mail: its subject must say that something was not delivered."""
        return self.cause(text) if self.subject.search(subject) else None

    def of_status(self, status: str) -> Cause | None:
        return next((cause for cause in self.causes if cause.status == status), None)


@functools.lru_cache(maxsize=4)
def load(path: Path | None = None) -> Bounces:
    """The file of `path`, or ours. Raises OSError, ValueError, KeyError: it is not one of these files."""
    told = tomllib.loads((path or DEFAULT).read_text("utf-8"))
    return Bounces(
        _any(told["subjects"]),
        tuple(Cause(one["status"], _any(one["patterns"]), one["message"]) for one in told["cause"]),
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
