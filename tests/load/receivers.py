"""The two receivers that product and floor both send to: the least that a DMP and an operator can be.

Mutual TLS, bytes counted and thrown away, a canned answer. Each is one process with a thread for each
connection; neither looks at what it receives, so that neither is what is measured.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from scripts.processes import die_with_parent

HOST = "127.0.0.1"
PIECE = 256 * 1024
DEPOSIT_MIN_BYTES = 100_000  # a smaller request is a question (TD0.2), not a deposit
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ENVELOPE = f'<s:Envelope xmlns:s="{_SOAP}"><s:Header/><s:Body>%s</s:Body></s:Envelope>'
_EXISTS = (
    '<PRPA_IN201308UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0"><acknowledgement><typeCode code="AA"/>'
    '</acknowledgement><controlActProcess classCode="CACT" moodCode="EVN"><queryAck><queryResponseCode code="OK"/>'
    "</queryAck></controlActProcess></PRPA_IN201308UV02>"
)
_REGISTERED = (
    '<rs:RegistryResponse xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" '
    'status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"/>'
)


def _http(body: str) -> bytes:
    content = (_ENVELOPE % body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


EXISTS, REGISTERED = _http(_EXISTS), _http(_REGISTERED)


@dataclass(frozen=True, slots=True)
class Receivers:
    """`deposits` and `mails`: how many came whole since the start, over all senders."""

    dmp: Synchronized[int]
    smtp: Synchronized[int]
    pids: tuple[int, int]

    @property
    def deposits(self) -> int:
        return self.dmp.value

    @property
    def mails(self) -> int:
        return self.smtp.value


@contextlib.contextmanager
def receivers(pki: Path, *, dmp_port: int, smtp_port: int) -> Iterator[Receivers]:
    """Both receivers listening on loopback, until the end of the block."""
    made = multiprocessing.get_context("spawn")
    counts = made.Value("q", 0), made.Value("q", 0)
    wires = ((dmp_port, _answer_http, counts[0]), (smtp_port, _answer_smtp, counts[1]))
    processes = []
    try:
        for port, answer, count in wires:
            ready = made.Event()
            process = made.Process(target=_listen, args=(os.getpid(), pki, port, answer, count, ready), daemon=True)
            process.start()
            processes.append(process)
            if not ready.wait(30):
                raise RuntimeError("a receiver of the benchmark did not start")
        yield Receivers(*counts, pids=(processes[0].pid or 0, processes[1].pid or 0))
    finally:
        for process in processes:
            process.terminate()
            process.join(5)


Answer = Callable[[socket.socket, ssl.SSLContext, "Synchronized[int]"], None]


def _listen(
    parent: int,
    pki: Path,
    port: int,
    answer: Answer,
    count: Synchronized[int],
    ready: threading.Event,
) -> None:
    die_with_parent(parent, signal.SIGKILL)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(pki / "server.pem", pki / "server.key")
    tls.load_verify_locations(pki / "ca.pem")
    tls.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server((HOST, port), backlog=64) as listener:
        ready.set()
        while True:
            link, _ = listener.accept()
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_serve, args=(answer, link, tls, count), daemon=True).start()


def _serve(answer: Answer, link: socket.socket, tls: ssl.SSLContext, count: Synchronized[int]) -> None:
    with contextlib.suppress(OSError, ValueError), link:
        answer(link, tls, count)


def _answer_http(plain: socket.socket, tls: ssl.SSLContext, count: Synchronized[int]) -> None:
    link = tls.wrap_socket(plain, server_side=True)
    room = memoryview(bytearray(PIECE))
    while True:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = link.recv(16_384)
            if not piece:
                return
            head += piece
        head, _, rest = head.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        left = length - len(rest)
        while left > 0:
            got = link.recv_into(room[: min(left, PIECE)])
            if not got:
                return
            left -= got
        whole = length >= DEPOSIT_MIN_BYTES
        if whole:
            with count.get_lock():
                count.value += 1
        link.sendall(REGISTERED if whole else EXISTS)


def _answer_smtp(plain: socket.socket, tls: ssl.SSLContext, count: Synchronized[int]) -> None:
    link = plain
    link.sendall(b"220 sink\r\n")
    while True:
        line = _line(link)
        word = line[:8].upper()
        if word.startswith(b"EHLO"):
            offered = b"250-STARTTLS\r\n" if link is plain else b"250-DSN\r\n250-AUTH EXTERNAL\r\n"
            link.sendall(b"250-sink\r\n" + offered + b"250 SIZE 30000000\r\n")
        elif word == b"STARTTLS":
            link.sendall(b"220 go\r\n")
            link = tls.wrap_socket(plain, server_side=True)
        elif word.startswith(b"DATA"):
            link.sendall(b"354 go\r\n")
            _swallow(link)
            with count.get_lock():
                count.value += 1
            link.sendall(b"250 2.0.0 accepted\r\n")
        elif word.startswith(b"QUIT") or not line:
            return
        else:
            link.sendall(b"235 ok\r\n" if word.startswith(b"AUTH") else b"250 ok\r\n")


def _line(link: socket.socket) -> bytes:
    """One command; the clients of the benchmark never send two at once."""
    line = b""
    while not line.endswith(b"\r\n"):
        piece = link.recv(4096)
        if not piece:
            return b""
        line += piece
    return line


def _swallow(link: socket.socket) -> None:
    """Read a mail to its final dot."""
    room = bytearray(PIECE)
    tail = b""
    while not tail.endswith(b"\r\n.\r\n"):
        got = link.recv_into(room)
        if not got:
            raise ConnectionError
        tail = (tail + room[max(0, got - 5) : got])[-5:]
