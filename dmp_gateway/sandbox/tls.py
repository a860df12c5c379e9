"""The server's side of mutual TLS."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

# PDT-INF-579: TLS 1.2 suites of the DMP for LPS, nothing else (dmp.md §1.2)
SUITES = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-CHACHA20-POLY1305"


def server_context(pem: Path, key: Path, authority: Path) -> ssl.SSLContext:
    """TLS 1.2 with a client certificate required."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    context.load_cert_chain(pem, key)
    context.load_verify_locations(cafile=str(authority))
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class ServerIdentity:
    """The certificate of the sandbox. Files that changed are read again at the next handshake, as at a renewal."""

    def __init__(self, pki: Path) -> None:
        self._pem, self._key, self._authority = pki / "server.pem", pki / "server.key", pki / "ca.pem"
        self._lock = threading.Lock()
        self._seen, self._context = self._stamp(), self._read()

    def context(self) -> ssl.SSLContext:
        """Raises OSError (ssl.SSLError): the certificate and its key do not go together."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._context = self._read()
                self._seen = stamp
            return self._context

    def _stamp(self) -> tuple[int, int]:
        return self._pem.stat().st_mtime_ns, self._key.stat().st_mtime_ns

    def _read(self) -> ssl.SSLContext:
        return server_context(self._pem, self._key, self._authority)
