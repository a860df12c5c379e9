"""Where Pro Santé Connect is: OpenID Connect Discovery 1.0, read at use and kept per process.

Pro Santé Connect publishes `<issuer>/.well-known/wallet-openid-configuration`, and its authorization page stands on
another host than its issuer: nothing is guessed from the address.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import requests

from perinat.connectors.pro_sante_connect.conf import PscConfig
from perinat.connectors.pro_sante_connect.errors import NotConfiguredError, UnavailableError, UntrustedAnswerError

KEPT_SECONDS = 3600.0
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")


@dataclass(frozen=True, slots=True)
class Provider:
    """The addresses of one provider. `answers_with_issuer`: it adds `iss` to its answers (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    answers_with_issuer: bool = False


_lock = threading.Lock()
_kept: dict[PscConfig, tuple[float, Provider]] = {}


def provider(config: PscConfig) -> Provider:
    """The provider of these settings. Raises NotConfiguredError, UnavailableError, UntrustedAnswerError."""
    with _lock:
        at, found = _kept.get(config, (0.0, None))
    if found is None or time.monotonic() - at > KEPT_SECONDS:
        found = _read(config)
        with _lock:
            _kept[config] = (time.monotonic(), found)
    return found


def forget(config: PscConfig) -> None:
    """Read again at the next use: something did not answer as expected."""
    with _lock:
        _kept.pop(config, None)


def _read(config: PscConfig) -> Provider:
    if not config.discovery_url:
        raise NotConfiguredError("not_configured")
    try:
        answer = requests.get(config.discovery_url, timeout=config.timeouts)
        answer.raise_for_status()
        return _parse(config, answer.json())
    except requests.RequestException as error:
        raise UnavailableError("discovery_unreachable") from error


def _parse(config: PscConfig, document: Any) -> Provider:
    if not isinstance(document, dict):
        raise UnavailableError("discovery_unreadable")
    values = {name: str(document.get(name) or "") for name in ("issuer", *_ENDPOINTS)}
    if not all(values.values()):
        raise UnavailableError("discovery_incomplete")
    if not config.discovery_url.startswith(f"{values['issuer']}/.well-known/"):
        raise UntrustedAnswerError("discovery_issuer")  # Discovery 1.0 §4.3
    if config.discovery_url.startswith("https:") and not all(url.startswith("https:") for url in values.values()):
        raise UntrustedAnswerError("discovery_not_https")
    if config.client_files:  # RFC 8705 §5
        aliases = document.get("mtls_endpoint_aliases") or {}
        values |= {name: str(aliases[name]) for name in ("token_endpoint", "userinfo_endpoint") if name in aliases}
    return Provider(
        **values, answers_with_issuer=document.get("authorization_response_iss_parameter_supported") is True
    )
