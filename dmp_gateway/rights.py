"""Who may do what: the rights matrices of the DMP, normal access (dmp.md §1.9).

PDT-INF-526 v1.8 (INDIRECTE) and PDT-INF-606 v1.3 of 08/07/2025 (AIR). The DMP enforces them; perinat
keeps to them beforehand, so that what cannot be done is neither offered nor sent.
"""

from __future__ import annotations

import enum
from types import MappingProxyType

from coordination.ports import RecordAct as Act
from coordination.ports import Scope


class Mode(enum.StrEnum):
    """Authentification_Mode of the VIHF. perinat has no card reader: never DIRECTE."""

    INDIRECTE = "INDIRECTE"  # certificates of the organisation, user authenticated by it
    AIR = "INDIRECTE_RENFORCEE"  # the same, user strongly authenticated (Pro Santé Connect)


class Role(enum.StrEnum):
    """Column of the AIR matrix."""

    PROFESSIONAL = "PS"
    OTHER = "PE"


_YES, _OWN, _STRUCTURE = Scope.YES, Scope.OWN, Scope.STRUCTURE

_INDIRECTE = {
    Act.TEST: _YES,
    Act.ADMINISTRATIVE: _YES,
    Act.LIST_PATIENTS: _YES,  # limited by date to new authorisations
    Act.DEPOSIT: _STRUCTURE,
    Act.FIND_REFERENCE: _STRUCTURE,
    Act.DELETE: _STRUCTURE,
}
_AIR_PROFESSIONAL = {
    Act.TEST: _YES,
    Act.ADMINISTRATIVE: _YES,
    Act.AUTHORIZE: _YES,
    Act.REVOKE: _YES,
    Act.LIST_PATIENTS: _YES,
    Act.LIST_ACCESSES: _YES,
    Act.SEARCH: _YES,
    Act.FIND_REFERENCE: _YES,
    Act.READ: _YES,  # masked documents: only her own, or the treating doctor; the DMP does not list the others
    Act.MASK: _YES,
    Act.UNMASK: _OWN,
    Act.REVEAL: _YES,
    Act.DELETE: _OWN,
    Act.ARCHIVE: _OWN,
}
_AIR_OTHER = {
    Act.TEST: _YES,
    Act.ADMINISTRATIVE: _YES,
    Act.AUTHORIZE: _STRUCTURE,
    Act.LIST_PATIENTS: _STRUCTURE,
    Act.FIND_REFERENCE: _YES,
    Act.DELETE: _STRUCTURE,
}
_MATRIX = MappingProxyType(
    {
        (Mode.INDIRECTE, Role.PROFESSIONAL): _INDIRECTE,
        (Mode.INDIRECTE, Role.OTHER): _INDIRECTE,
        (Mode.AIR, Role.PROFESSIONAL): _AIR_PROFESSIONAL,
        (Mode.AIR, Role.OTHER): _AIR_OTHER,
    }
)


def rights(mode: Mode, role: Role) -> dict[Act, Scope]:
    """What the mode gives to the role; an act that is absent is not given."""
    return dict(_MATRIX[mode, role])


def scope(mode: Mode, role: Role, act: Act) -> Scope:
    """How far the right to one act reaches."""
    return _MATRIX[mode, role].get(act, Scope.NO)


def role(profession: str) -> Role:
    """Column of a profession code: TRE_G15 codes are numbers, the others are not health professionals."""
    return Role.PROFESSIONAL if profession.isdigit() else Role.OTHER
