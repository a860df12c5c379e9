"""A list of revoked certificates signed by the sandbox authority."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority


def write_crl(authority: SandboxAuthority, path: Path, *, revoked: bool) -> None:
    """Write a PEM list to `path`; `revoked`: the server certificate is in it."""
    root, now = authority.root(), datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(now - timedelta(days=1))
        .next_update(now + timedelta(days=1))
    )
    if revoked:
        server = x509.load_pem_x509_certificate(authority.server_pem.read_bytes())
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(server.serial_number)
            .revocation_date(now - timedelta(hours=1))
            .build()
        )
    path.write_bytes(builder.sign(root.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
