"""Settings of the DMP gateway, read at use. What no public source settles is a setting (docs/interop/dmp.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

_STRUCT_IDNAT = re.compile(r"[0-9A-Z]{2,20}")
MAX_BYTES = 5 * 1024 * 1024  # often quoted, in no public source: DMP_MAX_BYTES
_CLASSES = "urn:oasis:names:tc:SAML:2.0:ac:classes"
AUTHN_STRONG = f"{_CLASSES}:MobileTwoFactorUnregistered"
AIR_DECLARATION = "CONF_EXI_PGSSIS"  # the single value of simplified AIR (EX_AIR-050)
AUTHN_UNSPECIFIED = f"{_CLASSES}:unspecified"


class ConfigurationError(ValueError):
    """The gateway cannot work with these settings. `message_fr` is fit for a screen."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


@dataclass(frozen=True, slots=True)
class StructureFiles:
    """The two certificates of one legal entity (EJ), with their keys."""

    auth_pem: Path
    auth_key: Path
    sign_pem: Path
    sign_key: Path


@dataclass(frozen=True, slots=True)
class DmpConfig:
    """One reading of the settings. Times in seconds, sizes in bytes.

    `max_bytes` bounds the sum of the documents of a lot. `find_return_type`: ObjectRef, the only one
    that INDIRECTE mode is entitled to (rights matrix M526), or LeafClass. `hidden_and_masked`: DMP
    parameter cumul-invisible_patient-masque_ps. `source_id`: OID of this installation, in the lots of a
    consultation. `administrative_reason`: reasonCode of TD1.3a, which no public source gives.
    """

    base_url: str
    pki_dir: Path
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    vihf_version: str = "3.0"
    vihf_mode_attribute: str = "Authentification_Mode"
    vihf_lifetime: int = 300
    authn_context: str = AUTHN_UNSPECIFIED
    air_authn_context: str = AUTHN_STRONG
    air_declaration: str = AIR_DECLARATION
    administrative_reason: str = "CONSULTATION"
    source_id: str = ""
    xades_digest: str = "sha1"
    lps_name: str = "perinat"
    lps_version: str = ""
    lps_homologation: str = ""
    lps_id: str = ""
    max_bytes: int = MAX_BYTES
    find_return_type: str = "ObjectRef"
    hidden_and_masked: bool = False
    accepts_production: bool = False

    @property
    def ca_pem(self) -> Path:
        return self.pki_dir / "ca.pem"

    def structure(self, legal_struct_idnat: str) -> StructureFiles:
        """Where the certificates of a legal entity stand. Raises ConfigurationError: not an identifier."""
        if not _STRUCT_IDNAT.fullmatch(legal_struct_idnat):
            raise ConfigurationError("L'identifiant de l'entité juridique n'a pas la forme attendue.")
        folder = self.pki_dir / "structures" / legal_struct_idnat
        return StructureFiles(folder / "auth.pem", folder / "auth.key", folder / "sign.pem", folder / "sign.key")


def load() -> DmpConfig:
    """The settings as they are now. Raises ConfigurationError: one of the required ones is absent."""
    for name in ("DMP_BASE_URL", "PKI_DIR", "DMP_LPS_HOMOLOGATION"):
        if not getattr(settings, name, ""):
            raise ConfigurationError(f"Le réglage {name} est absent.")
    return DmpConfig(
        base_url=str(settings.DMP_BASE_URL).rstrip("/"),
        pki_dir=Path(settings.PKI_DIR),
        connect_timeout=float(settings.DMP_CONNECT_TIMEOUT),
        read_timeout=float(settings.DMP_READ_TIMEOUT),
        vihf_version=settings.DMP_VIHF_VERSION,
        vihf_mode_attribute=getattr(settings, "DMP_VIHF_MODE_ATTRIBUTE", "Authentification_Mode"),
        vihf_lifetime=int(getattr(settings, "DMP_VIHF_LIFETIME", 300)),
        authn_context=getattr(settings, "DMP_AUTHN_CONTEXT", AUTHN_UNSPECIFIED),
        air_authn_context=getattr(settings, "DMP_AIR_AUTHN_CONTEXT", AUTHN_STRONG),
        air_declaration=getattr(settings, "DMP_AIR_DECLARATION", AIR_DECLARATION),
        administrative_reason=getattr(settings, "DMP_ADMINISTRATIVE_REASON", "CONSULTATION"),
        source_id=getattr(settings, "DMP_SOURCE_ID", ""),
        xades_digest=settings.DMP_XADES_DIGEST,
        lps_name=settings.DMP_LPS_NAME,
        lps_version=settings.DMP_LPS_VERSION,
        lps_homologation=settings.DMP_LPS_HOMOLOGATION,
        lps_id=getattr(settings, "DMP_LPS_ID", ""),
        max_bytes=int(settings.DMP_MAX_BYTES),
        find_return_type=getattr(settings, "DMP_FIND_RETURN_TYPE", "ObjectRef"),
        hidden_and_masked=bool(getattr(settings, "DMP_HIDDEN_AND_MASKED", False)),
        accepts_production=bool(getattr(settings, "IDENTITY_ACCEPTS_PRODUCTION", False)),
    )
