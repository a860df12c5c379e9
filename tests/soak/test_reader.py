"""The verdict of the soak can be negative, for each of its reasons."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak import reader
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


def test_growth_is_told_from_the_first_reading() -> None:
    assert reader.growth(Reading(100, 5), Reading(112, 5)) == pytest.approx(12.0)


def test_a_line_without_its_bytes_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    lines = [json.dumps({"unique_id": one}) for one in ("1.2.3", "1.2.3", "1.2.4")]
    (tmp_path / "documents.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "documents" / "1.2.3.xml").write_bytes(b"<a/>")
    assert reader.store(tmp_path) == {"1.2.3": 2}
