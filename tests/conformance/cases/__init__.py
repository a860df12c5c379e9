"""Cases of each volet for the conformance runs: one module per volet, `CASES: dict[str, Case]`."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.cse_mde import CASES as CSE_MDE
from tests.conformance.cases.obp_scm import CASES as OBP_SCM
from tests.conformance.cases.obp_sem import CASES as OBP_SEM

Case = dict[str, Any]
CASES: dict[str, dict[str, Case]] = {
    "OBP-SCM": OBP_SCM,
    "OBP-SEM": OBP_SEM,
    "CSE-MDE": CSE_MDE,
}
