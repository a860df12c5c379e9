"""One GET of the Annuaire Santé: the key, the pace, the new tries, the limits. Gives the JSON of a Bundle.

API v2 of the ANS: header ESANTE-API-KEY, 17 calls per second, 30 s; errors are OperationOutcome.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import requests

from perinat.connectors.annuaire_sante import errors
from perinat.connectors.annuaire_sante.conf import AnnuaireConfig
from perinat.standards.health_directory import DirectoryError, DirectoryUnavailableError

CHUNK = 64 * 1024
FIRST_WAIT = 0.5  # seconds, doubled at each new try


class Wire:
    """Thread-safe; each call has its own connection, kept for the pages that follow."""

    def __init__(self, config: AnnuaireConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._next_call = 0.0
        self._session = requests.Session()
        self._session.headers.update({"ESANTE-API-KEY": config.api_key, "Accept": "application/fhir+json"})
        self._session.trust_env = False  # no .netrc, no proxy by surprise: the key goes to one place

    def get(self, url: str, *, following: bool) -> dict[str, Any]:
        """The Bundle at this address, asked again while the answer is « not now ». Raises a DirectoryError."""
        wait = FIRST_WAIT
        for left in range(self._config.tries - 1, -1, -1):
            try:
                return self._once(url, following=following)
            except _AskAgainError as again:
                pause = wait if again.after is None else again.after
                if not left or pause > self._config.longest_wait:
                    raise again.error from again
                time.sleep(pause)
                wait *= 2
        raise errors.unreachable("NO_TRY")  # tries=0 in the settings

    def _once(self, url: str, *, following: bool) -> dict[str, Any]:
        self._keep_pace()
        timeouts = (self._config.connect_timeout, self._config.read_timeout)
        try:
            with self._session.get(url, timeout=timeouts, stream=True, allow_redirects=False) as answer:
                if answer.status_code != 200:
                    raise self._refusal(answer, following=following)
                return _bundle(self._body(answer))
        except requests.RequestException as error:  # refused, timed out, cut in the middle
            raise _AskAgainError(errors.unreachable(f"NETWORK_{type(error).__name__}")) from error

    def _refusal(self, answer: requests.Response, *, following: bool) -> Exception:
        error: DirectoryError = errors.of_status(answer.status_code, following=following)
        if isinstance(error, DirectoryUnavailableError):
            return _AskAgainError(error, _seconds(answer.headers.get("Retry-After", "")))
        return error

    def _body(self, answer: requests.Response) -> bytes:
        """The whole body, decompressed, never above max_bytes nor longer than whole_timeout."""
        ends = time.monotonic() + self._config.whole_timeout
        parts, size = [], 0
        for part in answer.iter_content(CHUNK):
            size += len(part)
            if size > self._config.max_bytes:
                raise errors.unusable("TOO_LARGE")
            if time.monotonic() > ends:
                raise errors.unreachable("TOO_SLOW")
            parts.append(part)
        return b"".join(parts)

    def _keep_pace(self) -> None:
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next_call)
            self._next_call = start + self._config.interval
        time.sleep(start - now)


class _AskAgainError(Exception):
    """`after`: seconds the server asked for, None when it did not say."""

    def __init__(self, error: DirectoryError, after: float | None = None) -> None:
        super().__init__(error.code)
        self.error, self.after = error, after


def _seconds(retry_after: str) -> float | None:
    """Retry-After in seconds (RFC 9110 §10.2.3); its date form is not waited for."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None


def _bundle(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise errors.unusable("NOT_JSON") from error
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle" or value.get("type") != "searchset":
        raise errors.unusable("NOT_A_BUNDLE")
    return value
