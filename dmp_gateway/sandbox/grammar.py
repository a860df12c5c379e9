"""Grammar of identifiers and HL7 v2 data types in XDS metadata (dmp.md §3.3).

Written from the published rules, apart from the client's own value types: keys of INS (97 − N mod 97,
2A→19, 2B→18) and Luhn digits of RPPS and FINESS are computed here a second time on purpose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from perinat.standards import oids

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_MATRICULE = re.compile(r"[1-478][0-9]{5}[0-9AB][0-9]{8}")
_CX = re.compile(r"([^^&|]+)\^\^\^&([0-9.]+)&ISO\^([A-Z]+)")
_UTC = re.compile(r"[0-9]{14}")
_TS = re.compile(r"([0-9]{8})([0-9]{2})?([0-9]{2})?([0-9]{2})?(?:\.[0-9]+)?([+-][0-9]{4})?")
_STRUCT = re.compile(r"1[0-9][0-9AB][0-9]{7}|[23][0-9]{9,14}|4[0-9]{11,14}|0[0-9]{8,9}")


def is_oid(value: str) -> bool:
    """An OID of at most 64 characters (Structuration minimale §3.5.5.4)."""
    return len(value) <= 64 and bool(_OID.fullmatch(value))


def luhn(digits: str) -> bool:
    """The last digit is the Luhn check digit of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_ins(matricule: str) -> bool:
    """15 characters with the right key."""
    if not _MATRICULE.fullmatch(matricule):
        return False
    number = matricule[:13]
    if matricule[6] in "AB":
        if matricule[5] != "2":
            return False
        number = number.replace("2A", "19", 1) if matricule[6] == "A" else number.replace("2B", "18", 1)
    return 97 - int(number) % 97 == int(matricule[13:])


def is_struct_idnat(value: str) -> bool:
    """Struct_IdNat: prefix and number; a FINESS (prefix 1) has its Luhn digit."""
    if not _STRUCT.fullmatch(value):
        return False
    return value[0] != "1" or luhn(value[1:].replace("A", "0").replace("B", "0"))


def is_ps_idnat(value: str) -> bool:
    """PS_IdNat: 8 + RPPS with its Luhn digit, or an internal identifier `3<FINESS>/<id>` and the like."""
    if re.fullmatch(r"8[0-9]{11}", value):
        return luhn(value[1:])
    return bool(re.fullmatch(r"[13456][0-9AB]{9,14}/[0-9A-Za-z._-]{1,20}|0[0-9]{9}", value))


@dataclass(frozen=True, slots=True)
class Cx:
    """CX: `<id>^^^&<OID>&ISO^<type>`, NH for an INS, PI for a local identifier."""

    identifier: str
    oid: str
    kind: str

    @property
    def is_national(self) -> bool:
        return self.kind == "NH" and self.oid in oids.INS_AUTHORITIES and is_ins(self.identifier)


def cx(value: str) -> Cx | None:
    """Read a CX; a trailing `^^<date>` seen in old samples is tolerated. None when it is not one."""
    match = _CX.fullmatch(re.sub(r"\^\^[0-9]{8,14}$", "", value))
    return Cx(match[1], match[2], match[3]) if match and is_oid(match[2]) else None


@dataclass(frozen=True, slots=True)
class Xcn:
    """XCN of a person: components 1, 2, 3, 9, 10, 13."""

    identifier: str
    family: str
    given: str


def xcn_fault(value: str) -> str:
    """French reason why `value` is not the XCN of a professional, empty when it is."""
    parts = value.split("^")
    if len(parts) < 13:
        return "l'XCN compte moins de 13 composants"
    if not parts[1]:
        return "le nom (composant 2) manque"
    if parts[8] != f"&{oids.PS_IDNAT}&ISO":
        return "l'autorité d'affectation (composant 9) n'est pas celle des PS_IdNat"
    if not is_ps_idnat(parts[0]):
        return "l'identifiant (composant 1) n'est pas un PS_IdNat"
    allowed = {("D", "IDNPS"), ("D", "EI"), ("U", "RI")}
    if (parts[9], parts[12]) not in allowed:
        return "les composants 10 et 13 ne sont pas D et IDNPS"
    if parts[0][0] == "8" and parts[12] != "IDNPS":
        return "le type (composant 13) d'un RPPS est IDNPS"
    if parts[9] == "D" and not parts[2]:
        return "le prénom (composant 3) manque"
    return ""


def xcn(value: str) -> Xcn:
    """Components of an XCN already checked by `xcn_fault`."""
    parts = value.split("^")
    return Xcn(parts[0], parts[1], parts[2])


def xon_fault(value: str) -> str:
    """French reason why `value` is not the XON of a structure, empty when it is."""
    parts = value.split("^")
    if len(parts) != 10:
        return "l'XON ne compte pas 10 composants"
    if not parts[0]:
        return "le nom (composant 1) manque"
    if parts[5] != f"&{oids.STRUCT_IDNAT}&ISO":
        return "l'autorité d'affectation (composant 6) n'est pas celle des Struct_IdNat"
    if parts[6] != "IDNST":
        return "le type (composant 7) n'est pas IDNST"
    if not is_struct_idnat(parts[9]):
        return "l'identifiant (composant 10) n'est pas un Struct_IdNat"
    return ""


def xon_identifier(value: str) -> str:
    """Struct_IdNat of an XON, empty when it has none."""
    parts = value.split("^")
    return parts[9] if len(parts) == 10 else ""


def utc_instant(value: str) -> datetime | None:
    """`AAAAMMJJHHMMSS` in UTC, as XDS metadata writes instants; None when it is not one."""
    if not _UTC.fullmatch(value):
        return None
    try:
        return datetime.strptime(value, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def hl7_instant_utc(value: str) -> str:
    """HL7 TS with offset → `AAAAMMJJHHMMSS` UTC; a date alone is given back as it is.

    Empty when `value` is not a TS, or has a time without offset (Structuration minimale).
    """
    match = _TS.fullmatch(value)
    if not match:
        return ""
    day, hour, minute, second, offset = match.groups()
    if not hour:
        return str(day)
    if not (minute and offset):
        return ""
    try:
        local = datetime.strptime(day + hour + minute + (second or "00"), "%Y%m%d%H%M%S")
    except ValueError:
        return ""
    sign = -1 if offset[0] == "-" else 1
    delta = sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
    return local.replace(tzinfo=timezone(delta)).astimezone(UTC).strftime("%Y%m%d%H%M%S")
