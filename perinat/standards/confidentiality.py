"""Who may read a document: the choices of its deposit, and the codes that carry them.

Three choices are codes of JDV_J58, written after N in the confidentialityCode of the metadata. The fourth, the secret
connection of a minor, is not a code of the document: the VIHF says it (EX_0.1-1100), and only documents hidden from
the legal representatives are handled so. It bears here the name that the HL7 v2 flow of the ANS gives it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from perinat.standards import codes
from perinat.standards.codes import Code

MASKED: Final = codes.MASQUE_PS.code
FROM_PATIENT: Final = codes.INVISIBLE_PATIENT.code
FROM_REPRESENTATIVES: Final = codes.INVISIBLE_REPRESENTANTS_LEGAUX.code
SECRET: Final = "CONNEXION_SECRETE"
CHOICES: Final = (*codes.MASKS, SECRET)
MAJORITY: Final = 18  # code civil, article 414, read on 22/11/2026

TOGETHER = (
    "Un document ne peut pas être à la fois masqué aux professionnels et invisible au patient : "
    "plus personne ne pourrait le lire. Choisissez l'un des deux."
)
UNKNOWN = "Ce choix de confidentialité n'existe pas."
NOT_A_MINOR = "La connexion secrète est réservée à une patiente mineure : ce papier n'est pas celui d'une mineure."


def normal(choices: Iterable[str]) -> list[str]:
    """The choices in one order, each once, without N; a secret connection hides from the legal representatives."""
    wanted = set(choices) - {codes.NORMAL.code}
    if SECRET in wanted:
        wanted.add(FROM_REPRESENTATIVES)
    return [*(choice for choice in CHOICES if choice in wanted), *sorted(wanted - set(CHOICES))]


def refusal(choices: Iterable[str], *, minor: bool) -> str:
    """French sentence when these choices are unknown, forbidden together (EX_2.1-1050) or not for this person."""
    wanted = set(normal(choices))
    if wanted - set(CHOICES):
        return UNKNOWN
    if {MASKED, FROM_PATIENT} <= wanted:
        return TOGETHER
    return NOT_A_MINOR if SECRET in wanted and not minor else ""


def masks_of(choices: Iterable[str]) -> tuple[Code, ...]:
    """The choices that are codes of the document, to be written after N."""
    return tuple(codes.MASKS[choice] for choice in normal(choices) if choice in codes.MASKS)


def is_minor(birth_date: date, *, on: date) -> bool:
    """Under eighteen that day."""
    not_yet = (on.month, on.day) < (birth_date.month, birth_date.day)
    return on.year - birth_date.year - not_yet < MAJORITY
