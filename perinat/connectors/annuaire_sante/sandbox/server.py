"""The sandbox on a real socket of 127.0.0.1, one thread per connection; its administration on another port."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from perinat.connectors.annuaire_sante.sandbox import store as store_file
from perinat.connectors.annuaire_sante.sandbox.admin import Administration
from perinat.connectors.annuaire_sante.sandbox.faults import Faults
from perinat.connectors.annuaire_sante.sandbox.rules import KEY_HEADER, RefusedError, answer, outcome
from perinat.connectors.annuaire_sante.sandbox.shapes import Row
from perinat.connectors.annuaire_sante.sandbox.store import Store

HOST = "127.0.0.1"
BASE = "/fhir/v2"
API_KEY = "cle-annuaire-bac-a-sable-0001"
CALLS_PER_SECOND = 17
KEPT_PAGES = 2000
HUGE = 30 * 1024 * 1024


class AnnuaireSandbox:
    """A fictitious Annuaire Santé. Port 0: a free one, known once made.

    with AnnuaireSandbox() as sandbox:
        settings.ANNUAIRE_BASE_URL, settings.ANNUAIRE_API_KEY = sandbox.base_url, sandbox.api_key
    """

    def __init__(
        self,
        port: int = 0,
        admin_port: int = 0,
        *,
        data: Path = store_file.DEFAULT,
        api_key: str = API_KEY,
        calls_per_second: int = CALLS_PER_SECOND,
    ) -> None:
        self.store, self.faults, self.api_key = Store(data), Faults(), api_key
        self.calls_per_second = calls_per_second
        self.journal: deque[str] = deque(maxlen=500)
        self._pages: dict[str, tuple[list[Row], str]] = {}  # id of a page → its rows, id of the next
        self._calls: deque[float] = deque()
        self._lock = threading.Lock()
        self._server, self._admin = _Server((HOST, port), _Handler), _Server((HOST, admin_port), _AdminHandler)
        self._server.sandbox = self._admin.sandbox = self
        self._admin.administration = Administration(self.store, self.faults, self.journal)
        self.port, self.admin_port = self._server.server_address[1], self._admin.server_address[1]
        self.base_url, self.admin_url = f"http://{HOST}:{self.port}{BASE}", f"http://{HOST}:{self.admin_port}"
        self._threads = [
            threading.Thread(target=one.serve_forever, args=(0.05,), daemon=True) for one in (self._server, self._admin)
        ]

    def __enter__(self) -> AnnuaireSandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        for server, thread in zip((self._server, self._admin), self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()

    def respond(self, path: str, query: str, key: str | None) -> Row:
        """The Bundle of this question. Raises RefusedError."""
        if not key or not secrets.compare_digest(key, self.api_key):
            raise RefusedError(401 if not key else 403, "sandbox: ESANTE-API-KEY absente ou refusée", "security")
        if self.faults.strike("refused") is not None:
            raise RefusedError(403, "sandbox: ESANTE-API-KEY refusée", "security")
        self._count_call()
        if path == f"{BASE}/_page":
            return self._page(parse_qs(query).get("id", [""])[0])
        resources, count = answer(self.store, path.removeprefix(f"{BASE}/"), query)
        with self._lock:
            first = self._keep([resources[start : start + count] for start in range(0, len(resources), count)])
        return self._bundle(*first, f"{self.base_url}{path.removeprefix(BASE)}?{query}")

    def _count_call(self) -> None:
        now = time.monotonic()
        with self._lock:
            while self._calls and self._calls[0] <= now - 1:
                self._calls.popleft()
            if len(self._calls) >= self.calls_per_second:
                raise RefusedError(429, "sandbox: plus de 17 appels par seconde", "throttled")
            self._calls.append(now)

    def _keep(self, parts: list[list[Row]]) -> tuple[list[Row], str]:
        """Remember the pages after the first; the first, and the id of the second."""
        following = ""
        for part in reversed(parts[1:]):
            identifier = secrets.token_urlsafe(24)
            self._pages[identifier] = (part, following)
            following = identifier
        while len(self._pages) > KEPT_PAGES:
            self._pages.pop(next(iter(self._pages)))
        return (parts[0] if parts else []), following

    def _page(self, identifier: str) -> Row:
        if self.faults.strike("lost_page") is not None or identifier not in self._pages:
            raise RefusedError(410, "HAPI-0417: Search ID does not exist and may have expired", "not-found")
        return self._bundle(*self._pages[identifier], self._url(identifier))

    def _url(self, identifier: str) -> str:
        return f"{self.base_url}/_page?id={identifier}"

    def _bundle(self, part: list[Row], following: str, own: str) -> Row:
        link = [{"relation": "self", "url": own}]
        target = self._url(following) if following else ""
        if self.faults.strike("self_loop") is not None:
            target = own
        elif following and self.faults.strike("elsewhere") is not None:
            target = f"http://127.0.0.2:9{BASE}/_page?id={following}"
        elif not following and self._pages and self.faults.strike("round_loop") is not None:
            target = self._url(next(reversed(self._pages)))
        if target:
            link.append({"relation": "next", "url": target})
        entries: list[Any] = [
            {"fullUrl": f"{self.base_url}/{one['resourceType']}/{one['id']}", "resource": one} for one in part
        ]
        if self.faults.strike("nonsense") is not None:
            bad = {"resourceType": "Practitioner", "id": "x", "identifier": [{"system": 3}], "name": "?", "telecom": 1}
            entries += [
                None,
                7,
                {"resource": "?"},
                {"resource": {"resourceType": "Device", "id": "1"}},
                {"resource": bad},
            ]
        return {
            "resourceType": "Bundle",
            "type": "searchset",
            "id": secrets.token_hex(8),
            "link": link,
            "entry": entries,
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    sandbox: AnnuaireSandbox
    administration: Administration

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no event of the sandbox."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 30

    def do_GET(self) -> None:
        sandbox, faults = self.server.sandbox, self.server.sandbox.faults
        parts = urlsplit(self.path)
        time.sleep(faults.strike("slow") or 0)
        status, extra, body = 200, {}, b""
        if (seconds := faults.strike("busy")) is not None:
            status, extra = 429, {"Retry-After": str(int(seconds))}
        elif faults.strike("down") is not None:
            status, body = 503, b"<p>Service indisponible</p>"
        elif faults.strike("garbled") is not None:
            body = b"<html>maintenance</html>"
        elif faults.strike("not_a_bundle") is not None:
            body = json.dumps(outcome(RefusedError(200, "sandbox: rien"))).encode()
        elif faults.strike("huge") is not None:
            body = b'{"resourceType":"Bundle","x":"' + b"x" * HUGE + b'"}'
        else:
            try:
                body = json.dumps(sandbox.respond(parts.path, parts.query, self.headers.get(KEY_HEADER))).encode()
            except RefusedError as error:
                status, body = error.status, json.dumps(outcome(error)).encode()
        sandbox.journal.append(f"{status} {parts.path}?{parts.query}")
        self._send(status, body, extra, cut=status == 200 and faults.strike("truncated") is not None)

    def do_POST(self) -> None:
        self._send(405, json.dumps(outcome(RefusedError(405, "sandbox: lecture seule, par GET"))).encode(), {})

    do_PUT = do_DELETE = do_PATCH = do_POST

    def _send(self, status: int, body: bytes, extra: dict[str, str], *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/fhir+json;charset=utf-8", **extra}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut or self.command != "GET"

    def log_message(self, format: str, *args: Any) -> None:
        """The journal of the administration says what was asked."""


class _AdminHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 30

    def _serve(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), 1024 * 1024)
        status, value = self.server.administration.answer(self.command, self.path, self.rfile.read(length))
        body = json.dumps(value, ensure_ascii=False, indent=1).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: it is not part of the service."""
