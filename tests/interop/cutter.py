"""A line that is cut in the middle: a relay on loopback that closes after so many bytes from the client, once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Cutter:
    """`after`: bytes from the client that pass before the cut; None: everything passes."""

    target: int
    after: int | None = None
    cuts: int = 0
    _server: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def port(self) -> int:
        return int(self._server.getsockname()[1])

    def serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:  # closed: the end
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.target))
        threading.Thread(target=_pump, args=(server, client), daemon=True).start()
        passed = 0
        with suppress(OSError):
            while data := client.recv(65536):
                passed += len(data)
                if self.after is not None and passed > self.after:
                    self.after, self.cuts = None, self.cuts + 1
                    break
                server.sendall(data)
        for one in (server, client):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def cutter(target: int) -> Iterator[Cutter]:
    made = Cutter(target)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.close()
        thread.join(timeout=10)
