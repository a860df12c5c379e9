"""The summary counts what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from tests.plugins.summary_plugin import browser_counts, reason


def test_the_reason_of_a_skip_is_told_without_pytests_own_words() -> None:
    assert reason(SimpleNamespace(longrepr=("f.py", 3, "Skipped: Chromium absent"))) == "Chromium absent"
    assert reason(SimpleNamespace(longrepr="autre")) == "autre"


def test_browser_tests_are_counted_once_each() -> None:
    one = SimpleNamespace(nodeid="tests/browser/test_login.py::test_a")
    other = SimpleNamespace(nodeid="tests/standards/test_ins.py::test_b")
    assert browser_counts([one, one, other], [other]) == (1, 0)
    assert browser_counts([other], [one]) == (0, 1)


def test_the_ci_refuses_a_skipped_browser_test(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "browser"
    folder.mkdir(parents=True)
    (folder / "test_page.py").write_text("import pytest\n\ndef test_a():\n    pytest.skip('Chromium absent')\n")
    argv = [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", ".", "-p", "no:django"]
    argv += ["-p", "no:cacheprovider", "-p", "tests.plugins.summary_plugin", "tests/browser"]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PYTEST_ADDOPTS": ""}

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*argv, *more], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    free, required = run(), run("--browser-required")
    assert free.returncode == 0, free.stdout + free.stderr
    assert required.returncode == 1
    for told in (free.stdout, required.stdout):
        assert "ignorés : 1\n  tests/browser/test_page.py × 1 — Chromium absent" in told
        assert "browser: run=0 skipped=1" in told
