"""One sandbox for the whole folder, emptied between tests; a hand-written caller in front of it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from dmp_gateway.sandbox.server import DmpSandbox
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.sandboxes.dmp import base, messages
from tests.sandboxes.dmp.base import EG, EJ, OTHER_EJ
from tests.sandboxes.dmp.content import Document
from tests.sandboxes.dmp.messages import Lot
from tests.sandboxes.dmp.plain_client import Answer, PlainClient, admin, tls_context
from tests.sandboxes.dmp.signing import Signer

SHARED = Path(__file__).resolve().parents[4] / "shared"


@dataclass
class Caller:
    """A structure with its certificates, its connection and the messages it sends."""

    client: PlainClient
    signer: Signer
    admin_url: str

    def vihf(self, **options: Any) -> str:
        return messages.vihf(options.pop("signer", self.signer), **options)

    def exists(self, patient: str = base.MOTHER, *, assertion: str | None = None, **options: Any) -> Answer:
        body = messages.existence(patient, edit=options.pop("edit", ()))
        assertion = assertion or self.vihf(patient=patient, **options)
        return self.client.post("/patients", messages.envelope(messages.EXISTENCE, assertion, body))

    def deposit(self, lot: Lot, *, assertion: str | None = None, **options: Any) -> Answer:
        assertion = assertion or self.vihf(patient=options.pop("patient", lot.patient), **options)
        return self.client.post("/repository", *lot.message(assertion, self.signer))

    def find(self, value: str, **options: Any) -> Answer:
        assertion = self.vihf(patient=options.pop("patient", base.MOTHER), structure=options.pop("structure", EG))
        body = messages.get_documents(value, **options)
        return self.client.post("/registry", messages.envelope(messages.QUERY, assertion, body))

    def delete(self, entry_uuid: str, **options: Any) -> Answer:
        patient, structure = options.get("patient", base.MOTHER), options.get("structure", EG)
        mode = options.pop("mode", "INDIRECTE")
        assertion = self.vihf(patient=patient, structure=structure, mode=mode)
        body = messages.deletion(entry_uuid, **options)
        return self.client.post("/registry", messages.envelope(messages.UPDATE, assertion, body))

    def stored(self) -> list[dict[str, Any]]:
        return list(admin(f"{self.admin_url}/documents"))

    def entry_uuid(self, document: Document) -> str:
        return str(admin(f"{self.admin_url}/documents/{document.unique_id}")["entry_uuid"])

    def last_request(self) -> dict[str, Any]:
        return dict(admin(f"{self.admin_url}/requests?limit=1")[0])

    def fault(self, kind: str, **options: Any) -> None:
        admin(f"{self.admin_url}/faults", "PUT", {"kind": kind, **options})


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> SandboxAuthority:
    pki = SandboxAuthority(tmp_path_factory.mktemp("pki"))
    pki.ensure([EJ, OTHER_EJ])
    return pki


@pytest.fixture(scope="package")
def xsd_dir() -> Path | None:
    folder = SHARED / "xsd"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="package")
def running(
    authority: SandboxAuthority, xsd_dir: Path | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DmpSandbox]:
    with DmpSandbox(tmp_path_factory.mktemp("dmp"), authority.directory, xsd_dir=xsd_dir) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: DmpSandbox) -> Iterator[DmpSandbox]:
    """Empty, with the site registered under its legal entity. A crash of the sandbox fails the test."""
    admin(f"{running.admin_url}/reset", "POST", {"people": True})
    admin(f"{running.admin_url}/structures", "PUT", {"struct_idnat": EG, "legal": EJ, "name": "Maternité"})
    limits = running.world.limits
    yield running
    running.world.limits = limits
    crashes = [row for row in admin(f"{running.admin_url}/requests") if row["verdict"] == "crash"]
    assert crashes == []


@lru_cache
def credentials(authority: SandboxAuthority, structure: str) -> tuple[ssl.SSLContext, Signer]:
    """Read once: loading keys takes longer than a request."""
    files = authority.structure(structure)
    context = tls_context(authority.ca_pem, files.auth_pem, files.auth_key)
    return context, Signer.load(files.sign_pem, files.sign_key)


def make_caller(sandbox: DmpSandbox, authority: SandboxAuthority, structure: str) -> Caller:
    context, signer = credentials(authority, structure)
    return Caller(PlainClient(sandbox.base_url, context), signer, sandbox.admin_url)


@pytest.fixture
def caller(sandbox: DmpSandbox, authority: SandboxAuthority) -> Iterator[Caller]:
    made = make_caller(sandbox, authority, EJ)
    yield made
    made.client.close()


@pytest.fixture
def other(sandbox: DmpSandbox, authority: SandboxAuthority) -> Iterator[Caller]:
    """Another legal entity, with its own certificates."""
    made = make_caller(sandbox, authority, OTHER_EJ)
    yield made
    made.client.close()
