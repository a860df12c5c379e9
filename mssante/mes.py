"""What is particular to the messaging of Mon espace santé: who writes from it, and its notices of non-delivery."""

from __future__ import annotations

import functools
import logging
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)
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


# what makes a file none of these: absent, no TOML, a name that is missing, a pattern that is none
UNUSABLE = (OSError, ValueError, KeyError, TypeError, re.error)


def load(path: Path | None = None) -> Bounces:
    """The file of `path`; ours without any, or when it cannot be used: no mail waits for a pattern to be mended."""
    try:
        return read(path)
    except UNUSABLE as error:
        if path is None:
            raise
        logger.error("mssante.bounces_unusable cause=%s", type(error).__name__)
        return read(None)


@functools.lru_cache(maxsize=4)
def read(path: Path | None) -> Bounces:
    """Raises one of UNUSABLE: it is not one of these files."""
    told = tomllib.loads((path or DEFAULT).read_text("utf-8"))
    return Bounces(
        _any(told["subjects"]),
        tuple(Cause(one["status"], _any(one["patterns"]), one["message"]) for one in told["cause"]),
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
