"""The trust space: the domains of `listeblanchemssante.xml`, published by ANS.

Namespace `https://listeblanche.mssante.fr/schema`, one `Domaine/Nom` each, some internationalised. The
operator refuses other domains by itself; knowing it beforehand gives the sentence at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from coordination.ports import PermanentChannelError, TemporaryChannelError
from perinat.standards import xml

NAMESPACE = "https://listeblanche.mssante.fr/schema"
_MAX_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TrustSpace:
    """Domains, in ASCII (IDNA) and lower case."""

    domains: frozenset[str]

    def holds(self, address: str) -> bool:
        return _ascii_domain(address.rpartition("@")[2]) in self.domains


def parse(data: bytes) -> TrustSpace:
    """Read the list. Raises xml.XmlError: unreadable, or a list without any domain."""
    root = xml.parse(data, max_bytes=_MAX_BYTES)
    names = root.iterfind(f".//{{{NAMESPACE}}}Domaine/{{{NAMESPACE}}}Nom")
    domains = frozenset(_ascii_domain(name.text) for name in names if name.text)
    if not domains:
        raise xml.XmlError("La liste blanche MSSanté ne contient aucun domaine.")
    return TrustSpace(domains)


def load(path: Path) -> TrustSpace:
    """The list kept at `path`, read again when it changes. Raises OSError or xml.XmlError."""
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: Path, _stamp: int) -> TrustSpace:
    return parse(path.read_bytes())


def check(address: str, path: Path | None) -> None:
    """Refuse an address outside of the trust space; without a list, the operator is the judge.

    Raises PermanentChannelError (outside), TemporaryChannelError (list absent or unreadable).
    """
    if path is None:
        return
    try:
        space = load(path)
    except (OSError, xml.XmlError) as error:
        message_fr = "La liste des domaines MSSanté est illisible : l'envoi attend."
        raise TemporaryChannelError("TRUST_LIST", message_fr, type(error).__name__) from error
    if not space.holds(address):
        raise PermanentChannelError(
            "TRUST_SPACE", "L'adresse n'appartient pas à l'espace de confiance MSSanté : l'envoi n'est pas possible."
        )


def _ascii_domain(domain: str) -> str:
    name = domain.strip().rstrip(".").lower()
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
