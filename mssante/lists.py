"""The two lists that the gateway keeps on disk: revoked certificates and domains of the trust space.

Fetched from their addresses by a beat task, believed only after a check, written beside and renamed. When anything
fails, the last list serves on (ECO.1.1.7): an expired list of revocation then closes the connections by itself.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests
import urllib3.exceptions

from mssante import trust_space
from mssante.conf import MssanteConfig
from perinat.standards import revocation, xml
from perinat.standards.revocation import RevocationListError

logger = logging.getLogger(__name__)
MAX_BYTES = 20 * 1024 * 1024


class ListError(Exception):
    """The list was not refreshed. `code` is for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list, where it comes from and where it stands. `checked`: the bytes to keep; raises ListError."""

    name: str
    url: str
    path: Path
    checked: Callable[[bytes], bytes]


def kept_lists(config: MssanteConfig) -> list[KeptList]:
    """Those that have an address and a place."""
    found = []
    if config.crl and config.crl_url:
        found.append(KeptList("crl", config.crl_url, config.crl, lambda data: _checked_crl(config, data)))
    if config.trust_list and config.trust_list_url:
        found.append(KeptList("trust_list", config.trust_list_url, config.trust_list, _checked_domains))
    return found


def refresh(config: MssanteConfig) -> dict[str, str]:
    """Fetch each list once: name → "" when it is fresh, else why it is not. Never raises ListError."""
    said = {}
    for kept in kept_lists(config):
        try:
            _write(kept.path, kept.checked(_fetched(kept.url, config)))
            said[kept.name] = ""
        except ListError as error:
            logger.error("mssante.list_not_refreshed name=%s cause=%s", kept.name, error)
            said[kept.name] = error.code
    return said


def _fetched(url: str, config: MssanteConfig) -> bytes:
    """The body, MAX_BYTES at most; over https, only the authority of MSSanté is believed."""
    try:
        with requests.get(url, timeout=config.timeout, stream=True, verify=str(config.trust_anchor)) as answer:
            answer.raise_for_status()
            data = answer.raw.read(MAX_BYTES + 1, decode_content=True)
    except (
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        OSError,
    ) as error:  # the second: cut while it is read
        raise ListError("UNREACHABLE", type(error).__name__) from error
    if len(data) > MAX_BYTES:
        raise ListError("TOO_LARGE")
    return bytes(data)


def _checked_crl(config: MssanteConfig, data: bytes) -> bytes:
    assert config.crl is not None
    try:
        fetched = revocation.read(data, config.trust_anchor)
        revocation.require_usable(fetched, _kept_crl(config.crl, config.trust_anchor), datetime.now(UTC))
    except RevocationListError as error:
        raise ListError("REFUSED", error.message_fr) from error
    return fetched.pem


def _kept_crl(path: Path, anchor: Path) -> revocation.RevocationList | None:
    """The one that serves now; None when there is none, or it is no list of this authority any more."""
    try:
        return revocation.read(path.read_bytes(), anchor)
    except (OSError, RevocationListError):
        return None


def _checked_domains(data: bytes) -> bytes:
    try:
        trust_space.parse(data)
    except xml.XmlError as error:
        raise ListError("REFUSED", error.message_fr) from error
    return data


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all; its date says when it was last confirmed, even unchanged. Raises ListError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ListError("NOT_WRITTEN", type(error).__name__) from error
