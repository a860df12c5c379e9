"""HTTPS to the DMP: mutual TLS with the certificate of a legal entity, one pooled session for each.

TLS 1.2 only, as the DMP requires of its LPS clients (PDT-INF-579); this also makes a refused
certificate fail in the handshake, before anything is sent. A failure is classified by one fact: had
the first byte of the request body been asked for? Before, nothing was received; after, one cannot know.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from coordination.ports import ChannelError
from dmp_gateway import errors
from dmp_gateway.conf import DmpConfig
from perinat.standards import pki
from perinat.standards.pki import Credential

ANSWER_MAX_BYTES = 16 * 1024 * 1024
_PIECE = 65_536
_POOL = 8  # connections kept per legal entity; more callers wait for nothing, their connection is not kept
# TLS alerts by which a server refuses our certificate (OpenSSL reason names)
_CERTIFICATE_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE")


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, Content-Type and body of an HTTP answer, whatever the status."""

    status: int
    content_type: str
    body: bytes


class _Body:
    """Chunks with a known length, that remember whether sending has begun."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = chunks
        self._length = sum(map(len, chunks))
        self.begun = False

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        self.begun = True
        yield from self._chunks


class _TlsAdapter(HTTPAdapter):
    """requests adapter on an SSLContext of ours; never retries by itself."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=2, pool_maxsize=_POOL, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)


class Transport:
    """Sessions by legal entity, made at first use and made again when its certificate file changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, tuple[Credential, DmpConfig, requests.Session]] = {}

    def post(
        self, url: str, content_type: str, chunks: Sequence[bytes], *, structure: str, config: DmpConfig
    ) -> HttpAnswer:
        """POST `chunks` with the certificate of `structure` (Struct_IdNat of the EJ) and read the answer whole.

        Raises TemporaryChannelError (not received), UncertainChannelError (perhaps received),
        PermanentChannelError (a certificate is refused or unusable), pki.PkiError, ConfigurationError.
        """
        session = self._session(structure, config)
        body = _Body(chunks)
        try:
            with session.post(
                url,
                data=body,
                headers={"Content-Type": content_type},
                timeout=(config.connect_timeout, config.read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = _read(response, config.read_timeout)
                return HttpAnswer(response.status_code, response.headers.get("Content-Type", ""), content)
        except (requests.RequestException, urllib3.exceptions.HTTPError, TimeoutError) as failure:
            raise _classify(failure, begun=body.begun) from failure

    def drop_connections(self, structure: str) -> None:
        """Close the connections of `structure`: after an answer that is not ours, the next ones would shift."""
        with self._lock:
            known = self._sessions.get(structure)
        if known:
            known[2].close()  # opens again at the next call

    def _session(self, structure: str, config: DmpConfig) -> requests.Session:
        files = config.structure(structure)
        credential = pki.load(files.auth_pem, files.auth_key)
        with self._lock:
            known = self._sessions.get(structure)
            if known and known[0] is credential and known[1] == config:
                return known[2]
            session = _open(credential, config)
            self._sessions[structure] = (credential, config, session)
            return session


def _open(credential: Credential, config: DmpConfig) -> requests.Session:
    context = pki.client_context(credential, config.ca_pem)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    session = requests.Session()
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"
    session.verify = str(config.ca_pem)  # else certifi's roots would join the trust anchors
    session.mount("https://", _TlsAdapter(context))
    return session


def _read(response: requests.Response, seconds: float) -> bytes:
    """The whole body, within `seconds` and ANSWER_MAX_BYTES: a trickle must not hold a worker.

    `read1` gives what has come; the usual reading waits for whole blocks, and would wait for a trickle.
    """
    deadline = time.monotonic() + seconds
    received = bytearray()
    while piece := response.raw.read1(_PIECE, decode_content=False):
        received += piece
        if len(received) > ANSWER_MAX_BYTES:
            raise requests.exceptions.ContentDecodingError("answer too large")
        if time.monotonic() > deadline:
            raise TimeoutError("answer too slow")
    return bytes(received)


def _classify(failure: Exception, *, begun: bool) -> ChannelError:
    name = type(failure).__name__
    if begun:
        return errors.error("UNKNOWN_OUTCOME", detail=name)
    if isinstance(failure, requests.exceptions.SSLError):
        text = str(failure).upper()
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return errors.error("SERVER_NOT_TRUSTED", detail=name)
        if "ALERT" in text and any(alert in text for alert in _CERTIFICATE_ALERTS):
            return errors.error("CERTIFICATE_REFUSED", detail=name)
    return errors.error("UNREACHABLE", detail=name)
