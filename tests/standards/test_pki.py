"""Credentials read from disk: cache, subject, dates, usage, and real mutual TLS."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from perinat.connectors.igc_sante.sandbox import spoiled
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.standards import pki
from perinat.standards.pki import PkiError, Purpose

EJ = "1990000002"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> SandboxAuthority:
    made = SandboxAuthority(tmp_path_factory.mktemp("pki"))
    made.ensure([EJ])
    return made


@pytest.fixture(scope="module")
def sign(authority: SandboxAuthority) -> pki.Credential:
    files = authority.structure(EJ)
    return pki.load(files.sign_pem, files.sign_key)


@pytest.fixture(scope="module")
def auth(authority: SandboxAuthority) -> pki.Credential:
    files = authority.structure(EJ)
    return pki.load(str(files.auth_pem), str(files.auth_key))


def test_subject_is_rfc_2253_with_st(sign: pki.Credential) -> None:
    assert sign.subject_dn == (f"CN=perinat ORG_SIGN,OU={EJ},O=Structure fictive {EJ},ST=Yvelines (78),C=FR")
    assert sign.issuer_dn.startswith("CN=AC racine IGC-Santé de bac à sable,")
    assert sign.struct_idnat == EJ


def test_each_certificate_suits_one_purpose(sign: pki.Credential, auth: pki.Credential) -> None:
    assert sign.faults(Purpose.SIGNATURE) == []
    assert auth.faults(Purpose.AUTHENTICATION) == []
    assert sign.faults(Purpose.AUTHENTICATION) == ["Le certificat n'est pas prévu pour cet usage : authentification."]
    assert auth.faults(Purpose.SIGNATURE) == ["Le certificat n'est pas prévu pour cet usage : signature."]


def test_days_left_and_expiry(sign: pki.Credential) -> None:
    assert sign.days_left() in (364, 365)
    assert sign.days_left(sign.not_after - timedelta(days=7)) == 7
    after = sign.not_after + timedelta(hours=1)
    assert sign.days_left(after) < 0
    assert sign.faults(Purpose.SIGNATURE, after) == [f"Le certificat a expiré le {sign.not_after:%d/%m/%Y}."]
    before = sign.not_before - timedelta(hours=1)
    assert "à partir du" in sign.faults(Purpose.SIGNATURE, before)[0]


@pytest.mark.parametrize("flaw", [spoiled.Flaw.EXPIRED, spoiled.Flaw.NOT_YET_VALID, spoiled.Flaw.WRONG_USAGE])
def test_flawed_certificates_are_seen(authority: SandboxAuthority, flaw: spoiled.Flaw) -> None:
    files = spoiled.issue(authority, EJ, flaw)
    assert len(pki.load(files.sign_pem, files.sign_key).faults(Purpose.SIGNATURE)) == 1
    assert len(pki.load(files.auth_pem, files.auth_key).faults(Purpose.AUTHENTICATION)) == 1


def test_read_once_until_a_file_changes(authority: SandboxAuthority, tmp_path: Path) -> None:
    files = authority.structure(EJ)
    pem, key = tmp_path / "a.pem", tmp_path / "a.key"
    shutil.copy(files.sign_pem, pem)
    shutil.copy(files.sign_key, key)
    first = pki.load(pem, key)
    assert pki.load(pem, key) is first
    os.utime(pem, ns=(1, 1))
    assert pki.load(pem, key) is not first


def test_der_and_base64(sign: pki.Credential) -> None:
    assert ssl.PEM_cert_to_DER_cert(sign.pem_path.read_text()) == sign.der
    assert "\n" not in sign.base64 and sign.base64.startswith("MII")


def test_what_cannot_be_loaded_is_said(authority: SandboxAuthority, tmp_path: Path, sign: pki.Credential) -> None:
    files = authority.structure(EJ)
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("rubbish")
    encrypted = tmp_path / "encrypted.key"
    encrypted.write_bytes(
        sign.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    elliptic = tmp_path / "elliptic.key"
    elliptic.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    for pem, key, message in (
        (tmp_path / "absent", files.sign_key, "absent du serveur"),
        (rubbish, files.sign_key, "certificat est illisible"),
        (files.sign_pem, rubbish, "clé du certificat est illisible"),
        (files.sign_pem, files.auth_key, "ne correspond pas"),
        (files.sign_pem, encrypted, "mot de passe"),
        (files.sign_pem, elliptic, "RSA"),
    ):
        with pytest.raises(PkiError) as caught:
            pki.load(pem, key)
        assert message in caught.value.message_fr


def _session(authority: SandboxAuthority, client: ssl.SSLContext, host: str, version: ssl.TLSVersion) -> str:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(authority.server_pem, authority.server_key)
    server.load_verify_locations(authority.ca_pem)
    server.verify_mode = ssl.CERT_REQUIRED
    server.maximum_version = version

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                with server.wrap_socket(connection, server_side=True) as session:
                    session.sendall(b"ok")
            except OSError:
                return  # the client gave up: that is the case under test

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            with (
                socket.create_connection(listener.getsockname()) as raw,
                client.wrap_socket(raw, server_hostname=host) as session,
            ):
                assert session.recv(2) == b"ok"
                return str(session.version())
        finally:
            thread.join(5)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_mutual_tls(authority: SandboxAuthority, auth: pki.Credential, host: str) -> None:
    context = pki.client_context(auth, authority.ca_pem)
    assert _session(authority, context, host, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert _session(authority, context, host, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"


def test_tls_refuses_another_root_another_name_and_no_certificate(
    authority: SandboxAuthority, auth: pki.Credential, tmp_path: Path
) -> None:
    other = SandboxAuthority(tmp_path)
    other.ensure()
    with pytest.raises(ssl.SSLCertVerificationError):
        _session(authority, pki.client_context(auth, other.ca_pem), "localhost", ssl.TLSVersion.TLSv1_2)
    context = pki.client_context(auth, authority.ca_pem)
    with pytest.raises(ssl.SSLCertVerificationError):
        _session(authority, context, "dmp.example", ssl.TLSVersion.TLSv1_2)
    with pytest.raises(OSError):
        _session(authority, pki.client_context(None, authority.ca_pem), "localhost", ssl.TLSVersion.TLSv1_2)


def test_context_needs_a_readable_trust_anchor(auth: pki.Credential, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("rubbish")
    for trust in (tmp_path / "ca.pem", tmp_path / "absent.pem"):
        with pytest.raises(PkiError, match="ca.pem|absent.pem"):
            pki.client_context(auth, trust)
