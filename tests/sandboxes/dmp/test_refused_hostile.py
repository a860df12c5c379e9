"""Bytes meant to hurt, on a TLS socket: lengths, codings, XML bombs, huge bodies, MIME parts (dmp.md §7 (1), (5)).

The sandbox answers or closes, keeps nothing, and serves the next request.
"""

from __future__ import annotations

import resource
import socket
import ssl
import time
from collections.abc import Iterator

import pytest

from dmp_gateway.sandbox.server import DmpSandbox
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.sandboxes.dmp import messages
from tests.sandboxes.dmp.base import EJ
from tests.sandboxes.dmp.conftest import Caller, credentials
from tests.sandboxes.dmp.content import Document
from tests.sandboxes.dmp.messages import Lot

PATH = b"/si-dmp-server/v2/services/patients"
MEGABYTE = 1024 * 1024


@pytest.fixture
def wire(sandbox: DmpSandbox, authority: SandboxAuthority, caller: Caller) -> Iterator[ssl.SSLSocket]:
    """A TLS socket with the certificate of the structure; afterwards, a good request is served."""
    port = int(sandbox.base_url.split(":")[2].split("/")[0])
    context, _ = credentials(authority, EJ)
    with (
        socket.create_connection(("127.0.0.1", port), 20) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        yield secure
    assert caller.exists().codes == []
    assert caller.stored() == []


def status(wire: ssl.SSLSocket) -> int:
    """Status of the first answer on the socket, 0 when it was closed without one."""
    try:
        head = wire.recv(4096)
    except (ConnectionError, ssl.SSLError):
        return 0
    return int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/1.1 ") else 0


def head(*lines: bytes, method: bytes = b"POST") -> bytes:
    start = [method + b" " + PATH + b" HTTP/1.1", b"Host: dmp", b"Content-Type: application/soap+xml", *lines]
    return b"\r\n".join([*start, b"", b""])


HEADS: list[tuple[str, bytes, int]] = [
    ("no length", head(), 411),
    ("length that is no number", head(b"Content-Length: dix"), 411),
    ("negative length", head(b"Content-Length: -1"), 413),
    ("two lengths", head(b"Content-Length: 3", b"Content-Length: 300"), 411),
    ("chunked", head(b"Transfer-Encoding: chunked") + b"3\r\n<x/\r\n0\r\n\r\n", 411),
    ("chunked and a length", head(b"Transfer-Encoding: chunked", b"Content-Length: 5") + b"0\r\n\r\n", 411),
    ("compressed", head(b"Content-Encoding: gzip", b"Content-Length: 2") + b"\x1f\x8b", 415),
    ("100 MB announced", head(b"Content-Length: 104857600"), 413),
    ("a petabyte announced", head(b"Content-Length: 1125899906842624"), 413),
    ("GET", head(b"Content-Length: 0", method=b"GET"), 501),
    ("header of 70 kB", head(b"X-Long: " + b"a" * 70_000), 431),
    ("not HTTP", b"\x00\x01\x02\x03\r\n\r\n", 0),  # told without a status line, as to HTTP/0.9
]


@pytest.mark.parametrize(("sent", "code"), [case[1:] for case in HEADS], ids=[case[0] for case in HEADS])
def test_lengths_and_codings(wire: ssl.SSLSocket, sent: bytes, code: int) -> None:
    wire.sendall(sent)
    assert status(wire) == code


def test_a_body_shorter_than_announced(wire: ssl.SSLSocket) -> None:
    wire.sendall(head(b"Content-Length: 500") + b"<x/>")
    wire.shutdown(socket.SHUT_RDWR)


def test_100_mb_are_not_taken_into_memory(wire: ssl.SSLSocket) -> None:
    """The length is refused at once: what is pushed afterwards goes nowhere."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wire.sendall(head(b"Content-Length: %d" % (100 * MEGABYTE)))
    assert status(wire) == 413
    block, pushed = b"x" * MEGABYTE, 0
    try:
        for _ in range(100):
            wire.sendall(block)
            pushed += 1
    except (ConnectionError, ssl.SSLError):
        pass  # closed in our face
    assert pushed < 100
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024  # kB


def body(inside: bytes, doctype: bytes = b"") -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>' + doctype + inside


ENVELOPE = b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>%s</s:Body></s:Envelope>'
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
BOMBS: list[tuple[str, bytes]] = [
    ("billion laughs", body(ENVELOPE % b"&l9;", b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]>")),
    ("quadratic entities", body(ENVELOPE % (b"&a;" * 50_000), b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 50_000 + b'">]>')),
    ("external entity", body(ENVELOPE % b"&e;", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>")),
    ("external entity by http", body(ENVELOPE % b"&e;", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'http://127.0.0.1:9/'>]>")),
    ("external DTD", body(ENVELOPE % b"<x/>", b"<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>")),
    ("parameter entity", body(ENVELOPE % b"<x/>", b"<!DOCTYPE x [<!ENTITY % p SYSTEM 'file:///etc/hostname'> %p;]>")),
    ("bare DOCTYPE", body(ENVELOPE % b"<x/>", b"<!DOCTYPE Envelope>")),
    ("depth of 100 000", body(ENVELOPE % (b"<a>" * 100_000 + b"</a>" * 100_000))),
    ("name of 20 MB", body(b"<" + b"a" * (20 * MEGABYTE) + b"/>")),
    ("attribute of 11 MB", body(b'<a b="' + b"b" * (11 * MEGABYTE) + b'"/>')),
    ("same attribute twice", body(ENVELOPE % b'<x a="1" a="2"/>')),
    ("unknown prefix", body(ENVELOPE % b"<p:x/>")),
    ("UTF-16 that says UTF-8", body(ENVELOPE % b"<x/>").decode().encode("utf-16")[:-1]),
    ("null character", body(ENVELOPE % b"<x>\x00</x>")),
    ("two roots", body(ENVELOPE % b"<x/>") * 1 + b"<x/>"),
    ("nothing", b""),
    ("JSON", b'{"Envelope": {}}'),
]


@pytest.mark.parametrize("sent", [case[1] for case in BOMBS], ids=[case[0] for case in BOMBS])
def test_xml_bombs(wire: ssl.SSLSocket, sent: bytes) -> None:
    started = time.monotonic()
    wire.sendall(head(b"Content-Length: %d" % len(sent)) + sent)
    assert status(wire) == 400
    assert time.monotonic() - started < 5


def test_an_include_of_another_file_is_only_text(caller: Caller) -> None:
    """XInclude is not processed: the element is an unknown body."""
    inside = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    answer = caller.client.post("/patients", messages.envelope(messages.EXISTENCE, caller.vihf(), inside))
    assert answer.codes == ["sandbox:QueryInvalid"]
    assert b"include" not in answer.body


# --- MIME parts of a deposit ------------------------------------------------------------------------
def deposit_bytes(caller: Caller) -> tuple[bytes, str, bytes]:
    """A good deposit, its Content-Type and its boundary."""
    sent, content_type = Lot((Document(),)).message(caller.vihf(), caller.signer)
    return sent, content_type, content_type.split('boundary="')[1].split('"')[0].encode()


def part(sent: bytes, boundary: bytes, name: bytes) -> bytes:
    """The bytes of one part, from its boundary to the next."""
    found = next(p for p in sent.split(b"--" + boundary)[1:] if b"Content-ID: <" + name in p)
    return b"--" + boundary + found


@pytest.mark.parametrize("name", [b"Document01@essai", b"Signature01@essai"])
def test_a_missing_part(caller: Caller, name: bytes) -> None:
    sent, content_type, boundary = deposit_bytes(caller)
    answer = caller.client.post("/repository", sent.replace(part(sent, boundary, name), b""), content_type)
    assert answer.codes == ["XDSMissingDocument"]
    assert caller.stored() == []


def test_a_part_twice(caller: Caller) -> None:
    sent, content_type, boundary = deposit_bytes(caller)
    one = part(sent, boundary, b"Document01@essai")
    assert caller.client.post("/repository", sent.replace(one, one * 2), content_type).codes == ["sandbox:MtomInvalid"]


def test_a_part_without_a_name(caller: Caller) -> None:
    sent, content_type, _ = deposit_bytes(caller)
    answer = caller.client.post("/repository", sent.replace(b"Content-ID: <Document01@essai>\r\n", b""), content_type)
    assert set(answer.codes) == {"XDSMissingDocument", "sandbox:MtomInvalid"}


def test_a_part_without_an_end_of_headers(caller: Caller) -> None:
    sent, content_type, _ = deposit_bytes(caller)
    broken = sent.replace(b"Content-ID: <Document01@essai>\r\n\r\n", b"Content-ID: <Document01@essai>\r\n")
    answer = caller.client.post("/repository", broken, content_type)
    assert answer.status == 400 or answer.codes
    assert caller.stored() == []


def test_the_last_boundary_is_missing(caller: Caller) -> None:
    sent, content_type, boundary = deposit_bytes(caller)
    cut = sent.replace(b"--" + boundary + b"--\r\n", b"")
    assert caller.client.post("/repository", cut, content_type).status == 400


def test_a_bit_changed_in_the_document(caller: Caller) -> None:
    sent, content_type, _ = deposit_bytes(caller)
    changed = sent.replace(b"JVBERi0xLjQKJeLjz9MK", b"JVBERi0xLjQKJeLjz9ML")
    assert caller.client.post("/repository", changed, content_type).codes == ["XDSRepositoryMetadataError"]


def test_an_envelope_of_soap_11_in_mtom(caller: Caller) -> None:
    sent, content_type, _ = deposit_bytes(caller)
    old = sent.replace(b"http://www.w3.org/2003/05/soap-envelope", b"http://schemas.xmlsoap.org/soap/envelope/")
    assert caller.client.post("/repository", old, content_type).codes == ["sandbox:Soap12Required"]


def test_a_bomb_in_the_document(caller: Caller) -> None:
    document = Document()
    sent, content_type = Lot((document,)).message(caller.vihf(), caller.signer)
    bomb = b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]><ClinicalDocument>&l9;</ClinicalDocument>"
    answer = caller.client.post("/repository", sent.replace(document.cda(), bomb), content_type)
    assert answer.codes == ["InvalidDocumentContent"]
    assert caller.stored() == []


def test_an_unsigned_assertion(caller: Caller) -> None:
    signed = caller.vihf()
    start, end = signed.index("<ds:Signature "), signed.index("</ds:Signature>") + len("</ds:Signature>")
    assert caller.exists(assertion=signed[:start] + signed[end:]).codes == ["sandbox:VihfSignature"]
