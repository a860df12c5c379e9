"""Cases of each volet for the conformance runs: one module per volet, `CASES: dict[str, Case]`."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.cse_mde import CASES as CSE_MDE

Case = dict[str, Any]
CASES: dict[str, dict[str, Case]] = {"CSE-MDE": CSE_MDE}
