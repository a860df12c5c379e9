"""The relay that cuts: what passes before, and that it cuts once."""

from __future__ import annotations

import socket
import threading

from tests.interop.cutter import cutter


def _echo(server: socket.socket) -> None:
    while True:
        try:
            one, _ = server.accept()
        except OSError:
            return
        with one:
            while data := one.recv(65536):
                one.sendall(data)


def test_it_relays_then_cuts_once_in_the_middle() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_echo, args=(server,), daemon=True).start()
    with cutter(server.getsockname()[1]) as line:
        with socket.create_connection(("127.0.0.1", line.port), timeout=30) as client:
            client.sendall(b"bonjour")
            assert client.recv(100) == b"bonjour"
            line.after = 1_000
            try:
                client.sendall(bytes(5_000))
                while client.recv(65536):
                    pass
            except OSError:
                pass
        with socket.create_connection(("127.0.0.1", line.port), timeout=30) as client:
            client.sendall(b"encore")
            assert client.recv(100) == b"encore"
    assert line.cuts == 1
    server.close()
