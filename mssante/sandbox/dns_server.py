"""A tiny DNS server on the loopback, over UDP: it answers the SRV records that the administrator gives (PUT /dns).

A real socket and real messages (dnspython writes them), so that autoconfiguration is resolved for real (ECO.1.1.9).
"""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

HOST = "127.0.0.1"


class DnsError(ValueError):
    """What the administrator asks is not a record; in French."""


@dataclass(frozen=True, slots=True)
class Record:
    """One SRV record. `target` « . »: the service is not there (RFC 2782)."""

    name: str
    target: str
    port: int = 0
    priority: int = 0
    weight: int = 0
    ttl: int = 60

    @property
    def text(self) -> str:
        return f"{self.priority} {self.weight} {self.port} {self.target}"


def record_from(values: dict[str, Any]) -> Record:
    """Raises DnsError."""
    try:
        record = Record(**values)
        dns.rrset.from_text(record.name, record.ttl, "IN", "SRV", record.text)
    except (TypeError, ValueError, dns.exception.DNSException) as error:
        raise DnsError("Un enregistrement SRV a un nom (name), une cible (target), un port et des nombres.") from error
    return record


class DnsServer:
    """Port 0: a free one, known once made. `silent`: it hears and does not answer."""

    def __init__(self, port: int = 0) -> None:
        self.records: list[Record] = []
        self.silent = False
        self.asked: list[str] = []
        self._server = socketserver.ThreadingUDPServer((HOST, port), self._handler())
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="mssante-dns", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """The socket is bound from the start: it is given back even when nobody has been served."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        zone = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, socket = self.request
                answer = zone.answer(data)
                if answer is not None:
                    socket.sendto(answer, self.client_address)

        return Handler

    def answer(self, data: bytes) -> bytes | None:
        """The answer to one question; None when it is silent, or when this is no question."""
        try:
            question = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return None
        if self.silent or len(question.question) != 1:
            return None
        name = question.question[0].name
        self.asked.append(name.to_text())
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.AA | dns.flags.RA
        found = [record for record in self.records if record.name.rstrip(".").lower() == name.to_text(True).lower()]
        if not found:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif question.question[0].rdtype == dns.rdatatype.SRV:
            texts = [record.text for record in found]
            reply.answer.append(dns.rrset.from_text(name, found[0].ttl, dns.rdataclass.IN, dns.rdatatype.SRV, *texts))
        return reply.to_wire()
