"""Settings of the connector, read at use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from coordination.ports import Intake


@dataclass(frozen=True, slots=True)
class Hl7Config:
    """One reading of the settings. Times in seconds, sizes in bytes.

    `senders`: « MSH-3@MSH-4 » → account of the ward in whose name its messages are taken. `certificate`, `key`: PEM
    paths of the server; `client_ca`: PEM of who signs the certificates that senders must show. `reports_to`: sender →
    « host:port » that takes what became of its documents, with the same certificates. `strict_rules`: a combination of
    metadata outside the matrix of the guide is refused, else told in the answer.
    """

    senders: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 2575
    max_bytes: int = 30 * 1024 * 1024
    timeout: float = 30.0
    idle_timeout: float = 3600.0
    max_connections: int = 8
    certificate: str = ""
    key: str = ""
    client_ca: str = ""
    reports_to: Mapping[str, str] = field(default_factory=dict)
    strict_rules: bool = False

    def report_endpoint(self, sender: str) -> tuple[str, int] | None:
        """Where this sender is told what became of its documents; None when it is not set, or is no address."""
        host, _, port = self.reports_to.get(sender, "").rpartition(":")
        return (host, int(port)) if host and port.isascii() and port.isdigit() and 0 < int(port) < 65536 else None

    @property
    def first_account(self) -> str:
        """Whose ward is told of a message that names no known sender; empty when nobody is."""
        return next(iter(self.senders.values()), "")

    @property
    def uses_tls(self) -> bool:
        return bool(self.certificate and self.key and self.client_ca)

    @property
    def is_loopback(self) -> bool:
        return is_local(self.host)


def is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def load() -> Hl7Config:
    return Hl7Config(
        senders=settings.HL7V2_SENDERS,
        host=settings.HL7V2_HOST,
        port=settings.HL7V2_PORT,
        max_bytes=settings.HL7V2_MAX_BYTES,
        timeout=settings.HL7V2_TIMEOUT,
        idle_timeout=settings.HL7V2_IDLE_TIMEOUT,
        max_connections=settings.HL7V2_MAX_CONNECTIONS,
        certificate=settings.HL7V2_CERTIFICATE,
        key=settings.HL7V2_KEY,
        client_ca=settings.HL7V2_CLIENT_CA,
        reports_to=settings.HL7V2_REPORTS_TO,
        strict_rules=settings.HL7V2_MSS_RULES == "strict",
    )


def intake() -> Intake:
    """The function named by INTAKE."""
    return cast(Intake, import_string(settings.INTAKE))
