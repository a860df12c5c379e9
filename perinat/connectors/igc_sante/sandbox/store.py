"""Certificates and keys on disk: PEM, mode 0600, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from perinat.connectors.igc_sante.sandbox.issuance import Issued


def make_directory(path: Path) -> None:
    """Create `path` and its missing parents, each for its owner only (`mkdir` gives parents the default mode)."""
    if not path.parent.exists():
        make_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one rename, mode 0600 from the first byte."""
    make_directory(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    temporary.replace(path)


def save(issued: Issued, pem: Path, key: Path) -> None:
    """Write the pair, key first: a reader that sees the new certificate finds its key."""
    write_private(
        key,
        issued.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    write_private(pem, issued.certificate.public_bytes(serialization.Encoding.PEM))


def load(pem: Path, key: Path) -> Issued | None:
    """Read a pair back; None when it is absent, unreadable as PEM, or when key and certificate differ."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(private, rsa.RSAPrivateKey) or certificate.public_key() != private.public_key():
        return None
    return Issued(certificate, private)
