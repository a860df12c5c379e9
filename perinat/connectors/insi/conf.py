"""Settings of INSi, read at use."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class InsiConfig:
    """One reading of the settings. Times in seconds. `certificate`, `key`, `ca`: PEM files of the mutual TLS."""

    url: str
    idam: str
    lps_name: str = "perinat:0.1"
    connect_timeout: float = 5.0
    read_timeout: float = 15.0
    max_bytes: int = 256 * 1024
    accepts_production: bool = False
    certificate: str = ""
    key: str = ""
    ca: str = ""


def load() -> InsiConfig:
    return InsiConfig(
        url=settings.INSI_URL,
        idam=settings.INSI_IDAM,
        lps_name=settings.INSI_LPS_NAME,
        read_timeout=settings.INSI_TIMEOUT,
        accepts_production=settings.IDENTITY_ACCEPTS_PRODUCTION,
        certificate=settings.INSI_CERTIFICATE,
        key=settings.INSI_KEY,
        ca=settings.INSI_CA,
    )
