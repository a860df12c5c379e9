"""The sandbox on a real socket of 127.0.0.1 (MLLP, one thread per connection), with faults to be scripted.

It keeps what it took, once for each MSH-10: what is sent again after a cut is answered and not counted twice.
"""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections import Counter
from types import TracebackType

from perinat.connectors.hl7v2.sandbox import rules
from perinat.connectors.hl7v2.sandbox.rules import RefusedError, Report

HOST = "127.0.0.1"
FAULTS = ("refuse", "later", "silent", "cut", "garbled", "other_id")
VT, FS = b"\x0b", b"\x1c\r"
LONGEST = 1024 * 1024
HELD = 60.0


class DpiSandbox:
    """Port 0: a free one, known once made. `taken`: reports by MSH-10, in their order; `refusals`: clauses broken."""

    def __init__(self, port: int = 0, *, tls: ssl.SSLContext | None = None) -> None:
        self.taken: dict[str, Report] = {}
        self.refusals: list[str] = []
        self.received, self.faults = Counter[str](), Counter[str]()
        self.tls = tls
        self._lock, self._released = threading.Lock(), threading.Event()
        self._server = _Server((HOST, port), _Line)
        self._server.sandbox = self
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> DpiSandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, data: bytes) -> bytes | None:
        """The ACK or NACK; None: nothing is ever said (silence), or the line is cut."""
        with self._lock:
            fault = next((name for name in FAULTS if self.faults[name] > 0), "")
            self.faults -= Counter([fault])
            self.received[fault or "whole"] += 1
        if fault == "silent":
            self._released.wait(HELD)
            return None
        try:
            _, header = rules.read(data)
            report = rules.judged(data)
        except RefusedError as error:
            self.refusals.append(error.clause)
            return _ack([], "AE", error.condition)
        if fault == "refuse":
            return _ack(header, "AE", "207")
        if fault == "later":
            return _ack(header, "AR", "207")
        with self._lock:
            self.taken.setdefault(report.control_id, report)
        if fault == "cut":
            return None
        if fault == "garbled":
            return b"bonjour"
        return _ack([*header[:10], "autre", *header[11:]] if fault == "other_id" else header, "AA", "")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    sandbox: DpiSandbox

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves is no event of the sandbox."""


class _Line(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        sandbox, line = self.server.sandbox, self.request
        line.settimeout(HELD)
        if sandbox.tls is not None:
            line = sandbox.tls.wrap_socket(line, server_side=True)
        with line:
            while (data := _frame(line)) is not None:
                said = sandbox.answer(data)
                if said is None:
                    return
                line.sendall(VT + said + FS)


def _frame(line: socket.socket) -> bytes | None:
    """One frame, strict: VT first, FS CR last."""
    received = b""
    while not received.endswith(FS):
        chunk = line.recv(65536)
        received += chunk
        if not chunk or not received.startswith(VT) or len(received) > LONGEST:
            return None
    return received[1 : -len(FS)]


def _ack(header: list[str], code: str, condition: str) -> bytes:
    """MSH-9 ACK^Z0n^ACK; the sender of the message is who receives the answer."""
    known = [*header, *[""] * 22]
    event = known[9].split("^")[1] if "^" in known[9] else ""
    lines = [
        f"MSH|^~\\&|{known[5]}|{known[6]}|{known[3]}|{known[4]}|{known[7]}||ACK^{event}^ACK|A{known[10]}|P|2.6"
        "|||||FRA|UNICODE UTF-8",
        f"MSA|{code}|{known[10]}",
    ]
    if condition:
        lines.append(f"ERR|||{condition}^^messageErrorCondition|E|906^Autre erreur^applicationErrorCode")
    return ("\r".join(lines) + "\r").encode()
