"""The TCP ports of a run: the usual ones, or free ones when another program holds them."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Callable
from dataclasses import dataclass

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port listened to on loopback."""

    web: int = 8000
    dmp: int = 8441
    dmp_admin: int = 8442
    psc: int = 8444
    smtp: int = 8587
    imap: int = 8143
    mail_admin: int = 8588
    annuaire: int = 8445
    annuaire_admin: int = 8446
    insi: int = 8447
    insi_admin: int = 8448
    dns: int = 8153  # UDP


LABELS = {
    "web": "des pages",
    "dmp": "du DMP de bac à sable",
    "dmp_admin": "de commande du DMP de bac à sable",
    "psc": "de Pro Santé Connect de bac à sable",
    "smtp": "d'envoi MSSanté de bac à sable",
    "imap": "de relève MSSanté de bac à sable",
    "mail_admin": "de commande de la MSSanté de bac à sable",
    "annuaire": "de l'Annuaire Santé de bac à sable",
    "annuaire_admin": "de commande de l'Annuaire Santé de bac à sable",
    "insi": "de l'INSi de bac à sable",
    "insi_admin": "de commande de l'INSi de bac à sable",
    "dns": "des noms de la MSSanté de bac à sable",
}


def is_free(port: int) -> bool:
    """Whether a server could listen there now (a closing connection of the run before does not count)."""
    with socket.socket() as probe, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
            datagrams.bind((HOST, port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """Distinct ports that nobody holds, chosen by the system."""
    probes = [socket.create_server((HOST, 0)) for _ in range(count)]
    try:
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def usual_ports(tell: Callable[[str], None]) -> Ports:
    """The usual ports; a busy one is replaced, and `tell` receives a French sentence about it."""
    ports = Ports()
    for name, label in LABELS.items():
        usual = getattr(ports, name)
        if not is_free(usual):
            chosen = free_ports(1)[0]
            tell(f"Le port {usual} ({label}) est déjà pris : {chosen} le remplace.")
            ports = dataclasses.replace(ports, **{name: chosen})
    return ports


def private_ports() -> Ports:
    """Free ports only: for a run that must not meet another one."""
    return Ports(*free_ports(len(LABELS)))
