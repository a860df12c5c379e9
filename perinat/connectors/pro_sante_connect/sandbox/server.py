"""The sandbox on a real socket, of 127.0.0.1 unless told otherwise: one thread per connection."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from perinat.connectors.pro_sante_connect.sandbox import people as people_file
from perinat.connectors.pro_sante_connect.sandbox.admin import PREFIX, Administration
from perinat.connectors.pro_sante_connect.sandbox.people import Person
from perinat.connectors.pro_sante_connect.sandbox.provider import Provider
from perinat.connectors.pro_sante_connect.sandbox.rules import Client
from perinat.connectors.pro_sante_connect.sandbox.wire import Reply, Request, html_reply, json_reply

HOST = "127.0.0.1"
MAX_BODY = 64 * 1024
PROTOCOL = "/protocol/openid-connect"


class PscSandbox:
    """A fictitious Pro Santé Connect. Port 0: a free one, known once started.

    `host`: where it listens. Its addresses say 127.0.0.1 whatever it is: a container listens on its own network,
    and the browser reaches it by a port published on the loopback of the machine.
    `people`: who may sign in, by default those of data/people.json. `pki_dir` (ca.pem, server.pem, server.key):
    serve over TLS and ask for a client certificate; without it, plain HTTP.

        with PscSandbox() as sandbox:
            settings.PSC_DISCOVERY_URL = sandbox.discovery_url
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = HOST,
        people: Iterable[Person] | None = None,
        client: Client | None = None,
        pki_dir: Path | None = None,
    ) -> None:
        known = people_file.load() if people is None else {person.national_id: person for person in people}
        self.provider = Provider(known, client or Client())
        self._server = _Server((host, port), _Handler)
        self._server.answer = _Router(self.provider).answer
        if pki_dir:
            self._server.socket = _tls(pki_dir).wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = int(self._server.server_address[1])
        self.base_url = f"{'https' if pki_dir else 'http'}://{HOST}:{self.port}"
        self.provider.issuer = self.base_url
        self.discovery_url = f"{self.base_url}/.well-known/wallet-openid-configuration"
        self.admin_url = f"{self.base_url}{PREFIX}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="psc-sandbox", daemon=True
        )

    def __enter__(self) -> PscSandbox:
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


class _Router:
    def __init__(self, provider: Provider) -> None:
        self._provider, self._admin = provider, Administration(provider)
        self._routes: dict[str, tuple[tuple[str, ...], Callable[[Request], Reply]]] = {
            "/.well-known/openid-configuration": (("GET",), provider.discovery),
            "/.well-known/wallet-openid-configuration": (("GET",), provider.discovery),
            "/auth": (("GET", "POST"), provider.authorize),
            f"{PROTOCOL}/token": (("POST",), provider.token),
            f"{PROTOCOL}/token/introspect": (("POST",), provider.introspect),
            f"{PROTOCOL}/userinfo": (("GET", "POST"), provider.userinfo),
            f"{PROTOCOL}/certs": (("GET",), provider.keys),
            f"{PROTOCOL}/logout": (("GET", "POST"), provider.end_session),
        }

    def answer(self, request: Request) -> Reply:
        if request.path.startswith(PREFIX):
            return self._admin.answer(request)
        methods, act = self._routes.get(request.path, ((), None))
        if act is None:
            return json_reply({"error": "not_found"}, 404)
        if request.method not in methods:
            return json_reply({"error": "method_not_allowed"}, 405, ("Allow", ", ".join(methods)))
        time.sleep(self._provider.faults.delay())
        if self._provider.faults.strike("down"):
            return html_reply("<p>Service momentanément indisponible</p>", 503)
        return act(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answer: Callable[[Request], Reply]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves, or whose TLS fails, is no event of the sandbox."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 30

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self._send(json_reply({"error": "invalid_request"}, 413))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        request = Request(self.command, parts.path, parts.query, headers, body, self._certificate_ou())
        return self._send(self.server.answer(request))

    do_GET = do_POST = do_DELETE = _serve

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _certificate_ou(self) -> str:
        certificate: Mapping[str, Any] = {}
        if isinstance(self.connection, ssl.SSLSocket):
            certificate = self.connection.getpeercert() or {}
        names = {name: value for rdn in certificate.get("subject", ()) for name, value in rdn}
        return str(names.get("organizationalUnitName", ""))

    def log_message(self, format: str, *args: Any) -> None:
        """The journal of the administration says what matters; addresses carry codes."""


def _tls(pki_dir: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(pki_dir / "server.pem", pki_dir / "server.key")
    context.load_verify_locations(pki_dir / "ca.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    return context
