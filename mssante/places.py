"""Where the operator of a mailbox is: host and port of the settings, else the SRV records of its domain (ECO.1.1.9).

RFC 2782: lowest priority first, weights drawn inside one priority, a target « . » says « nothing here ». Answers are
kept for their TTL; when DNS is silent the last one serves on. The names asked are settings: they are general knowledge
(RFC 6186), and the référentiel was not obtained.

DNS is not signed, and every operator holds a certificate of the same authority: a forged answer could lead a token and
letters to another one. A target is believed under the domain of the mailbox, or where MSSANTE_SRV_TARGETS says
(RFC 6186 §6); the certificate then bears its name.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import dns.exception
import dns.resolver
import dns.rrset
from dns.rdtypes.IN.SRV import SRV

from coordination.ports import TemporaryChannelError
from mssante.conf import MssanteConfig

logger = logging.getLogger(__name__)
Place = tuple[str, int]  # host, port
RETRY_SECONDS = 60.0  # after a silence, before DNS is asked again
LONGEST_SECONDS = 5.0  # of one question
LONGEST_KEPT = 86_400.0  # whatever its TTL: what is wrong does not last
DNS_PORT = 53
UNKNOWN_FR = "Le serveur de la messagerie MSSanté n'a pas pu être trouvé (DNS)."
NOTHING_FR = "L'opérateur de cette boîte n'annonce aucune messagerie MSSanté pour ce domaine (DNS)."
ELSEWHERE_FR = "La messagerie MSSanté annoncée pour ce domaine (DNS) est ailleurs que prévu : elle n'est pas contactée."
_T = TypeVar("_T")


class _ElsewhereError(dns.exception.DNSException):
    """Every target of the answer is out of the places that may be believed."""


@dataclass(slots=True)
class _Known:
    """One answer. `until`: monotonic; an empty answer says that the service is not there."""

    until: float
    answer: dns.rrset.RRset | None = None


class Locator:
    """The SRV answers of this process. Thread-safe."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], _Known] = {}
        self._lock = threading.Lock()

    def places(self, config: MssanteConfig, service: str, domain: str) -> list[Place]:
        """Where `service` of this domain is, in the order to try. Raises TemporaryChannelError: nowhere."""
        answer = self._answer(config, service, domain)
        where = [place for place in _targets(answer) if _believed(config, domain, place)]
        if not where:
            raise TemporaryChannelError("SRV", NOTHING_FR, domain)
        return where

    def _answer(self, config: MssanteConfig, service: str, domain: str) -> dns.rrset.RRset | None:
        key = (config.dns, f"{service}.{domain}")
        with self._lock:
            known = self._known.get(key)
        if known is not None and time.monotonic() < known.until:
            return known.answer
        try:
            found = _asked(config, service, domain)
        except _ElsewhereError as error:
            logger.error("mssante.dns_elsewhere")
            if known is None:
                raise TemporaryChannelError("SRV_TARGET", ELSEWHERE_FR, domain) from error
            found = _Known(time.monotonic() + RETRY_SECONDS, known.answer)
        except dns.exception.DNSException as error:
            logger.warning("mssante.dns_silent cause=%s", type(error).__name__)
            if known is None:
                raise TemporaryChannelError("DNS", UNKNOWN_FR, type(error).__name__, of_channel=True) from error
            found = _Known(time.monotonic() + RETRY_SECONDS, known.answer)
        with self._lock:
            self._known[key] = found
        return found.answer

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


def _asked(config: MssanteConfig, service: str, domain: str) -> _Known:
    """One question to the resolver. Raises DNSException: silence, refusal, nonsense, targets that are not believed."""
    resolver = dns.resolver.Resolver(configure=not config.dns)
    if config.dns:
        try:
            host, resolver.port = resolver_at(config.dns)
        except ValueError as error:  # told by the check: nothing else stops
            raise TemporaryChannelError("DNS", UNKNOWN_FR, "MSSANTE_DNS", of_channel=True) from error
        resolver.nameservers = [host]
    resolver.cache = None
    try:
        answer = resolver.resolve(f"{service}.{domain}", "SRV", lifetime=min(config.timeout, LONGEST_SECONDS))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):  # an answer: there is nothing of this name
        return _Known(time.monotonic() + RETRY_SECONDS)
    told = _targets(answer.rrset)
    if told and not any(_believed(config, domain, place) for place in told):
        raise _ElsewhereError
    ttl = answer.rrset.ttl if answer.rrset is not None else 0
    return _Known(time.monotonic() + min(ttl, LONGEST_KEPT), answer.rrset)


def _targets(answer: dns.rrset.RRset | None) -> list[Place]:
    """By priority, then drawn by weight (RFC 2782), without the target « . »."""
    order = answer.processing_order() if answer else []
    where = [(str(one.target).rstrip("."), one.port) for one in order if isinstance(one, SRV)]
    return [(host, port) for host, port in where if host]


def _believed(config: MssanteConfig, domain: str, place: Place) -> bool:
    host = place[0].lower()
    return any(host == end or host.endswith(f".{end}") for end in (domain.lower(), *config.srv_targets))


def resolver_at(text: str) -> Place:
    """`address`, `address:port` or `[address]:port`. Raises ValueError."""
    try:
        return str(ipaddress.ip_address(text)), DNS_PORT
    except ValueError:
        host, _, port = text.rpartition(":")
    if not 0 < int(port) < 65_536:
        raise ValueError(text)
    return str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))), int(port)


_locator = Locator()


def submission(config: MssanteConfig, mailbox: str) -> list[Place]:
    """Where the mails of this box are handed over. Raises TemporaryChannelError."""
    if config.smtp_host:
        return [(config.smtp_host, config.smtp_port)]
    return _locator.places(config, config.srv_submission, mailbox.rpartition("@")[2])


def collection(config: MssanteConfig, mailbox: str) -> list[Place]:
    """Where this box is read. Raises TemporaryChannelError."""
    if config.imap_host:
        return [(config.imap_host, config.imap_port)]
    return _locator.places(config, config.srv_imap, mailbox.rpartition("@")[2])


def first(where: Sequence[Place], connect: Callable[[Place], _T]) -> _T:
    """The first place that can be reached and believed. Raises what `connect` raised at the last one."""
    for place in where[:-1]:
        try:
            return connect(place)
        except TemporaryChannelError as error:
            if error.code not in ("UNREACHABLE", "IMAP", "TLS"):  # it was reached, and said no
                raise
            logger.warning("mssante.next_server code=%s", error.code)
    return connect(where[-1])
