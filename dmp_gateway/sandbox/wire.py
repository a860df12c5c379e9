"""The HTTPS side: one POST in, one answer out, HTTP/1.1 keep-alive, and the faults one sees on a wire."""

from __future__ import annotations

import socket
import socketserver
import ssl
import struct
import sys
import time
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from cryptography import x509

from dmp_gateway.sandbox import dispatch, registry_answers, soap
from dmp_gateway.sandbox.context import Request, World
from dmp_gateway.sandbox.dispatch import Reply
from dmp_gateway.sandbox.faults import ConnectionCut, Fault, Kind, Stage
from dmp_gateway.sandbox.refusals import Complaint
from dmp_gateway.sandbox.tls import ServerIdentity
from dmp_gateway.sandbox.transactions import deposit
from dmp_gateway.sandbox.transactions.common import CLAUSE_FAULT

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

BASE_PATH = "/si-dmp-server/v2/services"
HANDSHAKE_SECONDS = 10.0
SLOW_BLOCK = 64
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection


class TlsServer(socketserver.ThreadingTCPServer):
    """One thread per connection; the handshake is made in that thread, never in the accept loop."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], identity: ServerIdentity, world: World) -> None:
        self.world = world
        self._identity = identity
        self._open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.world.faults.take(Stage.CONNECTION, endpoint="") is not None:
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            request.close()
            return
        request.settimeout(HANDSHAKE_SECONDS)
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection = self._identity.context().wrap_socket(request, server_side=True)
        except OSError as error:
            reason = error.reason if isinstance(error, ssl.SSLError) else "connexion interrompue"
            self.world.journal.add(
                path="", verdict="refused", code="TLS", detail=str(reason), clause="dmp §1.2 (TLS 1.2 mutuel)"
            )
            return
        self._open.add(connection)
        self.world.journal.connected()
        try:
            Handler(connection, client_address, self)
        finally:
            self._open.discard(connection)
            connection.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A broken connection is the client's affair; anything else is ours and must be seen."""
        if not isinstance(sys.exception(), OSError):
            self.world.journal.add(path="", verdict="crash", code=type(sys.exception()).__name__)
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        """End keep-alive connections, so that their threads end too."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Handler(BaseHTTPRequestHandler):
    """One connection. `server` is a TlsServer."""

    protocol_version = "HTTP/1.1"
    server_version = "DmpSandbox"
    sys_version = ""
    server: TlsServer

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.world.limits.idle)
        der = self.connection.getpeercert(binary_form=True)
        self._certificate = x509.load_der_x509_certificate(der)

    def do_POST(self) -> None:
        """One SOAP request."""
        try:
            self._serve()
        except ConnectionCut:
            self._cut()

    def _serve(self) -> None:
        world, started = self.server.world, time.perf_counter()
        endpoint = self.path.removeprefix(BASE_PATH).strip("/") if self.path.startswith(BASE_PATH) else self.path
        arrival = world.faults.take(Stage.ARRIVAL, endpoint=endpoint)
        if arrival is not None:
            self._note(endpoint, Reply(0, b"", verdict="fault", fault=arrival.kind), 0, started)
            if arrival.kind is Kind.CUT_BEFORE_READING:
                raise ConnectionCut
            if arrival.kind is Kind.CUT_WHILE_READING:
                self.rfile.read(min(1024, int(self.headers.get("Content-Length") or 0)))
                raise ConnectionCut
            if arrival.kind is Kind.PAUSE_BEFORE_READING:
                world.faults.pause(arrival)
        body = self._body()
        if body is None:
            return
        if arrival is not None and arrival.kind is Kind.HTTP_500:
            self._send(_html(arrival.status))
            return
        request = Request(endpoint, self.headers.get("Content-Type", ""), body, self._certificate)
        try:
            reply = dispatch.handle(request, world)
        except ConnectionCut:
            self._note(endpoint, Reply(0, b"", verdict="fault", fault="cut_before_storing"), len(body), started)
            raise
        fault = world.faults.take(Stage.ANSWER, endpoint=endpoint, transaction=reply.transaction)
        if fault is not None:
            reply = replace(reply, fault=fault.kind.value)
        self._note(endpoint, reply, len(body), started)
        self._send(reply) if fault is None else self._send_badly(reply, fault)

    def _body(self) -> bytes | None:
        """The whole body; None when it is coded, or of a length absent or above the bound (already answered)."""
        if self.headers.get("Transfer-Encoding") or len(self.headers.get_all("Content-Length", [])) > 1:
            self._refuse(HTTPStatus.LENGTH_REQUIRED)  # one length, announced: nothing to disagree about
            return None
        if self.headers.get("Content-Encoding"):
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            return None
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
            return None
        if not 0 <= length <= self.server.world.limits.request_bytes:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionCut
        return body

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        reply = Reply(status, status.phrase.encode(), verdict="refused", code=f"HTTP {status}")
        self._note(self.path, reply, 0, time.perf_counter())
        self._send(reply)

    def _note(self, endpoint: str, reply: Reply, size: int, started: float) -> None:
        self.server.world.journal.add(
            path=f"/{endpoint}",
            verdict=reply.verdict,
            transaction=reply.transaction,
            code=reply.code,
            detail=reply.detail,
            clause=reply.clause,
            fault=reply.fault,
            status=reply.status,
            bytes_in=size,
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    # --- answers --------------------------------------------------------------------------------
    def _send(self, reply: Reply) -> None:
        self.wfile.write(self._head(reply) + reply.body)

    def _head(self, reply: Reply) -> bytes:
        end = "close" if self.close_connection else "keep-alive"
        return (
            f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\nServer: DmpSandbox\r\n"
            f"Content-Type: {reply.content_type}\r\nContent-Length: {len(reply.body)}\r\nConnection: {end}\r\n\r\n"
        ).encode("latin-1")

    def _send_badly(self, reply: Reply, fault: Fault) -> None:
        """The act is done (or refused); only its answer goes wrong."""
        match fault.kind:
            case Kind.PAUSE_BEFORE_ANSWERING:
                self.server.world.faults.pause(fault)
                self._send(reply)
            case Kind.CUT_AFTER_STORING:
                raise ConnectionCut
            case Kind.HTTP_AFTER_STORING:
                self._send(_html(fault.status))
            case Kind.NOT_XML:
                self._send(_html(200))
            case Kind.EMPTY:
                self._send(replace(reply, body=b""))
            case Kind.WRONG_TYPE:
                self._send(replace(reply, content_type="application/octet-stream"))
            case Kind.OTHER_REQUEST:
                self._send(replace(reply, body=_for_another_request(reply)))
            case Kind.CUT_MULTIPART:
                parts = b"--b\r\nContent-Type: application/xop+xml\r\n\r\n" + reply.body[: len(reply.body) // 2]
                self._send(replace(reply, body=parts, content_type='multipart/related; boundary="b"'))
            case Kind.GARBLED:
                self._send(replace(reply, body=reply.body[: len(reply.body) // 2] + b"\x00<<"))
            case Kind.TRUNCATED:
                self.wfile.write(self._head(reply) + reply.body[: len(reply.body) // 2])
                raise ConnectionCut
            case Kind.SLOW:
                self._send_slowly(self._head(reply) + reply.body, fault)
            case Kind.ANSWER_TWICE:
                self._send(reply)
                self._send(reply)
            case _:
                self._send(_duplicate(reply))

    def _send_slowly(self, data: ReadableBuffer, fault: Fault) -> None:
        view = memoryview(data)
        for start in range(0, len(view), SLOW_BLOCK):
            self.wfile.write(view[start : start + SLOW_BLOCK])
            fault.released.wait(fault.seconds)

    def _cut(self) -> None:
        """Reset the connection: the client cannot tell what was done."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr: the journal tells what came."""


def _html(status: int) -> Reply:
    """What a machine in front of the DMP answers in its place."""
    return Reply(status, b"<html><body>Page d'un serveur</body></html>", content_type="text/html")


def _for_another_request(reply: Reply) -> bytes:
    return reply.body.replace(reply.relates_to.encode(), b"urn:uuid:00000000-0000-4000-8000-000000000000")


def _duplicate(reply: Reply) -> Reply:
    """What a second copy of the same request would have received."""
    complaint = Complaint("XDSDuplicateUniqueIdInRegistry", "L'identifiant du lot a déjà servi.", CLAUSE_FAULT)
    body = soap.answer(registry_answers.failure([complaint]), action=deposit.RESPONSE, relates_to=reply.relates_to)
    return replace(reply, body=body, code=complaint.code)
