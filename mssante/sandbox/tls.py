"""TLS of the operator: version and suites it accepts, who the client certificate speaks for.

ECO.1.1.1 (TLS 1.2 or more), ECO.1.1.3 (suites: ECDHE with AES-GCM; the official list was not
obtained, so it is a constant here), ECO.1.1.10 (a single authority: IGC-Santé, played by ca.pem).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CIPHERS = "ECDHE+AESGCM:!aNULL"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the operator keeps of a verified client certificate: CN and OU (Struct_IdNat, EJ)."""

    common_name: str
    legal_struct: str


def server_context(pki_dir: Path) -> ssl.SSLContext:
    """Context for STARTTLS: server certificate shown, client certificate verified when given.

    A client without certificate is let in: it has to prove a password or a token. A certificate
    that does not come from ca.pem ends the handshake. `crl.pem`, when present, is enforced.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.load_cert_chain(pki_dir / "server.pem", pki_dir / "server.key")
    context.load_verify_locations(pki_dir / "ca.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    revoked = pki_dir / "crl.pem"
    if revoked.exists():
        context.load_verify_locations(revoked)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


def read_certificate(der: bytes | None) -> Certificate | None:
    """Who a verified peer certificate speaks for; None when it opens no mailbox.

    It must be an ORG AUTH_CLI: subject with an OU, extended usage clientAuth. An ORG_SIGN or a
    server certificate comes from the same authority and is not accepted.
    """
    if not der:
        return None
    certificate = x509.load_der_x509_certificate(der)
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return None
    if not units or ExtendedKeyUsageOID.CLIENT_AUTH not in usages:
        return None
    return Certificate(str(names[0].value) if names else "", str(units[0].value))
