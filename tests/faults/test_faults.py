"""`make faults-dmp` in short, on real processes; and the judge sees a product that is broken on purpose."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import scenarios

ROOT = Path(__file__).resolve().parents[2]
ONE = "TD2.1a, cut before the answer"
TAKEN_BACK = "TD3.1b before TD3.3c, cut in the body"


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, last line and everything that was printed."""
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    argv = [sys.executable, "-m", "scripts.faults", *words]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=900, check=False)
    return done.returncode, (done.stdout.strip().splitlines() or [""])[-1], done.stdout + done.stderr


def test_one_scenario_of_each_kind_loses_and_doubles_nothing() -> None:
    code, last, printed = run("--short")
    assert last == f"faults: scenarios={len(scenarios.SHORT) + 1} lost=0 duplicated=0", printed
    assert code == 0
    assert len(re.findall(r"^ok ", printed, flags=re.MULTILINE)) == len(scenarios.SHORT) + 1


@pytest.mark.parametrize(
    ("flaw", "scenario", "last_line"),
    [
        ("uncertain-is-permanent", ONE, "faults: scenarios=1 lost=1 duplicated=0"),
        ("resends-without-asking", ONE, "faults: scenarios=1 lost=0 duplicated=1"),
        ("deletion-without-answer-is-done", TAKEN_BACK, "faults: scenarios=1 lost=1 duplicated=0"),
    ],
)
def test_a_fault_that_is_mishandled_changes_the_number(flaw: str, scenario: str, last_line: str) -> None:
    code, last, printed = run("--flaw", flaw, "--only", scenario)
    assert (code, last) == (1, last_line), printed


def test_the_short_list_names_scenarios_that_exist() -> None:
    assert len(scenarios.SHORT) == len(scenarios.SHORT_NAMES)
    names = [one.name for one in scenarios.WHOLE]
    assert ONE in names and TAKEN_BACK in names and len(set(names)) == len(names)


def test_the_judge_imports_no_service() -> None:
    source = (ROOT / "tests" / "faults" / "reader.py").read_text(encoding="utf-8")
    assert set(re.findall(r"^from (\S+) import|^import (\S+)", source, flags=re.MULTILINE)) <= {
        ("__future__", ""), ("", "json"), ("", "urllib.request"), ("collections", ""), ("dataclasses", ""),
        ("pathlib", ""), ("typing", ""), ("", "psycopg"), ("tests.faults.scenarios", ""),
    }  # fmt: skip
