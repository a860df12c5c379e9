"""From the claims of userinfo to a national identity.

Shape: ANS, PSC-POC (SubjectNameID, SubjectRole « code^OID », SubjectRefPro.exercices). The code system of SubjectRole
varies between sources: the code alone is matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from perinat.connectors.pro_sante_connect.errors import IncompleteIdentityError, StudentError

STUDENT = "E"  # codeCategorieProfessionnelle


@dataclass(frozen=True, slots=True)
class Identity:
    """PS_IdNat (8 + RPPS) and profession (TRE_G15) under which she signed in."""

    ps_idnat: str
    profession: str


def identity(userinfo: Mapping[str, Any]) -> Identity:
    """Raises IncompleteIdentityError, StudentError."""
    ps_idnat = userinfo.get("SubjectNameID")
    roles = userinfo.get("SubjectRole")
    if not isinstance(ps_idnat, str) or not ps_idnat or not isinstance(roles, list) or not roles:
        raise IncompleteIdentityError("identity_incomplete")
    profession = str(roles[0]).partition("^")[0]
    categories = [category for code, category in _exercices(userinfo) if code == profession]
    if not profession or not categories:
        raise IncompleteIdentityError("profession_missing")
    if all(category == STUDENT for category in categories):  # same code for a midwife and a student midwife
        raise StudentError("student")
    return Identity(ps_idnat, profession)


def _exercices(userinfo: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    reference = userinfo.get("SubjectRefPro")
    exercices = reference.get("exercices") if isinstance(reference, dict) else None
    for exercice in exercices if isinstance(exercices, list) else []:
        if isinstance(exercice, dict):
            yield str(exercice.get("codeProfession", "")), str(exercice.get("codeCategorieProfessionnelle", ""))
