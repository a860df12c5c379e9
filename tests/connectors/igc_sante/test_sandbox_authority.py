"""The sandbox authority, looked at with `cryptography` and `ssl` only, as an outsider would."""

from __future__ import annotations

import io
import shutil
import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.core.management import CommandError, call_command

from perinat.connectors.igc_sante.sandbox import issuance, spoiled, store
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority, StructureFiles
from perinat.connectors.igc_sante.sandbox.management.commands.sandbox_pki import Command

EJ = "1990000002"
OTHER_EJ = "1990000010"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> SandboxAuthority:
    made = SandboxAuthority(tmp_path_factory.mktemp("pki") / "deep" / "pki")
    made.ensure([EJ])
    return made


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def handshake(authority: SandboxAuthority, files: StructureFiles) -> str:
    """One mutual TLS session on a loopback socket; the OU that the server saw, or ssl.SSLError."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(authority.server_pem, authority.server_key)
    server.load_verify_locations(authority.ca_pem)
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(cafile=str(authority.ca_pem))
    client.load_cert_chain(files.auth_pem, files.auth_key)
    seen: list[str | ssl.SSLError] = []

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                with server.wrap_socket(connection, server_side=True) as session:
                    peer = session.getpeercert() or {}
                    names = {key: value for part in peer["subject"] for key, value in part}
                    seen.append(names["organizationalUnitName"])
                    session.sendall(b"ok")
            except ssl.SSLError as error:
                seen.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            with (
                socket.create_connection(listener.getsockname()) as raw,
                client.wrap_socket(raw, server_hostname="localhost") as session,
            ):
                session.recv(2)
        except OSError:
            pass  # the server's own verdict is what is looked at
        thread.join(5)
    if isinstance(seen[0], ssl.SSLError):
        raise seen[0]
    return seen[0]


def test_layout_and_modes(authority: SandboxAuthority) -> None:
    root = authority.directory
    names = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    leaves = {f"structures/{EJ}/{name}" for name in ("auth.pem", "auth.key", "sign.pem", "sign.key")}
    assert names >= {"ca.pem", "ca.key", "server.pem", "server.key"} | leaves
    for path in (root, *root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_certificates_look_like_igc_sante(authority: SandboxAuthority) -> None:
    files = authority.structure(EJ)
    auth, sign = certificate(files.auth_pem), certificate(files.sign_pem)
    for leaf in (auth, sign):
        assert leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value == EJ
        assert isinstance(key := leaf.public_key(), rsa.RSAPublicKey) and key.key_size == 2048
        leaf.verify_directly_issued_by(certificate(authority.ca_pem))
    extended = auth.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(extended) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not auth.extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    usage = sign.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature and usage.content_commitment


def test_ensure_again_changes_nothing(authority: SandboxAuthority) -> None:
    before = {path: path.read_bytes() for path in authority.directory.rglob("*.pem")}
    assert authority.ensure([EJ]) == []
    assert {path: path.read_bytes() for path in before} == before


def test_renews_what_ends_within_a_week(authority: SandboxAuthority) -> None:
    files = authority.structure(EJ)
    for days, made in ((8, []), (6, [files.auth_pem])):
        now = datetime.now(UTC)
        ageing = issuance.leaf(
            authority.root(),
            issuance.organisation_name(EJ, "ORG_AUTH_CLI"),
            issuance.AUTH_CLI,
            not_before=now - timedelta(days=300),
            not_after=now + timedelta(days=days),
        )
        store.save(ageing, files.auth_pem, files.auth_key)
        assert authority.ensure([EJ]) == made


def test_repairs_a_damaged_or_mixed_pair(authority: SandboxAuthority) -> None:
    files = authority.structure(EJ)
    files.sign_pem.write_text("not a certificate")
    shutil.copy(files.sign_key, files.auth_key)
    assert authority.ensure([EJ]) == [files.auth_pem, files.sign_pem]


def test_a_new_root_renews_every_leaf(tmp_path: Path) -> None:
    authority = SandboxAuthority(tmp_path)
    authority.ensure([EJ])
    authority.ca_key.unlink()
    assert len(authority.ensure([EJ])) == 4


def test_two_workers_at_once_agree(tmp_path: Path) -> None:
    made: list[list[Path]] = []
    workers = [threading.Thread(target=lambda: made.append(SandboxAuthority(tmp_path).ensure([EJ]))) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(len(paths) for paths in made) == [0, 0, 4]


@pytest.mark.parametrize("wrong", ["", "../../etc", "1/2", "199000000é", "1" * 16])
def test_refuses_what_is_not_a_structure(authority: SandboxAuthority, wrong: str) -> None:
    with pytest.raises(ValueError, match="identifiant de structure"):
        authority.ensure([wrong])


def test_mutual_tls_with_the_good_certificate(authority: SandboxAuthority) -> None:
    assert handshake(authority, authority.structure(EJ)) == EJ


@pytest.mark.parametrize("flaw", list(spoiled.Flaw))
def test_a_flawed_certificate_opens_no_session(authority: SandboxAuthority, flaw: spoiled.Flaw) -> None:
    files = spoiled.issue(authority, OTHER_EJ, flaw)
    with pytest.raises(ssl.SSLError):
        handshake(authority, files)
    usage = certificate(files.sign_pem).extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment is (flaw is not spoiled.Flaw.WRONG_USAGE)


def test_command_says_what_it_made(tmp_path: Path) -> None:
    said = io.StringIO()
    call_command(Command(), "--dir", str(tmp_path), "--structure", EJ, OTHER_EJ, stdout=said)
    assert said.getvalue().count("Certificat créé : ") == 6
    said = io.StringIO()
    call_command(Command(), "--dir", str(tmp_path), "--structure", EJ, "--structure", OTHER_EJ, stdout=said)
    assert said.getvalue() == "Les certificats sont en place ; rien à renouveler.\n"
    with pytest.raises(CommandError, match="identifiant de structure"):
        call_command(Command(), "--dir", str(tmp_path), "--structure", "x")
