"""INS Datamatrix: the text of the code ⇄ the claims it carries (ANS « Format datamatrix INS » v2.2.20230926).

Header of 26 characters, then fields S1…S7 in any order. A variable field that is neither full nor
last ends with GS (ASCII 29). Scanners used as keyboards lose it, or type « <GS> » or a space: the
reader takes all of these. The code is not signed: what it says must still be verified (INSi).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from perinat.standards.identifiers import IdentifierError, Ins

GS = "\x1d"
_HEADER = "IS01" + 22 * "0"
_NAME_MAX = 100
_OID_MAX = 20
_TEXT_MAX = 512  # the longest legal text has 294 characters; separators may be written out
_SYMBOLOGY = re.compile(r"\](d[0-6])")  # AIM prefix that some scanners add
_WRITTEN_SEPARATORS = re.compile(r"<GS>|[\t\r\n]+")
_NAME = re.compile(r"[A-Z'](?:[A-Z' -]{0,98}[A-Z'])?")
_VALUES = {  # fixed length, or up to the next field: names hold no digit, so « S » + digit opens a field
    "1": re.compile(r"[0-9A-Z]+?(?=[\x1d ]|S[1-7]|$)"),
    "2": re.compile(r"[0-9.]+"),
    "3": re.compile(r".+?(?=\x1d|S[1-7]|$)"),
    "4": re.compile(r".+?(?=\x1d|S[1-7]|$)"),
    "5": re.compile(r"."),
    "6": re.compile(r".{10}"),
    "7": re.compile(r".{5}"),
}
_COG = re.compile(r"(?:\d\d|2[AB])\d{3}", re.ASCII)
_LABELS = {
    "1": "le matricule INS",
    "2": "l'autorité d'affectation",
    "3": "les prénoms de naissance",
    "4": "le nom de naissance",
    "5": "le sexe",
    "6": "la date de naissance",
    "7": "le lieu de naissance",
}
_REQUIRED = "123456"


class DatamatrixError(ValueError):
    """The text is not a usable INS Datamatrix. `message_fr` says why and holds nothing of the person."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


@dataclass(frozen=True, slots=True)
class Claims:
    """What a Datamatrix says of a person.

    `given_names`: birth given names separated by spaces; names in capitals without accents; `sex`:
    M or F; `birth_place_cog`: five characters (99xxx abroad), empty when absent.
    """

    ins: Ins
    given_names: str
    family_name: str
    sex: str
    birth_date: date
    birth_place_cog: str = ""

    @property
    def is_production(self) -> bool:
        """A real person's INS: a sandbox must refuse it."""
        return self.ins.is_production


def read(text: str) -> Claims:
    """Read the text that a scanner gives. Raises DatamatrixError, one French sentence per fault."""
    return _claims(_fields(_body(text)))


def write(claims: Claims) -> str:
    """The text to encode, fields in order S1…S7. Raises DatamatrixError when a claim cannot be carried."""
    values = {
        "1": claims.ins.matricule,
        "2": claims.ins.oid,
        "3": claims.given_names,
        "4": claims.family_name,
        "5": claims.sex,
        "6": f"{claims.birth_date:%d-%m-}{claims.birth_date.year:04d}",
        "7": claims.birth_place_cog,
    }
    if _claims({field: value for field, value in values.items() if value}) != claims:
        raise DatamatrixError("Ces traits d'identité ne peuvent pas être portés par un datamatrix INS.")
    room = {"2": _OID_MAX, "3": _NAME_MAX, "4": _NAME_MAX}
    text = _HEADER
    for field, value in values.items():
        if value:
            text += f"S{field}{value}" + (GS if len(value) < room.get(field, 0) else "")
    return text


def _body(text: str) -> str:
    text = _SYMBOLOGY.sub("", text.strip(" \t\r\n"), count=1)
    if len(text) > _TEXT_MAX:
        raise DatamatrixError("Ce code n'est pas un datamatrix INS : il est trop long.")
    if not re.match(r"IS\d\d", text):
        raise DatamatrixError("Ce code n'est pas un datamatrix INS.")
    if not text.startswith("IS01"):
        raise DatamatrixError("Cette version du datamatrix INS n'est pas prise en charge.")
    if not text.startswith(_HEADER):
        raise DatamatrixError("L'en-tête du datamatrix INS est incomplet : le code est à scanner de nouveau.")
    return _WRITTEN_SEPARATORS.sub(GS, text[len(_HEADER) :])


def _fields(body: str) -> dict[str, str]:
    """Cut the body into values by field number."""
    fields: dict[str, str] = {}
    position = _skip(body, 0)
    while position < len(body):
        field = body[position + 1 : position + 2]
        if body[position] != "S" or field not in _VALUES:
            raise DatamatrixError("Le datamatrix INS contient un champ inconnu.")
        found = _VALUES[field].match(body, position + 2)
        if found is None:
            raise DatamatrixError(f"Le datamatrix INS est illisible : {_LABELS[field]}.")
        if field in fields:
            raise DatamatrixError(f"Le datamatrix INS donne deux fois {_LABELS[field]}.")
        fields[field] = found.group().strip(" ")
        position = _skip(body, found.end())
    return fields


def _skip(body: str, position: int) -> int:
    while body[position : position + 1] in (GS, " "):
        position += 1
    return position


def _claims(fields: dict[str, str]) -> Claims:
    missing = [_LABELS[field] for field in _REQUIRED if field not in fields]
    if missing:
        raise DatamatrixError(f"Il manque au datamatrix INS : {', '.join(missing)}.")
    for field in "34":
        if not _NAME.fullmatch(fields[field]):
            raise DatamatrixError(
                f"Le datamatrix INS est illisible : {_LABELS[field]} (100 lettres majuscules sans accent au plus)."
            )
    if fields["5"] not in ("M", "F"):
        raise DatamatrixError("Le datamatrix INS est illisible : le sexe (M ou F).")
    if "7" in fields and not _COG.fullmatch(fields["7"]):
        raise DatamatrixError("Le datamatrix INS est illisible : le lieu de naissance (code commune ou pays).")
    try:
        ins = Ins(fields["1"], fields["2"])
    except IdentifierError as error:
        raise DatamatrixError(error.message_fr) from error
    return Claims(ins, fields["3"], fields["4"], fields["5"], _birth_date(fields["6"]), fields.get("7", ""))


def _birth_date(text: str) -> date:
    if not re.fullmatch(r"\d{2}-\d{2}-\d{4}", text, re.ASCII):
        raise DatamatrixError("Le datamatrix INS est illisible : la date de naissance (JJ-MM-AAAA).")
    try:
        return datetime.strptime(text, "%d-%m-%Y").date()
    except ValueError as error:
        raise DatamatrixError("La date de naissance du datamatrix INS n'existe pas.") from error
