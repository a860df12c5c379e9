"""Certificates of the tests (one sandbox authority for the whole session), schemas, the rough server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.standards import pki
from perinat.standards.pki import Credential
from tests.dmp_gateway import parcels
from tests.dmp_gateway.rough_server import RoughServer


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


@pytest.fixture
def server(authority: SandboxAuthority) -> Iterator[RoughServer]:
    """A hand-made server whose script the test writes."""
    with RoughServer(authority) as running:
        yield running
