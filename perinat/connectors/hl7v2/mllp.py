"""MLLP as who sends: one message, one answer, one connection (HL7 v2 transport, MLLP release 1)."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass

from coordination.ports import ChannelError, TemporaryChannelError, UncertainChannelError
from perinat.connectors.hl7v2.conf import Hl7Config

START, END = b"\x0b", b"\x1c\r"
MAX_ANSWER = 64 * 1024
CHUNK = 16 * 1024
SILENT_FR = "Le dossier patient informatisé ne répond pas. perinat réessaie seul."
CUT_FR = "La liaison avec le dossier patient informatisé a été coupée avant sa réponse. perinat réessaie seul."
TLS_FR = "Le TLS avec le dossier patient informatisé ne s'établit pas : l'administrateur vérifie les certificats."


@dataclass(frozen=True, slots=True)
class Endpoint:
    host: str
    port: int


def exchange(message: bytes, endpoint: Endpoint, config: Hl7Config) -> bytes:
    """The bytes of the answer. Raises TemporaryChannelError (surely not received) or UncertainChannelError."""
    try:
        connection = _opened(endpoint, config)
    except ssl.SSLError as error:
        raise TemporaryChannelError("hl7v2:tls", TLS_FR, type(error).__name__) from error
    except OSError as error:
        raise TemporaryChannelError("hl7v2:connect", SILENT_FR, type(error).__name__) from error
    with connection:
        try:
            connection.sendall(START + message + END)
            return _answer(connection, time.monotonic() + config.timeout)
        except OSError as error:
            raise _cut(type(error).__name__) from error


def _opened(endpoint: Endpoint, config: Hl7Config) -> socket.socket:
    connection = socket.create_connection((endpoint.host, endpoint.port), timeout=config.timeout)
    if not config.uses_tls:
        return connection
    try:
        return client_context(config).wrap_socket(connection, server_hostname=endpoint.host)
    except OSError:
        connection.close()
        raise


def client_context(config: Hl7Config) -> ssl.SSLContext:
    """TLS 1.2 at least; our certificate is shown, theirs is signed by `client_ca` and bears their name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(config.client_ca)
    context.load_cert_chain(config.certificate, config.key)
    return context


def _answer(connection: socket.socket, limit: float) -> bytes:
    """One frame, whole, and nothing beside it."""
    received = b""
    while END not in received:
        left = limit - time.monotonic()
        if left <= 0 or len(received) > MAX_ANSWER:
            raise _cut("NO_ANSWER")
        connection.settimeout(left)
        chunk = connection.recv(CHUNK)
        if not chunk:
            raise _cut("CLOSED")
        received += chunk
    if not received.startswith(START) or not received.endswith(END) or received.count(END) > 1:
        raise _cut("NOT_A_FRAME")
    return received[1 : -len(END)]


def _cut(detail: str) -> ChannelError:
    """Perhaps received: told again under the same MSH-10."""
    return UncertainChannelError("hl7v2:cut", CUT_FR, detail)
