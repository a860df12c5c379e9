"""`make test`: the tests in parallel, then those of the browser one after the other; one closing line.

Exit code 0 only when both passed. A browser test that is skipped is told, and fails nothing here: that is
for the continuous integration to refuse (`--browser-required`).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from scripts.product import ROOT

NOTHING_COLLECTED = 5
BROWSER = ROOT / "tests" / "browser"


def pytest(*words: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description="Tous les tests.")
    parser.add_argument("-n", "--jobs", default="3", help="processus en parallèle (deux cœurs : beaucoup attendent)")
    parser.add_argument("--browser-required", action="store_true", help="un test de navigateur ignoré est une faute")
    options, words = parser.parse_known_args()
    codes = [pytest("-q", "-n", options.jobs, "--dist", "worksteal", f"--ignore={Path('tests/browser')}", *words)]
    if BROWSER.is_dir():
        required = ["--browser-required"] if options.browser_required else []
        codes.append(pytest("-q", *required, str(BROWSER.relative_to(ROOT)), *words))
    bad = [code for code in codes if code not in (0, NOTHING_COLLECTED)]
    print("tests : tous passent." if not bad else f"tests : échec (code {bad[0]}).", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
