"""Each target of the Makefile has its line of help, and calls things that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z][a-z-]*):", MAKEFILE, flags=re.MULTILINE)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_alone_prints_one_line_for_each_target() -> None:
    told = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split()[1] for line in told] == TARGETS
    assert all(len(line.split()) > 2 for line in told)


def test_targets_call_modules_and_folders_that_exist() -> None:
    called = re.findall(r"python -m (scripts\.\w+)", MAKEFILE)
    assert {"scripts.demo", "scripts.story", "scripts.tests", "scripts.lint"} <= set(called)
    assert [name for name in called if find_spec(name) is None] == []
    assert [folder for folder in re.findall(r"\b(tests/[\w/]+)", MAKEFILE) if not (ROOT / folder).exists()] == []


def test_each_target_is_phony() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, flags=re.MULTILINE)
    assert phony and set(phony.group(1).split()) == set(TARGETS)
