"""Certificates of IGC-Santé: loading, dates, subject, key usage, and mutual TLS.

ORG_AUTH_CLI opens TLS sessions, ORG_SIGN signs the VIHF and the lots (dmp.md §1.9); their subject
holds the Struct_IdNat of the legal entity in OU (dmp.md §2). A pair of files is parsed once per
process and again only when one of them changes: parsing a key costs some 28 ms.
"""

from __future__ import annotations

import base64
import enum
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # TLS 1.2 suites of the DMP (PDT-INF-579) and of MSSanté
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


class PkiError(ValueError):
    """A certificate or a key cannot be used. `message_fr` is fit for a screen; `detail` names the file."""

    def __init__(self, message_fr: str, detail: str = "") -> None:
        super().__init__(detail or message_fr)
        self.message_fr = message_fr
        self.detail = detail


class Purpose(enum.Enum):
    """What a certificate is wanted for."""

    AUTHENTICATION = "authentification"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its RSA private key. `pem_path` and `key_path` are where they were read."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    pem_path: Path
    key_path: Path

    @property
    def subject_dn(self) -> str:
        """Subject in RFC 2253 order (CN first) with ST=, as the Issuer of a VIHF wants it (dmp.md §2)."""
        return self.certificate.subject.rfc4514_string()

    @property
    def issuer_dn(self) -> str:
        return self.certificate.issuer.rfc4514_string()

    @property
    def serial_number(self) -> int:
        return self.certificate.serial_number

    @property
    def struct_idnat(self) -> str:
        """Struct_IdNat of the legal entity (OU of the subject), empty when the subject has no OU."""
        units = self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        return str(units[0].value) if units else ""

    @property
    def not_before(self) -> datetime:
        return self.certificate.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        return self.certificate.not_valid_after_utc

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def base64(self) -> str:
        """DER in base64 on one line, as ds:X509Certificate holds it."""
        return base64.b64encode(self.der).decode("ascii")

    def days_left(self, now: datetime | None = None) -> int:
        """Whole days before the end of validity; negative once it has passed."""
        return (self.not_after - (now or datetime.now(UTC))).days

    def suits(self, purpose: Purpose) -> bool:
        """KeyUsage and extended usage allow `purpose` (nonRepudiation to sign, clientAuth to authenticate)."""
        usage = _extension(self.certificate, x509.KeyUsage)
        if usage is None:
            return False
        if purpose is Purpose.SIGNATURE:
            return usage.content_commitment
        extended = _extension(self.certificate, x509.ExtendedKeyUsage)
        # without an extended usage TLS would take a signing certificate too
        return usage.digital_signature and extended is not None and ExtendedKeyUsageOID.CLIENT_AUTH in extended

    def faults(self, purpose: Purpose, now: datetime | None = None) -> list[str]:
        """French sentences saying why this certificate cannot serve; empty when it can."""
        moment = now or datetime.now(UTC)
        found = []
        if moment < self.not_before:
            found.append(f"Le certificat n'est valable qu'à partir du {self.not_before:%d/%m/%Y}.")
        if moment >= self.not_after:
            found.append(f"Le certificat a expiré le {self.not_after:%d/%m/%Y}.")
        if not self.suits(purpose):
            found.append(f"Le certificat n'est pas prévu pour cet usage : {purpose.value}.")
        return found


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def load(pem_path: Path | str, key_path: Path | str) -> Credential:
    """Read a PEM certificate (the first of the file) and its PEM key, from memory when both are unchanged.

    Raises PkiError: file absent or forbidden, not PEM, encrypted or non-RSA key, key of another
    certificate.
    """
    pem, key = Path(pem_path), Path(key_path)
    return _load(pem, key, _stamp(pem), _stamp(key))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise PkiError("Le certificat ou sa clé est absent du serveur.", str(path)) from error
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=64)
def _load(pem: Path, key: Path, pem_stamp: tuple[int, int], key_stamp: tuple[int, int]) -> Credential:
    try:
        certificate = x509.load_pem_x509_certificate(pem.read_bytes())
    except (OSError, ValueError) as error:
        raise PkiError("Le certificat est illisible.", str(pem)) from error
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except TypeError as error:  # what cryptography raises for an encrypted key
        raise PkiError("La clé du certificat est protégée par un mot de passe.", str(key)) from error
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise PkiError("La clé du certificat est illisible.", str(key)) from error
    if not isinstance(private, rsa.RSAPrivateKey):
        raise PkiError("La clé du certificat n'est pas une clé RSA.", str(key))
    if private.public_key() != certificate.public_key():
        raise PkiError("La clé ne correspond pas au certificat.", str(key))
    return Credential(certificate, private, pem, key)


def client_context(credential: Credential | None, trust: Path | str) -> ssl.SSLContext:
    """TLS context of a client: TLS 1.2 or more, server verified by name against `trust` (PEM bundle) only.

    `credential` is presented when the server asks for one (mutual TLS). Each call makes its own
    context. With requests, give the same bundle as `verify`, else certifi's roots join `trust`.
    Raises PkiError when a file cannot be loaded.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    try:
        context.load_verify_locations(cafile=str(trust))
    except OSError as error:
        raise PkiError("L'autorité de certification de confiance est illisible.", str(trust)) from error
    if credential is not None:
        try:
            # an empty password: a key replaced by an encrypted one must fail, not ask the terminal
            context.load_cert_chain(credential.pem_path, credential.key_path, password="")
        except OSError as error:
            raise PkiError("Le certificat ou sa clé est illisible.", str(credential.pem_path)) from error
    return context
