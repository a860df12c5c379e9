"""One sandbox for the folder, emptied between tests; the consultation and the deposit pointed at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dmp_gateway.channel import DmpChannel
from dmp_gateway.consultation import DmpConsultation
from dmp_gateway.sandbox.server import DmpSandbox
from tests.dmp_gateway import parcels
from tests.dmp_gateway.test_against_sandbox import SHARED, Admin


@pytest.fixture(scope="package")
def sandbox(authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DmpSandbox]:
    xsd = SHARED / "xsd"
    with DmpSandbox(
        tmp_path_factory.mktemp("dmp"), authority.directory, xsd_dir=xsd if xsd.is_dir() else None
    ) as running:
        yield running


@pytest.fixture
def admin(sandbox: DmpSandbox) -> Admin:
    door = Admin(sandbox.admin_url)
    door.call("POST", "/reset", {"people": True})
    door.call("PUT", "/structures", {"struct_idnat": parcels.EG, "legal": parcels.EJ, "name": parcels.MATERNITY.name})
    door.state("OK")
    return door


@pytest.fixture
def config(sandbox: DmpSandbox, authority):
    made = parcels.config(authority.directory, sandbox.base_url)
    return replace(made, read_timeout=10.0, source_id=parcels.SOURCE_ID)


@pytest.fixture
def source(config, admin: Admin) -> DmpConsultation:
    return DmpConsultation(lambda: config)


@pytest.fixture
def deposit(config, admin: Admin):
    """Deposit documents for the mother and give them back."""
    channel = DmpChannel(lambda: config)

    def run(*documents, **options: Any):
        documents = documents or (parcels.document(),)
        channel.submit(parcels.parcel(*documents, **options))
        return documents

    return run
