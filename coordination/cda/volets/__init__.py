"""The national structured documents that perinat writes: one module per volet, each a tree."""

from __future__ import annotations

from coordination.cda.volets.cse_mde import CSE_MDE
from coordination.cda.volets.model import Volet

VOLETS: dict[str, Volet] = {volet.name: volet for volet in (CSE_MDE,)}
