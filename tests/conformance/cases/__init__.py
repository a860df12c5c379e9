"""Cases of each volet for the conformance runs: one module per volet, `CASES: dict[str, Case]`."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.cse_cs8 import CASES as CSE_CS8
from tests.conformance.cases.cse_mde import CASES as CSE_MDE
from tests.conformance.cases.ldl_ses import CASES as LDL_SES
from tests.conformance.cases.obp_sap import CASES as OBP_SAP
from tests.conformance.cases.obp_scm import CASES as OBP_SCM
from tests.conformance.cases.obp_sem import CASES as OBP_SEM
from tests.conformance.cases.obp_sne import CASES as OBP_SNE
from tests.conformance.cases.obp_snm import CASES as OBP_SNM

Case = dict[str, Any]
CASES: dict[str, dict[str, Case]] = {
    "LDL-SES": LDL_SES,
    "OBP-SAP": OBP_SAP,
    "OBP-SNM": OBP_SNM,
    "OBP-SNE": OBP_SNE,
    "OBP-SCM": OBP_SCM,
    "OBP-SEM": OBP_SEM,
    "CSE-CS8": CSE_CS8,
    "CSE-MDE": CSE_MDE,
}
