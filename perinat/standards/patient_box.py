"""The box of a person in Mon espace santé: its address, and what a matricule says of who it belongs to.

Address and key: Référentiel socle MSSanté #2, ECO.2.2.6 and §3.4.2.2 (read through a public digest); the local part is
the matricule, 13 characters and its key. Sex, year and month are those of the NIR (INSEE); a NIA has the same form.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr

from perinat.standards import oids
from perinat.standards.identifiers import IdentifierError, Ins

PATIENT_DOMAIN = "patient.mssante.fr"
_SEXES = {"1": "M", "3": "M", "7": "M", "2": "F", "4": "F", "8": "F"}


@dataclass(frozen=True, slots=True)
class Deduced:
    """What a sender compares before she writes (§3.4.2.2). `month` is 0 when the matricule does not say it."""

    sex: str
    year: int  # its two last digits
    month: int


def address_of(ins: Ins) -> str:
    """The address of this person; `ins` is valid, its key included. To be made when it is used, and kept nowhere."""
    return f"{ins.matricule}@{PATIENT_DOMAIN}"


def is_patient(address: str) -> bool:
    return address.strip().lower().endswith(f"@{PATIENT_DOMAIN}")


def matricule_of(address: str) -> str:
    """The matricule of an address of this domain; empty when it is none, or when its form or its key is wrong."""
    local = parseaddr(address)[1].partition("@")[0].upper()
    if not is_patient(address.strip().strip("<>")):
        return ""
    try:
        return Ins(local, oids.INS_NIR_TEST).matricule  # form and key are those of every authority
    except IdentifierError:
        return ""


def deduced(ins: Ins) -> Deduced:
    month = int(ins.matricule[3:5])
    return Deduced(_SEXES[ins.matricule[0]], int(ins.matricule[1:3]), month if 1 <= month <= 12 else 0)
