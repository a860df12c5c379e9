"""A hand-made TLS server that answers a script, one line for each request, and behaves badly on purpose."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import pytest

from coordination.ports import ChannelError, Parcel
from dmp_gateway.channel import DmpChannel
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.dmp_gateway import parcels

SOAP = "http://www.w3.org/2003/05/soap-envelope"
RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
OK = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
FAILURE = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"


@dataclass
class Exchange:
    """One request as it came, and the connection to answer on."""

    head: str
    body: bytes
    wire: ssl.SSLSocket

    @property
    def path(self) -> str:
        return self.head.split(" ", 2)[1]

    @property
    def message_id(self) -> str:
        found = re.search(rb"MessageID>(urn:uuid:[^<]+)<", self.body)
        return found[1].decode() if found else ""


Behaviour = Callable[[Exchange], bool]  # True: the connection stays open


@dataclass
class RoughServer:
    """`script` is consumed one behaviour for each request; when it is empty the connection is cut."""

    authority: SandboxAuthority
    script: list[Behaviour] = field(default_factory=list)
    requests: list[Exchange] = field(default_factory=list)
    connections: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> RoughServer:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.authority.server_pem, self.authority.server_key)
        self._context.load_verify_locations(self.authority.ca_pem)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for open_socket in self._open:  # idle connections kept by the client
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    @property
    def base_url(self) -> str:
        return f"https://127.0.0.1:{self._listener.getsockname()[1]}/services"

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(plain,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(5)
        try:
            with self._context.wrap_socket(plain, server_side=True) as wire:
                self.connections += 1
                self._open.append(wire)
                while (exchange := self._read(wire)) is not None:
                    self.requests.append(exchange)
                    behaviour = self.script.pop(0) if self.script else cut
                    if not behaviour(exchange):
                        return
        except OSError:
            plain.close()

    @staticmethod
    def _read(wire: ssl.SSLSocket) -> Exchange | None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = wire.recv(65_536)
            if not piece:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += wire.recv(65_536)
        return Exchange(head.decode("latin-1"), body, wire)


def cut(exchange: Exchange) -> bool:
    """The request is read, then the connection falls."""
    exchange.wire.shutdown(socket.SHUT_RDWR)
    return False


def http(status: int, body: bytes, content_type: str = "application/soap+xml; charset=UTF-8") -> Behaviour:
    """A whole HTTP answer."""

    def behave(exchange: Exchange) -> bool:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        exchange.wire.sendall(head.encode() + body)
        return True

    return behave


def envelope(body: str, relates_to: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
        f"<a:RelatesTo>{relates_to}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def soap(body: str, *, status: int = 200) -> Behaviour:
    """A SOAP answer to the request that came."""

    def behave(exchange: Exchange) -> bool:
        return http(status, envelope(body, exchange.message_id))(exchange)

    return behave


def td02(code: str = "OK", authorization: str = "VALIDE", patient: str = '<statusCode code="active"/>') -> str:
    """An answer of TD0.2."""
    return (
        '<PRPA_IN201308UV02 xmlns="urn:hl7-org:v3"><attentionLine><keyWordText code="AUTORISATION"/>'
        f'<value code="{authorization}"/></attentionLine><acknowledgement><typeCode code="AA"/></acknowledgement>'
        f"<controlActProcess><subject><patient>{patient}</patient></subject>"
        f'<queryAck><queryResponseCode code="{code}"/></queryAck></controlActProcess></PRPA_IN201308UV02>'
    )


def registered() -> str:
    return f'<rs:RegistryResponse xmlns:rs="{RS}" status="{OK}"/>'


def refused(*codes: str, context: str = "") -> str:
    errors = "".join(f'<rs:RegistryError errorCode="{code}" codeContext="{context}"/>' for code in codes)
    return (
        f'<rs:RegistryResponse xmlns:rs="{RS}" status="{FAILURE}"><rs:RegistryErrorList>{errors}'
        "</rs:RegistryErrorList></rs:RegistryResponse>"
    )


def found(*entry_uuids: str) -> str:
    """An answer of TD3.1b by reference."""
    references = "".join(f'<rim:ObjectRef id="{name}"/>' for name in entry_uuids)
    return (
        f'<q:AdhocQueryResponse xmlns:q="{QUERY}" xmlns:rim="{RIM}" status="{OK}">'
        f"<rim:RegistryObjectList>{references}</rim:RegistryObjectList></q:AdhocQueryResponse>"
    )


def fault(code: str, reason: str = "", *, party: str = "Sender") -> str:
    return (
        f'<soap:Fault xmlns:soap="{SOAP}"><soap:Code><soap:Value>soap:{party}</soap:Value><soap:Subcode>'
        f"<soap:Value>{code}</soap:Value></soap:Subcode></soap:Code><soap:Reason>"
        f'<soap:Text xml:lang="fr">{reason}</soap:Text></soap:Reason></soap:Fault>'
    )


OPEN = soap(td02())


def channel(server: RoughServer, **changes: Any) -> DmpChannel:
    """The channel pointed at `server`; `changes` go to its settings."""
    config = replace(parcels.config(server.authority.directory, server.base_url), **changes)
    return DmpChannel(lambda: config)


def fails(
    kind: type[ChannelError], server: RoughServer, *script: Behaviour, parcel: Parcel | None = None, **changes: Any
) -> ChannelError:
    """Submit against `script` and return the error, which must be exactly of `kind` and fit for a screen."""
    server.script = list(script)
    with pytest.raises(ChannelError) as raised:
        channel(server, **changes).submit(parcel or parcels.parcel())
    assert type(raised.value) is kind
    assert raised.value.message_fr.endswith(".") and "{" not in raised.value.message_fr
    return raised.value
