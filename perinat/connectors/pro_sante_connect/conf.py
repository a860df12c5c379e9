"""Settings of Pro Santé Connect, read at use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from django.conf import settings
from django.shortcuts import resolve_url
from django.utils.module_loading import import_string


class UserResolver(Protocol):
    """What the core gives: the account (AUTH_USER_MODEL) of a national identity, or None. It audits the attempt."""

    def __call__(self, ps_idnat: str, *, profession: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class PscConfig:
    """One reading of the settings. Times in seconds.

    `certificate`, `key`: paths of PEM files. Both given, the client signs in to the token endpoint by TLS
    (tls_client_auth) and sends no secret. `prompt`: « login » asks for the card or the e-CPS each time.
    """

    discovery_url: str
    client_id: str = "perinat"
    client_secret: str = field(default="", repr=False)
    certificate: str = ""
    key: str = ""
    prompt: str = "login"
    connect_timeout: float = 3.0
    read_timeout: float = 8.0

    @property
    def timeouts(self) -> tuple[float, float]:
        return self.connect_timeout, self.read_timeout

    @property
    def client_files(self) -> tuple[str, str] | None:
        return (self.certificate, self.key) if self.certificate and self.key else None


def load() -> PscConfig:
    return PscConfig(
        discovery_url=settings.PSC_DISCOVERY_URL,
        client_id=settings.PSC_CLIENT_ID,
        client_secret=settings.PSC_CLIENT_SECRET,
        certificate=settings.PSC_CLIENT_CERTIFICATE,
        key=settings.PSC_CLIENT_KEY,
        prompt=settings.PSC_PROMPT,
    )


def user_resolver() -> UserResolver:
    """The function named by PSC_USER_RESOLVER."""
    return cast(UserResolver, import_string(settings.PSC_USER_RESOLVER))


def login_url() -> str:
    return resolve_url(settings.LOGIN_URL)


def landing_url() -> str:
    return resolve_url(settings.LOGIN_REDIRECT_URL)
