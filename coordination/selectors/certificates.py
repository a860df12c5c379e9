"""The certificates of the installation, with their end: who holds which, and what is wrong.

Layout: PKI_DIR/ca.pem, PKI_DIR/structures/<Struct_IdNat>/{auth,sign}.{pem,key} (docs/operations.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.utils import timezone

from coordination.models import Organisation
from coordination.selectors.display import Chip
from perinat.standards import pki, revocation
from perinat.standards.pki import Credential, PkiError, Purpose
from perinat.standards.revocation import RevocationListError

RENEW_DAYS = 30
KINDS = (
    ("auth", Purpose.AUTHENTICATION, "Authentification (ORG AUTH_CLI)"),
    ("sign", Purpose.SIGNATURE, "Cachet (ORG SIGN)"),
)
VALID = Chip("Valide", "done", "check")
UNUSABLE = Chip("Inutilisable", "stop", "cross")
TO_RENEW = Chip("À renouveler", "todo", "alert")


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One certificate. `faults`: French sentences; `chip` says the worst of them."""

    holder: str
    struct_idnat: str
    usage: str
    ends_at: datetime | None
    days_left: int | None
    chip: Chip
    faults: tuple[str, ...]

    @property
    def needs_somebody(self) -> bool:
        return self.chip != VALID


def certificates(now: datetime) -> list[CertificateLine]:
    """The anchor, then the two certificates of each structure that sends, or whose folder exists."""
    folder = Path(settings.PKI_DIR)
    names = _holders()
    found = folder / "structures"
    extra = {entry.name for entry in found.iterdir() if entry.is_dir()} if found.is_dir() else set()
    lines = [_anchor(folder / "ca.pem", now)]
    for structure in sorted({*names, *extra}, key=lambda one: (names.get(one, "~"), one)):
        lines += _pair(found / structure, structure, names.get(structure, "Structure sans site"), now)
    return lines + list(_lists(folder / "ca.pem", now))


def _lists(anchors: Path, now: datetime) -> Iterator[CertificateLine]:
    """The lists of MSSanté kept on disk: revoked certificates with their end, domains with the day they were read."""
    if settings.MSSANTE_CRL:
        yield _revocations(Path(settings.MSSANTE_CRL), anchors, now)
    if settings.MSSANTE_TRUST_LIST:
        yield _domains(Path(settings.MSSANTE_TRUST_LIST), now)


def _revocations(path: Path, anchors: Path, now: datetime) -> CertificateLine:
    holder, usage = "Liste de révocation MSSanté", "Écarte les serveurs dont le certificat est révoqué"
    try:
        kept = revocation.read(path.read_bytes(), anchors)
    except (OSError, RevocationListError) as error:
        fault = getattr(error, "message_fr", "La liste de révocation est absente.")
        return CertificateLine(holder, "", usage, None, None, UNUSABLE, (fault,))
    left = (kept.ends_at - now.astimezone(UTC)).days
    if kept.is_over(now):
        fault = "La liste est périmée : plus aucune boîte MSSanté ne s’ouvre tant qu’elle n’est pas renouvelée."
        return CertificateLine(holder, "", usage, kept.ends_at, left, UNUSABLE, (fault,))
    if kept.is_old(now):
        fault = "Elle aurait dû être renouvelée : vérifiez l’adresse MSSANTE_CRL_URL, ou déposez une liste récente."
        return CertificateLine(holder, "", usage, kept.ends_at, left, TO_RENEW, (fault,))
    return CertificateLine(holder, "", usage, kept.ends_at, left, VALID, ())


def _domains(path: Path, now: datetime) -> CertificateLine:
    """A list without an end: told when it has not been read for MSSANTE_LIST_LATE_DAYS."""
    holder, usage = "Liste blanche MSSanté", "Domaines de l’espace de confiance"
    try:
        read_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return CertificateLine(
            holder, "", usage, None, None, UNUSABLE, ("La liste est absente : les envois attendent.",)
        )
    late = now - read_at > timedelta(days=settings.MSSANTE_LIST_LATE_DAYS)
    said = f"Lue le {timezone.localdate(read_at):%d/%m/%Y}."
    return CertificateLine(holder, "", usage, None, None, TO_RENEW if late else VALID, (said,))


def _holders() -> dict[str, str]:
    """Struct_IdNat → name, of the legal entities of the sites that deposit or send."""
    sites = Organisation.objects.select_related("parent")
    senders = [site for site in sites if site.deposits_in_dmp or site.mailbox]
    return {site.legal_struct_idnat: (site.parent or site).name for site in senders if site.legal_struct_idnat}


def _pair(folder: Path, structure: str, holder: str, now: datetime) -> Iterator[CertificateLine]:
    for stem, purpose, usage in KINDS:
        try:
            credential = pki.load(folder / f"{stem}.pem", folder / f"{stem}.key")
        except PkiError as error:
            yield CertificateLine(holder, structure, usage, None, None, UNUSABLE, (error.message_fr,))
            continue
        yield _line(credential, purpose, holder, structure, usage, now)


def _line(
    credential: Credential, purpose: Purpose, holder: str, structure: str, usage: str, now: datetime
) -> CertificateLine:
    faults, left = credential.faults(purpose, now), credential.days_left(now)
    if credential.struct_idnat != structure:
        faults.append("Le certificat est celui d'une autre entité juridique.")
    return CertificateLine(holder, structure, usage, credential.not_after, left, _chip(faults, left), tuple(faults))


def _chip(faults: list[str], days_left: int) -> Chip:
    if faults:
        return UNUSABLE
    if days_left < RENEW_DAYS:
        return TO_RENEW
    return VALID


def _anchor(path: Path, now: datetime) -> CertificateLine:
    """The trust anchor: the first of its certificates to end."""
    holder, usage = "Autorité de confiance", "Vérifie les serveurs du DMP et de MSSanté"
    try:
        authorities = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        fault = "L'autorité de certification (PKI_DIR/ca.pem) est absente ou illisible."
        return CertificateLine(holder, "", usage, None, None, UNUSABLE, (fault,))
    ends = min(one.not_valid_after_utc for one in authorities)
    left = (ends - now.astimezone(UTC)).days
    faults = [f"L'autorité a expiré le {ends:%d/%m/%Y}."] if ends <= now else []
    return CertificateLine(holder, "", usage, ends, left, _chip(faults, left), tuple(faults))
