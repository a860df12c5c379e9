"""Certificates of the tests: one sandbox authority for the whole session."""

from __future__ import annotations

from pathlib import Path

import pytest

from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.standards import pki
from perinat.standards.pki import Credential
from tests.dmp_gateway import parcels


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> SandboxAuthority:
    made = SandboxAuthority(tmp_path_factory.mktemp("pki"))
    made.ensure([parcels.EJ, parcels.OTHER_EJ])
    return made


@pytest.fixture(scope="session")
def pki_dir(authority: SandboxAuthority) -> Path:
    return authority.directory


@pytest.fixture(scope="session")
def signing(authority: SandboxAuthority) -> Credential:
    files = authority.structure(parcels.EJ)
    return pki.load(files.sign_pem, files.sign_key)


@pytest.fixture(scope="session")
def schemas() -> Path:
    """Published schemas of SAML, SOAP and XDS.b, kept beside the project."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "xsd"
    if not folder.is_dir():
        pytest.skip("schemas absent: ../shared/xsd")
    return folder
