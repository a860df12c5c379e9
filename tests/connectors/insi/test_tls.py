"""Mutual TLS of INSi: known by the certificate « INSI-AUTO », refused under another name, never in clear for true."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from perinat.connectors.igc_sante.sandbox import issuance, store
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.insi import checks
from perinat.connectors.insi.client import Insi
from perinat.connectors.insi.conf import InsiConfig
from perinat.connectors.insi.sandbox.server import InsiSandbox
from perinat.standards.national_identity import IdentityAnswer, IdentityTraits

IDAM = "PERINAT-BAC-A-SABLE"
TRAITS = IdentityTraits("NESSI", "RUTH ISABELLE", "F", date(1977, 7, 14), "63220")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> SandboxAuthority:
    made = SandboxAuthority(tmp_path_factory.mktemp("pki"))
    made.ensure()
    return made


@pytest.fixture
def sandbox(authority: SandboxAuthority) -> Iterator[InsiSandbox]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server_pem, authority.server_key)
    context.load_verify_locations(authority.ca_pem)
    context.verify_mode = ssl.CERT_REQUIRED
    with InsiSandbox(tls=context) as made:
        yield made


def certificate(authority: SandboxAuthority, name: str, *, days: int = 30) -> tuple[str, str]:
    """PEM files of a client certificate of this name."""
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = now - timedelta(days=60)
    made = issuance.leaf(
        authority.root(), subject, issuance.AUTH_CLI, not_before=start, not_after=now + timedelta(days=days)
    )
    pem, key = authority.directory / f"{name}{days}.pem", authority.directory / f"{name}{days}.key"
    store.save(made, pem, key)
    return str(pem), str(key)


def client(sandbox: InsiSandbox, authority: SandboxAuthority, pem: str = "", key: str = "") -> Insi:
    return Insi(InsiConfig(sandbox.url, IDAM, certificate=pem, key=key, ca=str(authority.ca_pem)))


def test_known_by_its_certificate(sandbox: InsiSandbox, authority: SandboxAuthority) -> None:
    assert sandbox.url.startswith("https://")
    result = client(sandbox, authority, *certificate(authority, "INSI-AUTO")).ask(TRAITS)
    assert result.answer in (IdentityAnswer.FOUND, IdentityAnswer.NOT_FOUND, IdentityAnswer.SEVERAL), result.code
    assert sum(sandbox.asked.values()) >= 1


def test_another_name_is_a_level_too_low(sandbox: InsiSandbox, authority: SandboxAuthority) -> None:
    result = client(sandbox, authority, *certificate(authority, "perinat")).ask(TRAITS)
    assert (result.answer, sandbox.asked["desir_560"]) == (IdentityAnswer.UNAVAILABLE, 1)


@pytest.mark.parametrize("case", ["no certificate", "no file", "another authority"])
def test_without_trust_on_both_sides_nothing_is_asked(
    sandbox: InsiSandbox, authority: SandboxAuthority, tmp_path: Path, case: str
) -> None:
    pem, key = certificate(authority, "INSI-AUTO")
    asking = {
        "no certificate": client(sandbox, authority),
        "no file": client(sandbox, authority, str(tmp_path / "x.pem"), str(tmp_path / "x.key")),
        "another authority": Insi(InsiConfig(sandbox.url, IDAM, certificate=pem, key=key)),
    }[case]
    assert asking.ask(TRAITS).answer is IdentityAnswer.UNAVAILABLE
    assert not sandbox.asked


def said(settings: Any, **changes: str) -> set[str]:
    settings.SANDBOX, settings.IDENTITY_SERVICE = False, "perinat.connectors.insi.client.Insi"
    settings.INSI_URL, settings.INSI_IDAM = "https://insi.example/lps", "VRAI"
    for name, value in changes.items():
        setattr(settings, name, value)
    return {str(message.id) for message in checks.check_connector()}


def test_a_real_installation_is_checked(settings: Any, authority: SandboxAuthority) -> None:
    pem, key = certificate(authority, "INSI-AUTO")
    good = {"INSI_CERTIFICATE": pem, "INSI_KEY": key}
    assert said(settings, **good) == {"insi.W001"}, "never tried against the CNAM"
    assert "insi.E001" in said(settings, INSI_CERTIFICATE="", INSI_KEY="")
    assert "insi.E002" in said(settings, INSI_CERTIFICATE=pem, INSI_KEY=pem)
    old_pem, old_key = certificate(authority, "INSI-AUTO", days=-1)
    assert "insi.E002" in said(settings, INSI_CERTIFICATE=old_pem, INSI_KEY=old_key)
    other_pem, other_key = certificate(authority, "perinat")
    assert "insi.E003" in said(settings, INSI_CERTIFICATE=other_pem, INSI_KEY=other_key)
    assert "insi.E004" in said(settings, **good, INSI_URL="http://insi.example/lps")
    assert "insi.E005" in said(settings, **good, INSI_IDAM=IDAM)
    settings.SANDBOX = True
    assert checks.check_connector() == []
