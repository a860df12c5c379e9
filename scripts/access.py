"""`make access`: every address, pages and API, walked as every role; one closing line.

    access: urls=… roles=… leaks=0

The figures are those that the walk itself recorded (tests/architecture/test_url_walk.py), read from the
report of pytest. Exit code 0 only when every test passed, the walk told its figures, and nothing leaked.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from perinat.standards import xml
from scripts.product import ROOT

TESTS = ("tests/architecture/test_url_walk.py", "tests/coordination/api", "tests/coordination/test_visibility.py")
SETTINGS = {"DJANGO_SETTINGS_MODULE": "perinat.settings.test"}  # importing `perinat` names those of development
FIGURES = ("urls", "roles", "leaks")


def figures(report: Path) -> dict[str, int]:
    """What the walk recorded as properties `access.urls`, `access.roles`, `access.leaks`; empty if it did not run."""
    if not report.exists():
        return {}
    properties = {str(p.get("name")): str(p.get("value")) for p in xml.parse(report.read_bytes()).iter("property")}
    return {name: int(properties[f"access.{name}"]) for name in FIGURES if f"access.{name}" in properties}


def closing_line(found: dict[str, int]) -> str:
    if set(found) != set(FIGURES):
        return "access: le parcours des adresses n'est pas allé à son terme."
    return "access: " + " ".join(f"{name}={found[name]}" for name in FIGURES)


def verdict(code: int, found: dict[str, int]) -> int:
    """0 when pytest passed and the walk says that nothing leaked."""
    return 0 if code == 0 and found.get("leaks") == 0 else 1


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="perinat-access-") as folder:
        report = Path(folder) / "report.xml"
        argv = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *TESTS, *sys.argv[1:]]
        code = subprocess.run(argv, cwd=ROOT, env=os.environ | SETTINGS, check=False).returncode
        found = figures(report)
    print(closing_line(found), flush=True)
    return verdict(code, found)


if __name__ == "__main__":
    sys.exit(main())
