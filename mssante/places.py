"""Where the operator of a mailbox is: host and port of the settings, else the SRV records of its domain (ECO.1.1.9).

RFC 2782: lowest priority first, weights drawn inside one priority, a target « . » says « nothing here ». Answers are
kept for their TTL; when DNS is silent the last one serves on. The names asked are settings: they are general knowledge
(RFC 6186), and the référentiel was not obtained.
"""

from __future__ import annotations

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
UNKNOWN_FR = "Le serveur de la messagerie MSSanté n'a pas pu être trouvé (DNS)."
NOTHING_FR = "L'opérateur de cette boîte n'annonce aucune messagerie MSSanté pour ce domaine (DNS)."
_T = TypeVar("_T")


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

    def places(self, config: MssanteConfig, name: str) -> list[Place]:
        """Where `name` is served, in the order to try. Raises TemporaryChannelError: nowhere, or nobody says."""
        answer = self._answer(config, name)
        order = answer.processing_order() if answer else []  # RFC 2782: by priority, then drawn by weight
        where = [(str(one.target).rstrip("."), one.port) for one in order if isinstance(one, SRV)]
        where = [(host, port) for host, port in where if host]  # the target « . » (RFC 2782)
        if not where:
            raise TemporaryChannelError("SRV", NOTHING_FR, name)
        return where

    def _answer(self, config: MssanteConfig, name: str) -> dns.rrset.RRset | None:
        key = (config.dns, name)
        with self._lock:
            known = self._known.get(key)
        if known is not None and time.monotonic() < known.until:
            return known.answer
        try:
            found = _asked(config, name)
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


def _asked(config: MssanteConfig, name: str) -> _Known:
    """One question to the resolver. Raises DNSException: silence, refusal, nonsense."""
    resolver = dns.resolver.Resolver(configure=not config.dns)
    if config.dns:
        host, _, port = config.dns.rpartition(":")
        resolver.nameservers, resolver.port = [host], int(port)
    resolver.cache = None
    try:
        answer = resolver.resolve(name, "SRV", lifetime=min(config.timeout, LONGEST_SECONDS))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):  # an answer: there is nothing of this name
        return _Known(time.monotonic() + RETRY_SECONDS)
    ttl = answer.rrset.ttl if answer.rrset is not None else 0
    return _Known(time.monotonic() + ttl, answer.rrset)


_locator = Locator()


def submission(config: MssanteConfig, mailbox: str) -> list[Place]:
    """Where the mails of this box are handed over. Raises TemporaryChannelError."""
    if config.smtp_host:
        return [(config.smtp_host, config.smtp_port)]
    return _locator.places(config, f"{config.srv_submission}.{mailbox.rpartition('@')[2]}")


def collection(config: MssanteConfig, mailbox: str) -> list[Place]:
    """Where this box is read. Raises TemporaryChannelError."""
    if config.imap_host:
        return [(config.imap_host, config.imap_port)]
    return _locator.places(config, f"{config.srv_imap}.{mailbox.rpartition('@')[2]}")


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
