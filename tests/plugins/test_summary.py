"""The summary counts what it says."""

from __future__ import annotations

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
