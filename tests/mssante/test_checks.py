"""System checks: what an operator is told before anything leaves."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mssante.checks import check_gateway
from perinat.connectors.igc_sante.sandbox import spoiled
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.mssante.parcels import EJ, MATERNITY


@pytest.fixture
def ready(settings: Any, pki_dir: Path) -> Any:
    """Settings with which every check is silent."""
    settings.PKI_DIR = str(pki_dir)
    settings.MSSANTE_MAILBOXES = {MATERNITY: EJ}
    settings.SANDBOX = True
    return settings


def ids() -> set[str]:
    return {str(message.id) for message in check_gateway()}


def test_a_complete_sandbox_configuration_is_silent(ready: Any) -> None:
    assert ids() == set()


def test_no_mailbox(ready: Any) -> None:
    ready.MSSANTE_MAILBOXES = {}
    assert ids() == {"mssante.W001"}


def test_where_professionals_answer(ready: Any) -> None:
    ready.MSSANTE_REPLY_TO = {MATERNITY: "secretariat@hopital-fictif.mssante.fr"}
    assert ids() == set()
    ready.MSSANTE_REPLY_TO = {"personne@hopital-fictif.mssante.fr": "pas une adresse"}
    assert ids() == {"mssante.E012", "mssante.E013"}


def test_absent_certificates(ready: Any, tmp_path: Path) -> None:
    ready.PKI_DIR = str(tmp_path)
    assert ids() == {"mssante.E002", "mssante.E004"}


@pytest.mark.parametrize("flaw", [spoiled.Flaw.EXPIRED, spoiled.Flaw.WRONG_USAGE])
def test_a_certificate_that_cannot_serve(
    ready: Any, tmp_path: Path, authority: SandboxAuthority, flaw: spoiled.Flaw
) -> None:
    files = spoiled.issue(authority, EJ, flaw)
    folder = tmp_path / "structures" / EJ
    folder.mkdir(parents=True)
    shutil.copy(files.auth_pem, folder / "auth.pem")
    shutil.copy(files.auth_key, folder / "auth.key")
    shutil.copy(authority.ca_pem, tmp_path / "ca.pem")
    ready.PKI_DIR = str(tmp_path)
    assert "mssante.E003" in ids()


def test_unreadable_lists(ready: Any, tmp_path: Path) -> None:
    ready.MSSANTE_CRL = str(tmp_path / "absente.pem")
    ready.MSSANTE_TRUST_LIST = str(tmp_path / "absente.xml")
    assert ids() == {"mssante.E005", "mssante.E006"}


def test_an_address_without_a_place(ready: Any) -> None:
    ready.MSSANTE_CRL_URL, ready.MSSANTE_TRUST_LIST_URL = "http://igc.example/x.crl", "http://liste.example/x.xml"
    assert ids() == {"mssante.E010"}
    ready.SANDBOX = False
    assert {"mssante.E010", "mssante.E011"} <= ids()


def test_an_unknown_mechanism(ready: Any) -> None:
    ready.MSSANTE_SASL = "kerberos"
    assert ids() == {"mssante.E001"}


def test_production_refuses_a_sandbox(ready: Any) -> None:
    ready.SANDBOX = False
    assert {"mssante.E007", "mssante.E008", "mssante.W003"} <= ids()
    ready.MSSANTE_SMTP_HOST = ready.MSSANTE_IMAP_HOST = "mssante.operateur.example"
    ready.MSSANTE_NIL = "DEV935997"
    assert ids() == {"mssante.W003"}


def test_where_dns_may_say_that_the_operator_is(ready: Any) -> None:
    ready.MSSANTE_DNS = "10.0.0.1"
    assert ids() == set()
    ready.MSSANTE_DNS = "resolveur.example"
    assert ids() == {"mssante.E014"}
    ready.MSSANTE_DNS, ready.SANDBOX = "", False
    for end, refused in ((".operateur.example", False), ("fr", True), ("MSSante.fr.", True)):
        ready.MSSANTE_SRV_TARGETS = [end]
        assert ("mssante.E015" in ids()) is refused


def test_a_lease_shorter_than_a_sending_is_refused(ready: Any) -> None:
    """Another worker would send the mail again while the first one still waits for its answer."""
    ready.SANDBOX = False
    assert "mssante.E009" not in ids()
    for too_short in (300, 800):  # hand-over 180 s, reply 600 s, and the two operations that may overlap their ends
        ready.OUTBOX_LEASE_SECONDS = too_short
        assert "mssante.E009" in ids()


def test_a_message_is_not_given_to_another_worker_before_the_lease_ends(settings: Any) -> None:
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > settings.OUTBOX_LEASE_SECONDS
