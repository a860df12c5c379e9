"""The HTTP side of the administration: a loopback server whose requests run on the operator's loop."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_BODY = 64 * 1024 * 1024
LOOPBACK = {"127.0.0.1", "localhost"}


@dataclass(frozen=True, slots=True)
class Request:
    """`path`: decoded segments. `query`: last value of each key."""

    method: str
    path: tuple[str, ...]
    query: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Raises AdminError (400)."""
        try:
            return json.loads(self.body or b"{}")
        except ValueError as error:
            raise AdminError(400, "Le corps de la requête n'est pas du JSON.") from error

    def object(self) -> dict[str, Any]:
        value = self.json()
        if not isinstance(value, dict):
            raise AdminError(400, "Un objet JSON est attendu.")
        return value


@dataclass(frozen=True, slots=True)
class Response:
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class AdminError(Exception):
    """A refusal of the administration: HTTP status and French message."""

    def __init__(self, status: int, message_fr: str) -> None:
        super().__init__(message_fr)
        self.status = status
        self.message_fr = message_fr


def as_json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace"), status=status)


Answerer = Callable[[Request], Awaitable[Response]]


class AdminServer:
    """Serves `answer` on 127.0.0.1; each request is awaited on `loop`."""

    def __init__(self, port: int, answer: Answerer, loop: asyncio.AbstractEventLoop) -> None:
        handler = _handler(answer, loop)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=lambda: self._server.serve_forever(poll_interval=0.05), name="mssante-admin", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(answer: Answerer, loop: asyncio.AbstractEventLoop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            response = self._answer()
            self.send_response(response.status)
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(response.body)))
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - names fixed by http.server

        def _answer(self) -> Response:
            """A page of another origin cannot drive us: the Host must be the loopback."""
            if (self.headers.get("Host") or "").rpartition(":")[0] not in LOOPBACK:
                return as_json({"error": "Hôte inconnu."}, 421)
            length = int(self.headers.get("Content-Length") or 0)
            if length > MAX_BODY:
                self.close_connection = True
                return as_json({"error": "Corps trop grand."}, 413)
            url = urlsplit(self.path)
            path = tuple(unquote(step) for step in url.path.split("/") if step)
            request = Request(self.command, path, dict(parse_qsl(url.query)), self.rfile.read(length))
            future = asyncio.run_coroutine_threadsafe(_guarded(answer, request), loop)
            return future.result()

        def log_message(self, format: str, *args: object) -> None:
            """Silent: requests may hold addresses."""

    return Handler


async def _guarded(answer: Answerer, request: Request) -> Response:
    try:
        return await answer(request)
    except AdminError as error:
        return as_json({"error": error.message_fr}, error.status)
