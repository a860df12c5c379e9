"""The fictitious IGC-Santé publishes its list of revoked certificates, over HTTP or HTTPS.

GET /igc-sante.crl (DER, as authorities publish); PUT /sandbox/revoked [serials]; PUT /sandbox/fault {"kind": …}.
"""

from __future__ import annotations

import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from perinat.connectors.igc_sante.sandbox import issuance
from perinat.connectors.igc_sante.sandbox.authority import ROOT_NAME, SandboxAuthority

HOST = "127.0.0.1"
PATH = "/igc-sante.crl"
LIFE = timedelta(days=7)
FAULTS = ("", "down", "garbled", "expired", "forged", "older", "endless")


class CrlPublisher:
    """Port 0: a free one, known once made. Each list is signed when it is asked for, with a greater number.

    with CrlPublisher(authority) as igc:
        settings.MSSANTE_CRL_URL = igc.url
    """

    def __init__(self, authority: SandboxAuthority, port: int = 0, *, tls: bool = False) -> None:
        self._authority = authority
        self.revoked: set[int] = set()
        self.fault = ""
        self._server = ThreadingHTTPServer((HOST, port), self._handler())
        self._server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(authority.server_pem, authority.server_key)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = int(self._server.server_address[1])
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}{PATH}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="igc", daemon=True)

    def __enter__(self) -> CrlPublisher:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def published(self) -> bytes:
        """The list of this instant, spoiled when a fault is set."""
        if self.fault == "garbled":
            return b"<html>Maintenance</html>"
        if self.fault == "endless":
            return b"0" * (21 * 1024 * 1024)
        now = datetime.now(UTC)
        made_at = now - LIFE - timedelta(days=1) if self.fault in ("expired", "older") else now
        ends_at = now + timedelta(days=1) if self.fault == "older" else made_at + LIFE
        signer = issuance.root(ROOT_NAME, now=now) if self.fault == "forged" else self._authority.root()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(signer.certificate.subject)
            .last_update(made_at)
            .next_update(ends_at)
            .add_extension(x509.CRLNumber(int(made_at.timestamp())), critical=False)
        )
        for serial in sorted(self.revoked):
            row = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(made_at)
            builder = builder.add_revoked_certificate(row.build())
        return builder.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        igc = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 30

            def do_GET(self) -> None:
                if self.path != PATH or igc.fault == "down":
                    return self._say(503 if igc.fault == "down" else 404, b"")
                return self._say(200, igc.published())

            def do_PUT(self) -> None:
                try:
                    said = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                    if self.path == "/sandbox/revoked":
                        igc.revoked = {int(serial) for serial in said}
                    elif self.path == "/sandbox/fault" and said["kind"] in FAULTS:
                        igc.fault = said["kind"]
                    else:
                        return self._say(404, b"")
                except (ValueError, TypeError, KeyError):
                    return self._say(400, b"")
                return self._say(200, b"{}")

            def _say(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/pkix-crl" if status == 200 else "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing worth a line."""

        return Handler
