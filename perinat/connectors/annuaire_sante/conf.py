"""Settings of the Annuaire Santé, read at use."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings


@dataclass(frozen=True, slots=True)
class AnnuaireConfig:
    """One reading of the settings. Times in seconds.

    `professions`: TRE_G15 codes asked for. `interval`: least time between two calls (the API allows 17 per second).
    `longest_wait`: a Retry-After above it is not waited for, the next pass will ask again.
    """

    base_url: str
    api_key: str = field(default="", repr=False)
    professions: tuple[str, ...] = ("10", "50", "60")
    page_size: int = 500
    max_bytes: int = 20 * 1024 * 1024
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    whole_timeout: float = 90.0
    interval: float = 0.1
    tries: int = 3
    longest_wait: float = 60.0


def load() -> AnnuaireConfig:
    return AnnuaireConfig(
        base_url=settings.ANNUAIRE_BASE_URL.rstrip("/"),
        api_key=settings.ANNUAIRE_API_KEY,
        professions=tuple(settings.ANNUAIRE_PROFESSIONS),
        page_size=settings.ANNUAIRE_PAGE_SIZE,
        max_bytes=settings.ANNUAIRE_MAX_BYTES,
        read_timeout=settings.ANNUAIRE_TIMEOUT,
    )
