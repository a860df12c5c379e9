"""The verdict of the soak can be negative, for each of its reasons."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak import main, reader
from tests.soak.reader import Reading, Verdict

GOOD = Verdict(deposits=10_000, rss_growth=1.0, fds_delta=0, connections=3, threads=2, lost=0)


def test_the_good_one_holds() -> None:
    assert GOOD.holds
    assert GOOD.line == "soak: deposits=10000 rss_growth=1.0% fds_delta=0 connections=3 lost=0"


@pytest.mark.parametrize("bad", [{"rss_growth": 10.0}, {"fds_delta": 1}, {"connections": 10_000}, {"lost": 1}])
def test_each_reason_is_enough(bad: dict[str, float]) -> None:
    assert not replace(GOOD, **bad).holds  # type: ignore[arg-type]


def test_a_descriptor_that_stays_open_is_seen(tmp_path: Path) -> None:
    before = reader.read(os.getpid())
    with (tmp_path / "kept").open("w"):
        assert reader.read(os.getpid()).fds == before.fds + 1


def test_a_descriptor_of_an_instant_is_not_one_that_is_kept() -> None:
    assert reader.descriptors([Reading(1, 21), Reading(1, 22), Reading(1, 21)]) == 21
    assert reader.descriptors([Reading(1, 22), Reading(1, 23)]) == 22


def test_growth_goes_from_floor_to_floor() -> None:
    first, last = [Reading(130, 5), Reading(100, 5)], [Reading(112, 5), Reading(190, 5)]
    assert reader.growth(first, last) == pytest.approx(12.0)
    assert (
        reader.told(2, [Reading(3 << 20, 5), Reading(2 << 20, 7)])
        == "millier 2 : 3 2 Mo ; plancher 2.0 Mo ; 7 descripteurs"
    )


@pytest.mark.parametrize(("count", "thousands"), [(9960, 10), (1960, 2), (160, 2)])
def test_readings_are_spread_over_all_the_deposits(count: int, thousands: int) -> None:
    shares = main.shares(count)
    assert len(shares) == thousands and sum(map(sum, shares)) == count
    assert {len(sizes) for sizes in shares} == {main.READINGS}


PROCESS = """
import random, sys
kept, mass, chance = [], b"x" * (440 << 20), random.Random(7)
for line in sys.stdin:
    passing = b"x" * chance.randrange(60 << 20)
    kept.append(b"x" * (int(line) * int(sys.argv[1])))
    print(len(kept), flush=True)
"""


@pytest.mark.parametrize(("leak", "is_seen"), [(0, False), (8_000, True)])
def test_a_few_kilobytes_a_deposit_are_seen_through_what_comes_and_goes(leak: int, is_seen: bool) -> None:
    """A process of the size of the worker, in which 60 MB come and go at random as in Saxon."""
    argv = [sys.executable, "-c", PROCESS, str(leak)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None

        def after(deposits: int) -> Reading:
            print(deposits, file=process.stdin, flush=True)
            assert process.stdout is not None and process.stdout.readline()
            return reader.read(process.pid)

        thousands = [[after(size) for size in sizes] for sizes in main.shares(9960)]
        process.stdin.close()
    found = replace(GOOD, rss_growth=reader.growth(thousands[0], thousands[-1]))
    assert found.holds is not is_seen, found.line


def test_a_line_without_its_bytes_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    lines = [json.dumps({"unique_id": one}) for one in ("1.2.3", "1.2.3", "1.2.4")]
    (tmp_path / "documents.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "documents" / "1.2.3.xml").write_bytes(b"<a/>")
    assert reader.store(tmp_path) == {"1.2.3": 2}
