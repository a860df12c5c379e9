"""MLLP server: one thread per connection, one message at a time on each (HL7 v2 transport, MLLP release 1).

A frame is VT, bytes, FS, CR. Anything else closes the connection: the sender opens another one and sends again
what was not answered. An answer leaves only after the core has committed.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from perinat.connectors.hl7v2.conf import Hl7Config
from perinat.connectors.hl7v2.mllp import END, START
from perinat.connectors.hl7v2.reception import Reception

logger = logging.getLogger(__name__)
CHUNK = 64 * 1024
TICK = 0.2  # seconds between two looks at « are we stopping? »


class FramingError(Exception):
    """The bytes are no MLLP frame, too many, or too slow; the connection is closed."""


class MllpServer(socketserver.ThreadingTCPServer):
    """`with MllpServer(config, reception) as server: server.start()`; leaving waits for the messages in hand.

    `after`: called in the thread of a connection when it ends (the database connections of Django).
    """

    allow_reuse_address = True
    daemon_threads = False
    block_on_close = True
    request_queue_size = 16

    def __init__(self, config: Hl7Config, reception: Reception, *, after: Callable[[], None] = lambda: None) -> None:
        self.config, self.reception, self.after = config, reception, after
        self.stopping = threading.Event()
        self.places = threading.BoundedSemaphore(config.max_connections)
        self.tls = _tls_context(config) if config.uses_tls else None
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": TICK}, daemon=True)
        super().__init__((config.host, config.port), _Connection)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No new connection; each message already received whole is answered; then everything closes."""
        self.stopping.set()
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        if self.places.acquire(blocking=False):
            return True
        logger.warning("hl7v2.too_many_connections")
        return False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What ends a connection, by the name of its class only: an error may quote the message."""
        logger.error("hl7v2.connection_failed")


class _Connection(socketserver.BaseRequestHandler):
    server: MllpServer

    def handle(self) -> None:
        try:
            self.request.settimeout(self.server.config.timeout)
            with contextlib.ExitStack() as stack:
                connection = self.request
                if self.server.tls is not None:
                    connection = stack.enter_context(self.server.tls.wrap_socket(connection, server_side=True))
                self._converse(connection)
        except FramingError as error:
            logger.warning("hl7v2.bad_frame reason=%s", error)
        except (OSError, ssl.SSLError) as error:
            logger.warning("hl7v2.connection_lost kind=%s", type(error).__name__)
        finally:
            self.server.after()
            self.server.places.release()

    def _converse(self, connection: socket.socket) -> None:
        reader = FrameReader(connection, self.server.config, self.server.stopping)
        while (message := reader.next()) is not None:
            answer = self.server.reception.answer(message)
            connection.settimeout(self.server.config.timeout)
            connection.sendall(START + answer + END)


class FrameReader:
    """The messages of one connection, one by one."""

    def __init__(self, connection: socket.socket, config: Hl7Config, stopping: threading.Event) -> None:
        self.connection, self.config, self.stopping = connection, config, stopping
        self.buffer = bytearray()

    def next(self) -> bytes | None:
        """The bytes inside the next frame; None when the sender has closed between two frames, or we are stopping.

        Raises FramingError: bytes outside a frame, a frame too large, cut, or that takes longer than `timeout`.
        """
        limit, begun = time.monotonic() + self.config.idle_timeout, False
        searched = 0
        while True:
            if self.buffer and not begun:
                if self.buffer[:1] != START:
                    raise FramingError("NOT_A_FRAME")
                limit, begun = time.monotonic() + self.config.timeout, True
            end = self.buffer.find(END, searched)
            if end >= 0:
                return self._take(end)
            searched = max(0, len(self.buffer) - 1)
            if len(self.buffer) > self.config.max_bytes:
                raise FramingError("TOO_LARGE")
            if not self._receive(limit, begun):
                return None

    def _take(self, end: int) -> bytes:
        message = bytes(self.buffer[1:end])
        del self.buffer[: end + len(END)]
        if START in message or len(message) > self.config.max_bytes:
            raise FramingError("NOT_A_FRAME")
        return message

    def _receive(self, limit: float, begun: bool) -> bool:
        """More bytes; False when there will be none and none were expected."""
        while True:
            if self.stopping.is_set() and not begun:
                return False
            if time.monotonic() > limit:
                if begun:
                    raise FramingError("TOO_SLOW")
                return False
            self.connection.settimeout(TICK)
            try:
                data = self.connection.recv(CHUNK)
            except TimeoutError:
                continue
            if not data and begun:
                raise FramingError("CUT")
            self.buffer += data
            return bool(data)


def _tls_context(config: Hl7Config) -> ssl.SSLContext:
    """TLS 1.2 at least; whoever connects shows a certificate signed by `client_ca`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(config.certificate, config.key)
    context.load_verify_locations(config.client_ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
