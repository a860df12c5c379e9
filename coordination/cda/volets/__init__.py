"""The national structured documents that perinat writes: one module per volet, each a tree."""

from __future__ import annotations

from coordination.cda.volets.cse_cs8 import CSE_CS8
from coordination.cda.volets.cse_mde import CSE_MDE
from coordination.cda.volets.ldl_ses import LDL_SES
from coordination.cda.volets.model import Volet
from coordination.cda.volets.obp_sap import OBP_SAP
from coordination.cda.volets.obp_scm import OBP_SCM
from coordination.cda.volets.obp_sem import OBP_SEM
from coordination.cda.volets.obp_sne import OBP_SNE
from coordination.cda.volets.obp_snm import OBP_SNM

VOLETS: dict[str, Volet] = {
    volet.name: volet for volet in (LDL_SES, OBP_SAP, OBP_SNM, OBP_SNE, OBP_SCM, OBP_SEM, CSE_CS8, CSE_MDE)
}
