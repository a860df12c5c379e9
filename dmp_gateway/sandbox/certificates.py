"""Certificates of IGC-Santé as the DMP checks them: chain, dates, KeyUsage, structure (dmp.md §1.9)."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class CertificateError(ValueError):
    """The certificate cannot be trusted for this use. The message is one French sentence."""


@dataclass(frozen=True, slots=True)
class _Verified:
    not_before: datetime
    not_after: datetime


class TrustAnchor:
    """The authority of ca.pem. A chain already verified is remembered by fingerprint; dates never are."""

    def __init__(self, ca_pem: Path) -> None:
        self._authorities = x509.load_pem_x509_certificates(ca_pem.read_bytes())
        self._known: dict[bytes, _Verified] = {}
        self._lock = threading.Lock()

    def check(self, certificate: x509.Certificate, now: datetime) -> None:
        """Raises CertificateError: other authority, expired, not yet valid, an authority itself."""
        fingerprint = certificate.fingerprint(hashes.SHA256())
        known = self._known.get(fingerprint)
        if known is None:
            self._verify(certificate)
            known = _Verified(certificate.not_valid_before_utc, certificate.not_valid_after_utc)
            with self._lock:
                self._known[fingerprint] = known
        if now < known.not_before:
            raise CertificateError("Certificat pas encore valide.")
        if now > known.not_after:
            raise CertificateError("Certificat expiré.")

    def _verify(self, certificate: x509.Certificate) -> None:
        for authority in self._authorities:
            if certificate.issuer != authority.subject:
                continue
            try:
                certificate.verify_directly_issued_by(authority)
            except (InvalidSignature, ValueError, TypeError):
                continue
            break
        else:
            raise CertificateError("Le certificat n'est pas délivré par l'IGC-Santé.")
        try:
            constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        except x509.ExtensionNotFound:
            return
        if constraints.ca:
            raise CertificateError("Un certificat d'autorité ne signe pas un message.")


@lru_cache(maxsize=256)
def is_signature_certificate(certificate: x509.Certificate) -> bool:
    """ORG_SIGN: KeyUsage nonRepudiation; an ORG_AUTH_CLI has digitalSignature alone."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.content_commitment


@lru_cache(maxsize=256)
def is_client_certificate(certificate: x509.Certificate) -> bool:
    """ORG_AUTH_CLI: extended usage clientAuth and KeyUsage digitalSignature."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature and ExtendedKeyUsageOID.CLIENT_AUTH in extended


@lru_cache(maxsize=256)
def structures_of(certificate: x509.Certificate) -> frozenset[str]:
    """Struct_IdNat of the legal entity: the OU of the subject (IGC-Santé ORG certificates)."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return frozenset(str(unit.value) for unit in units)


@lru_cache(maxsize=256)
def same_name(written: str, certificate: x509.Certificate, *, issuer: bool = False) -> bool:
    """`written` is the subject (or issuer) DN of the certificate in RFC 2253 style, whatever its spaces."""
    expected = certificate.issuer if issuer else certificate.subject
    try:
        return x509.Name.from_rfc4514_string(written.strip()) == expected
    except ValueError:
        return False
