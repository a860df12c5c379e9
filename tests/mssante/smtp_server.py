"""A small SMTP server with a script: STARTTLS, client certificate, and failures where the test wants them.

Hand-made on blocking sockets and threads, so that it can cut at any byte; it shares nothing with the client
nor with the sandbox.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

EXTENSIONS = ("SIZE 20000000", "DSN", "ENHANCEDSTATUSCODES")


@dataclass
class Script:
    """What the server does. Keys of `replies`, `cut` and `slow`: BANNER, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA,
    BODY (while the content comes), END (once the final dot is read), RSET."""

    replies: dict[str, str] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    slow: dict[str, float] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)  # reads on, and never answers
    once: bool = False  # the script strikes the first connection only
    extensions: tuple[str, ...] = EXTENSIONS
    auth: str = "EXTERNAL"
    starttls: bool = True


@dataclass
class Received:
    commands: list[str]
    content: bytes


class CutLine(Exception):
    pass


class ScriptedSmtp:
    """`with ScriptedSmtp(pki, Script(...)) as server:` then `server.port`, `server.received`, `server.connections`."""

    def __init__(self, pki: Path, script: Script | None = None) -> None:
        self.script = script or Script()
        self.received: list[Received] = []
        self.connections = 0
        self.peers: list[str] = []
        self.names: list[str] = []
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(pki / "server.pem", pki / "server.key")
        self._tls.load_verify_locations(pki / "ca.pem")
        self._tls.verify_mode = ssl.CERT_REQUIRED
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> ScriptedSmtp:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in self._open:
            _drop(link)
        for thread in self._threads:
            thread.join(5)

    def drop_everyone(self) -> None:
        """Close every open connection, as an operator does with idle ones."""
        for link in self._open:
            _drop(link)

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, link)

    def _serve(self, link: socket.socket) -> None:
        script = Script() if self.script.once and self.connections > 1 else self.script
        with contextlib.suppress(OSError, CutLine):
            _Session(self, link, script).run()

    def secure(self, link: socket.socket) -> ssl.SSLSocket:
        secured = self._tls.wrap_socket(link, server_side=True)
        self._open.append(secured)
        subject = dict(pair for rdn in secured.getpeercert()["subject"] for pair in rdn)  # type: ignore[index,union-attr,misc]
        self.peers.append(str(subject["organizationalUnitName"]))
        return secured

    def keep(self, link: socket.socket) -> None:
        self._open.append(link)


class _Session:
    def __init__(self, server: ScriptedSmtp, link: socket.socket, script: Script) -> None:
        self.server, self.link, self.script = server, link, script
        self.buffer = b""
        self.commands: list[str] = []
        self.secured = False
        server.keep(link)

    def run(self) -> None:
        try:
            self._answer("BANNER", "220 scripted")
            while line := self._line():
                self._command(line.decode())
        finally:
            _drop(self.link)

    def _command(self, line: str) -> None:
        verb = line.split(" ")[0].split(":")[0].upper()
        self.commands.append(line)
        if verb == "EHLO":
            self.server.names.append(line[5:])
            self._answer("EHLO", self._greeting())
        elif verb == "STARTTLS":
            self._answer("STARTTLS", "220 go")
            self.link = self.server.secure(self.link)
            self.secured = True
        elif verb == "DATA":
            if self._answer("DATA", "354 go").startswith("354"):
                self._content()
        elif verb in ("AUTH", "MAIL", "RCPT", "RSET"):
            self._answer(verb, {"AUTH": "235 2.7.0 ok"}.get(verb, "250 2.1.0 ok"))
        else:
            self._send("502 5.5.2 unknown")

    def _content(self) -> None:
        if "BODY" in self.script.cut:
            self.link.recv(10_000)
            raise CutLine
        while not self.buffer.endswith(b"\r\n.\r\n"):
            self._more()
        content, self.buffer = self.buffer[:-3], b""
        self.server.received.append(Received(self.commands, content))
        self.commands = []
        self._answer("END", "250 2.0.0 Ok: queued as 4F1A2B")

    def _greeting(self) -> str:
        offers = ["scripted", *self.script.extensions]
        if self.script.starttls and not self.secured:
            offers.append("STARTTLS")
        if self.secured and self.script.auth:
            offers.append(f"AUTH {self.script.auth}")
        return "\r\n".join(f"250{' ' if offer is offers[-1] else '-'}{offer}" for offer in offers)

    def _answer(self, step: str, usual: str) -> str:
        if step in self.script.slow:
            time.sleep(self.script.slow[step])
        if step in self.script.cut:
            raise CutLine
        if step in self.script.silent:
            while True:
                self._more()
        reply = self.script.replies.get(step, usual)
        self._send(reply)
        return reply

    def _send(self, text: str) -> None:
        self.link.sendall(text.encode() + b"\r\n")

    def _line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            self._more()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _more(self) -> None:
        data = self.link.recv(65_536)
        if not data:
            raise CutLine
        self.buffer += data


def _drop(link: socket.socket) -> None:
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
    link.close()
