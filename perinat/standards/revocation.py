"""Lists of revoked certificates (RFC 5280 §5): believed only when their authority signed them, told with their end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLOCKS = timedelta(minutes=5)  # two machines do not tell the same time
_OLD_SHARE = 4  # « old » when a quarter of its life is left


class RevocationListError(ValueError):
    """Not a list that may be used. `message_fr` is fit for a screen."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


@dataclass(frozen=True, slots=True)
class RevocationList:
    """`issuer`: name of its authority. `number`: grows with each of its lists (0: none). `pem`: for OpenSSL."""

    issuer: str
    issued_at: datetime
    ends_at: datetime
    number: int
    count: int
    pem: bytes

    def is_over(self, now: datetime) -> bool:
        return now >= self.ends_at

    def is_old(self, now: datetime) -> bool:
        """The next one should have come: the end is near."""
        return self.ends_at - now < (self.ends_at - self.issued_at) / _OLD_SHARE


def read(data: bytes, anchors: Path) -> RevocationList:
    """A list in PEM or DER, signed by one of the authorities of `anchors` (PEM bundle). Raises RevocationListError.

    One that has ended is read too: the caller asks `is_over`.
    """
    try:
        found = x509.load_pem_x509_crl(data) if data.lstrip().startswith(b"-----") else x509.load_der_x509_crl(data)
        issuers = x509.load_pem_x509_certificates(anchors.read_bytes())
    except (ValueError, OSError) as error:
        raise RevocationListError("La liste de révocation est illisible.") from error
    if not any(one.subject == found.issuer and _is_signed(found, one) for one in issuers):
        raise RevocationListError("La liste de révocation n'est pas signée par l'autorité de confiance.")
    if found.next_update_utc is None:
        raise RevocationListError("La liste de révocation ne dit pas quand elle se termine.")
    try:
        number, count = _number(found), len(found)
    except (ValueError, x509.DuplicateExtension) as error:
        raise RevocationListError("La liste de révocation est illisible.") from error
    return RevocationList(
        issuer=found.issuer.rfc4514_string(),
        issued_at=found.last_update_utc,
        ends_at=found.next_update_utc,
        number=number,
        count=count,
        pem=found.public_bytes(serialization.Encoding.PEM),
    )


def require_usable(fetched: RevocationList, kept: RevocationList | None, now: datetime | None = None) -> None:
    """Whether it may take the place of the one that is kept. Raises RevocationListError.

    A bundle holds several authorities: the list of another one, though signed, says nothing of the same certificates.
    """
    now = now or datetime.now(UTC)
    if fetched.is_over(now):
        raise RevocationListError("La liste de révocation reçue est périmée.")
    if fetched.issued_at > now + CLOCKS:
        raise RevocationListError("La liste de révocation reçue est datée du futur.")
    if kept is not None and fetched.issuer != kept.issuer:
        raise RevocationListError("La liste de révocation reçue est d'une autre autorité que celle qui est gardée.")
    if kept is not None and (fetched.number, fetched.issued_at) < (kept.number, kept.issued_at):
        raise RevocationListError("La liste de révocation reçue est plus ancienne que celle qui est gardée.")


def _is_signed(found: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    try:
        return found.is_signature_valid(key)
    except (UnsupportedAlgorithm, TypeError, ValueError):
        return False


def _number(found: x509.CertificateRevocationList) -> int:
    try:
        return found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return 0
