"""The client of the settings, without the pace and the new tries that a real server asks for."""

from __future__ import annotations

import dataclasses

from perinat.connectors.annuaire_sante import conf
from perinat.connectors.annuaire_sante.client import AnnuaireSante


class Quick(AnnuaireSante):
    def __init__(self) -> None:
        super().__init__(dataclasses.replace(conf.load(), interval=0.0, tries=1))
