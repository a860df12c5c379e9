"""Certificates of the sandbox authority, and parcels."""

from __future__ import annotations

from pathlib import Path

import pytest

from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.mssante.parcels import EJ


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> SandboxAuthority:
    made = SandboxAuthority(tmp_path_factory.mktemp("pki"))
    made.ensure([EJ])
    return made


@pytest.fixture(scope="session")
def pki_dir(authority: SandboxAuthority) -> Path:
    return authority.directory
