"""System checks of INSi, tag « channels »: nothing is called."""

from __future__ import annotations

from typing import Any

from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from perinat.standards import pki
from perinat.standards.pki import PkiError, Purpose

TAG = "channels"
CONNECTOR = "perinat.connectors.insi."
AUTOMATIC = "INSI-AUTO"  # questions without a person at the keyboard; INSI-MANU is for those of a person
SANDBOX_IDAM = "PERINAT-BAC-A-SABLE"
NO_CERTIFICATE = (
    "INSI_CERTIFICATE et INSI_KEY manquent : INSi ne connaît l'établissement que par son certificat INSI-AUTO. "
    "Laissez IDENTITY_SERVICE vide tant qu'il n'est pas obtenu."
)
NEVER_TRIED = "IDENTITY_SERVICE : ce connecteur INSi n'a jamais été essayé face au service de la CNAM."


def register_all() -> None:
    """Called once, when the app is ready."""
    register(TAG)(check_connector)


def check_connector(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Nothing to say when INSi is not asked, or on sandboxes."""
    if not settings.IDENTITY_SERVICE.startswith(CONNECTOR) or getattr(settings, "SANDBOX", False):
        return []
    return [*_credential(), *_address(), *_software(), Warning(NEVER_TRIED, id="insi.W001")]


def _credential() -> list[CheckMessage]:
    """The certificate of the structure: without it nobody is known; under another name INSi refuses (DESIR_560)."""
    if not (settings.INSI_CERTIFICATE and settings.INSI_KEY):
        return [Error(NO_CERTIFICATE, id="insi.E001")]
    try:
        credential = pki.load(settings.INSI_CERTIFICATE, settings.INSI_KEY)
    except PkiError as error:
        return [Error(f"INSI_CERTIFICATE : {error.message_fr}", id="insi.E002")]
    found: list[CheckMessage] = [
        Error(f"INSI_CERTIFICATE : {fault}", id="insi.E002") for fault in credential.faults(Purpose.AUTHENTICATION)
    ]
    names = credential.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if [name.value for name in names] != [AUTOMATIC]:
        found.append(Error(f"INSI_CERTIFICATE : le nom du certificat (CN) doit être {AUTOMATIC}.", id="insi.E003"))
    return found


def _address() -> list[CheckMessage]:
    """Traits never leave in clear."""
    if settings.INSI_URL.startswith("https://"):
        return []
    return [Error("INSI_URL : une adresse https est attendue.", id="insi.E004")]


def _software() -> list[CheckMessage]:
    if settings.INSI_IDAM != SANDBOX_IDAM:
        return []
    return [Error("INSI_IDAM : numéro du bac à sable. Le CNDA en donne un à chaque logiciel.", id="insi.E005")]
