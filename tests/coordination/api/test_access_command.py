"""`make access`: the closing line says what the walk recorded, and fails when it did not, or when it leaked."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import access

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest"><properties>{}</properties><testcase name="a"/></testsuite></testsuites>"""


def written(folder: Path, **figures: int) -> Path:
    rows = "".join(f'<property name="access.{name}" value="{value}"/>' for name, value in figures.items())
    report = folder / "report.xml"
    report.write_text(REPORT.format(rows), encoding="utf-8")
    return report


def test_the_closing_line(tmp_path: Path) -> None:
    found = access.figures(written(tmp_path, urls=98, roles=14, leaks=0))
    assert access.closing_line(found) == "access: urls=98 roles=14 leaks=0"
    assert access.verdict(0, found) == 0 and access.verdict(1, found) == 1


def test_a_leak_fails(tmp_path: Path) -> None:
    found = access.figures(written(tmp_path, urls=98, roles=14, leaks=3))
    assert access.closing_line(found) == "access: urls=98 roles=14 leaks=3"
    assert access.verdict(0, found) == 1


@pytest.mark.parametrize("figures", [{}, {"urls": 98}, {"urls": 98, "leaks": 0}])
def test_a_walk_that_did_not_end_is_told(tmp_path: Path, figures: dict[str, int]) -> None:
    found = access.figures(written(tmp_path, **figures))
    assert access.closing_line(found) == "access: le parcours des adresses n'est pas allé à son terme."
    assert access.verdict(1, found) == 1 and access.verdict(0, {}) == 1


def test_no_report_at_all(tmp_path: Path) -> None:
    assert access.figures(tmp_path / "none.xml") == {}


def test_what_it_runs_exists() -> None:
    assert all((access.ROOT / name).exists() for name in access.TESTS)
