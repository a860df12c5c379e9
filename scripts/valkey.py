"""One Valkey (or Redis) server of our own: no TCP, a unix socket in a closed folder."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

from scripts.binaries import valkey_server
from scripts.postgres import ServerStartError
from scripts.processes import Child, start

START_SECONDS = 20.0


def start_valkey(folder: Path, socket_path: Path, log: Path, *, durable: bool) -> Child:
    """Starts the server and waits until it answers. Its loss loses nothing: the outbox is in the database."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket_path.unlink(missing_ok=True)
    argv = [valkey_server(), "--port", "0", "--unixsocket", socket_path, "--unixsocketperm", "700"]
    argv += ["--dir", folder, "--save", "", "--appendonly", "yes" if durable else "no", "--loglevel", "warning"]
    child = start("valkey", argv, log=log, cwd=folder, stop_signal=signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(socket_path):
        if not child.running() or time.monotonic() > deadline:
            raise ServerStartError(f"Valkey n'a pas démarré (journal : {log}).\n{child.tail()}")
        time.sleep(0.02)
    return child


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(1)
            link.connect(str(path))
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
    except OSError:
        return False
