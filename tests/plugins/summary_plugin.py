"""The last lines of a run: every skipped test with its reason, and what the browser tests really did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

BROWSER = "tests/browser/"


def reason(report: Any) -> str:
    """The reason given to a skip, without the words that pytest puts before it."""
    where = report.longrepr
    text = str(where[2]) if isinstance(where, tuple) else str(where)
    return text.removeprefix("Skipped: ").strip()


def browser_counts(run: Iterable[Any], skipped: Iterable[Any]) -> tuple[int, int]:
    """How many browser tests ran and how many were skipped."""

    def count(reports: Iterable[Any]) -> int:
        return len({report.nodeid for report in reports if report.nodeid.startswith(BROWSER)})

    return count(run), count(skipped)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--browser-required", action="store_true", help="a skipped browser test makes the run fail (for the CI)"
    )


def _counts(reporter: pytest.TerminalReporter) -> tuple[int, int]:
    stats = reporter.stats
    ran = [report for outcome in ("passed", "failed", "xfailed", "xpassed") for report in stats.get(outcome, [])]
    return browser_counts(ran, stats.get("skipped", []))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and session.config.getoption("browser_required") and _counts(reporter)[1]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    terminalreporter.write_line(f"ignorés : {len(skipped)}")
    for (place, why), times in sorted(Counter((r.nodeid.partition("::")[0], reason(r)) for r in skipped).items()):
        terminalreporter.write_line(f"  {place} × {times} — {why}")
    done, left = _counts(terminalreporter)
    if done or left or any(BROWSER.rstrip("/") in argument for argument in config.args):
        terminalreporter.write_line(f"browser: run={done} skipped={left}")
