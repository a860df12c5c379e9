"""How many refusals are tested: the number that the package says, and far above the sixty that issue 4 asks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import tests.sandboxes.dmp as package

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
WANTED = 60


def test_the_number_of_refusals() -> None:
    files = sorted(str(path) for path in HERE.glob("test_refused_*.py"))
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    count = len(re.findall(r"^tests/sandboxes/dmp/test_refused_\w+\.py::", told, re.MULTILINE))
    said = re.search(r"^(\d+) bad requests", package.__doc__ or "", re.MULTILINE)
    assert said is not None
    assert count == int(said[1]) > WANTED


def test_the_suite_shares_no_code_with_the_gateway() -> None:
    """Imports of dmp_gateway are of the sandbox alone; nothing of the standards that the client uses."""
    for path in HERE.glob("*.py"):
        imported = re.findall(
            r"^from (dmp_gateway|perinat|coordination)([\w.]*) import", path.read_text(), re.MULTILINE
        )
        for root, rest in imported:
            assert root == "dmp_gateway" and rest.startswith(".sandbox") or ".igc_sante.sandbox" in rest, path.name
