"""The reader of the soak: it imports no service and believes only the process table, SQL and the sandbox's files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

RSS_GROWTH_MAX = 10.0  # per cent, from the first thousand to the last
LETTERS = "SELECT unique_id FROM coordination_documentversion WHERE validated_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Reading:
    """A process at rest. `rss` in bytes."""

    rss: int
    fds: int

    @property
    def text(self) -> str:
        return f"{self.rss / 2**20:.1f} Mo, {self.fds} descripteurs"


def read(pid: int) -> Reading:
    process = psutil.Process(pid)
    return Reading(process.memory_info().rss, process.num_fds())


def told(number: int, readings: Sequence[Reading]) -> str:
    """One line for a thousand: every reading, then their floor."""
    each = " ".join(f"{one.rss / 2**20:.0f}" for one in readings)
    last = readings[-1].fds
    return f"millier {number} : {each} Mo ; plancher {floor(readings) / 2**20:.1f} Mo ; {last} descripteurs"


def floor(readings: Sequence[Reading]) -> int:
    """The lowest of the readings of one thousand, in bytes.

    The national rules run in Saxon, whose own collector lets its memory rise and fall by a fifth: one instant says
    when it last collected, the lowest of several says what is kept.
    """
    return min(one.rss for one in readings)


def descriptors(readings: Sequence[Reading]) -> int:
    """The lowest of the readings of one thousand: one that is open for an instant only is not kept."""
    return min(one.fds for one in readings)


def growth(first: Sequence[Reading], last: Sequence[Reading]) -> float:
    """Per cent of resident memory gained, from the floor of one thousand to that of another."""
    return 100.0 * (floor(last) - floor(first)) / floor(first)


def store(folder: Path) -> Counter[str]:
    """uniqueId → how many times the sandbox registered it, its bytes being there."""
    lines = (folder / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    ids = [json.loads(line)["unique_id"] for line in lines]
    return Counter(i for i in ids if (folder / "documents" / f"{i}.xml").is_file())


def lost(database_url: str, folder: Path) -> int:
    """Validated letters that are not exactly once in the store, and documents there that nobody validated."""
    with psycopg.connect(database_url) as connection:
        wanted = {row[0] for row in connection.execute(LETTERS)}
    found = store(folder)
    return sum(found[one] != 1 for one in wanted) + sum(one not in wanted for one in found)


@dataclass(frozen=True, slots=True)
class Verdict:
    deposits: int
    rss_growth: float
    fds_delta: int
    connections: int
    threads: int
    lost: int

    @property
    def line(self) -> str:
        return (
            f"soak: deposits={self.deposits} rss_growth={self.rss_growth:.1f}% fds_delta={self.fds_delta} "
            f"connections={self.connections} lost={self.lost}"
        )

    @property
    def holds(self) -> bool:
        """Connections are reused: those of the worker's threads, renewed a few times at most."""
        reused = self.connections <= max(4 * self.threads, self.deposits // 100)
        return self.rss_growth < RSS_GROWTH_MAX and self.fds_delta == 0 and self.lost == 0 and reused
