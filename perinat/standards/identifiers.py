"""National identifiers as validated value types: INS, PS_IdNat (RPPS), Struct_IdNat (FINESS), OID.

Sources: INS matricule and key — guide d'implémentation INS v3.0 §1 (key = 97 − N mod 97, Corsica
2A→19, 2B→18); PS_IdNat and Struct_IdNat prefixes — CI-SIS annex « Nomenclatures », IG PDSm4DMP
v0.1.0; FINESS and RPPS end with a Luhn digit.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from stdnum import luhn
from stdnum.exceptions import ValidationError

from perinat.standards import oids

_MATRICULE = re.compile(r"[1-478]\d{5}[0-9AB]\d{6}\d{2}", re.ASCII)  # int() would take other digits too
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)
OID_MAX_LENGTH = 64


class IdentifierError(ValueError):
    """An identifier breaks its own grammar. `message_fr` is fit for a screen and holds no value."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def ins_key(number: str) -> str:
    """Two-digit key of the 13 first characters of a matricule (digits, or A/B in position 7)."""
    substituted = number.replace("2A", "19", 1) if number[6] == "A" else number
    substituted = substituted.replace("2B", "18", 1) if number[6] == "B" else substituted
    return f"{97 - int(substituted) % 97:02d}"


@dataclass(frozen=True, slots=True)
class Ins:
    """A matricule never travels without the OID of its assigning authority (EXI ID 29)."""

    matricule: str
    oid: str

    def __post_init__(self) -> None:
        if not _MATRICULE.fullmatch(self.matricule):
            raise IdentifierError("Le matricule INS n'a pas la forme attendue (15 caractères).")
        letter = self.matricule[6]
        if letter in "AB" and self.matricule[5] != "2":
            raise IdentifierError("Le matricule INS n'a pas la forme attendue (département).")
        if ins_key(self.matricule[:13]) != self.matricule[13:]:
            raise IdentifierError("La clé du matricule INS est fausse.")
        if self.oid not in oids.INS_AUTHORITIES:
            raise IdentifierError("L'autorité d'affectation de l'INS est inconnue.")

    @property
    def cx(self) -> str:
        """HL7 CX as in XDS patientId and in the VIHF resource-id (dmp.md §2, §3.3)."""
        return f"{self.matricule}^^^&{self.oid}&ISO^NH"

    @property
    def is_production(self) -> bool:
        return self.oid in oids.INS_PRODUCTION


def _require_luhn(value: str, message_fr: str) -> None:
    try:
        luhn.validate(value)
    except ValidationError as error:
        raise IdentifierError(message_fr) from error


@dataclass(frozen=True, slots=True)
class Rpps:
    """Répertoire partagé des professionnels: 11 digits, Luhn."""

    number: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d{11}", self.number, re.ASCII):
            raise IdentifierError("Un numéro RPPS compte 11 chiffres.")
        _require_luhn(self.number, "La clé du numéro RPPS est fausse.")

    @property
    def ps_idnat(self) -> str:
        """PS_IdNat: prefix 8 for an RPPS number."""
        return f"8{self.number}"


@dataclass(frozen=True, slots=True)
class Finess:
    """FINESS number of a legal entity (EJ) or of a site (EG): 9 characters, Luhn."""

    number: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d[0-9AB]\d{7}", self.number, re.ASCII):
            raise IdentifierError("Un numéro FINESS compte 9 caractères.")
        digits = self.number.replace("A", "0").replace("B", "0")
        _require_luhn(digits, "La clé du numéro FINESS est fausse.")

    @property
    def struct_idnat(self) -> str:
        """Struct_IdNat: prefix 1 for a FINESS number."""
        return f"1{self.number}"


def check_oid(value: str) -> str:
    """Return `value` when it is an OID of at most 64 characters (Structuration minimale §3.5.5.4)."""
    if len(value) > OID_MAX_LENGTH or not _OID.fullmatch(value):
        raise IdentifierError("L'identifiant n'est pas un OID valide de 64 caractères au plus.")
    return value


def oid_from_uuid(value: uuid.UUID) -> str:
    """The OID of a UUID under 2.25 (ITU-T X.667): 44 characters at most, no extension needed."""
    return f"2.25.{value.int}"
