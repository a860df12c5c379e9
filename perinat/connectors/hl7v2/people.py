"""PID → who: traits, numbers, INS with its state (IHE PAM, French national extension 2.11)."""

from __future__ import annotations

from perinat.connectors.hl7v2 import times
from perinat.connectors.hl7v2.er7 import Segment, require
from perinat.connectors.hl7v2.errors import TYPE, Hl7RefusedError
from perinat.standards import oids
from perinat.standards.identifiers import IdentifierError, Ins
from perinat.standards.pushed import PushedPerson

SEXES = {"F": "F", "M": "M"}
# PID-32 (table 0445 of PAM France, hl7.fr « fr-core-cs-fiabilite-identite » 2.1.0): beside VALI, these take it back
IN_DOUBT = frozenset(("DOUB", "DESA", "DPOT", "DOUA", "COLP", "COLV", "CACH", "ANOM", "USUR", "INVA", "FICT", "DOUT"))
NOT_AN_IPP = ("INS", "INS-C", "INS-NIR", "INS-NIA", "NH", "SNS", "SS")


def person(pid: Segment, *, needs_ipp: bool) -> PushedPerson:
    """`needs_ipp`: a movement names the person by her number in the site; a document may give her INS only.

    PID-32 VALI is kept as « validated »: with the matricule and its OID the identity is qualified (guide INS v3.0
    §2.2.2). Raises Hl7RefusedError: a trait missing, a false key, an unknown authority.
    """
    name = _name(pid, "L")
    given = pid.part(name, 3) or pid.part(name, 2)
    birthplace = _address(pid, ("BDL",))
    home = _address(pid, ("H", ""))
    ipp = ipp_of(pid, 3)
    if needs_ipp:
        require(ipp, "L'IPP (PID-3, type PI)", "PID^1^3")
    return PushedPerson(
        ipp=ipp,
        birth_family_name=require(pid.part(name, 1), "Le nom de naissance", "PID^1^5"),
        birth_given_names=require(given.replace(",", " "), "Le prénom de naissance", "PID^1^5"),
        birth_date=times.day(require(pid.get(7), "La date de naissance", "PID^1^7"), "PID^1^7"),
        sex=SEXES.get(pid.get(8), "U"),
        used_family_name=pid.part(_name(pid, "D", otherwise=False), 1),
        birth_place_cog=pid.part(birthplace, 9)[:5],
        ins=_ins(pid),
        validated=_is_validated(pid),
        phone=_phone(pid),
        address_line=pid.part(home, 1)[:120],
        postal_code=pid.part(home, 5)[:5],
        city=pid.part(home, 3)[:80],
        commune_cog=pid.part(home, 9)[:5],
    )


def _is_validated(pid: Segment) -> bool:
    """VALI, and nothing beside it that says the contrary: doubtful, fictitious, usurped, double…"""
    states = {pid.part(one, 1) for one in pid.repetitions(32)}
    return "VALI" in states and not states & IN_DOUBT


def ipp_of(segment: Segment, number: int) -> str:
    """The local number among the identifiers of a CX field: type PI, else the first that is no national one."""
    others = []
    for one in segment.repetitions(number):
        kind, authority = segment.part(one, 5), segment.part(one, 4, 2)
        if kind == "PI":
            return segment.part(one, 1)[:40]
        if kind not in NOT_AN_IPP and authority not in oids.INS_AUTHORITIES:
            others.append(segment.part(one, 1)[:40])
    return others[0] if others else ""


def _ins(pid: Segment) -> Ins | None:
    for one in pid.repetitions(3):
        authority = pid.part(one, 4, 2)
        if pid.part(one, 5) != "INS" and authority not in oids.INS_AUTHORITIES:
            continue
        try:
            return Ins(pid.part(one, 1), authority)
        except IdentifierError as error:
            raise Hl7RefusedError(error.message_fr, TYPE, "PID^1^3") from error
    return None


def _name(pid: Segment, kind: str, *, otherwise: bool = True) -> str:
    names = pid.repetitions(5)
    found = next((one for one in names if pid.part(one, 7) == kind), "")
    return found or (names[0] if names and otherwise else "")


def _address(pid: Segment, kinds: tuple[str, ...]) -> str:
    return next((one for one in pid.repetitions(11) if pid.part(one, 7) in kinds), "")


def _phone(pid: Segment) -> str:
    found = next((pid.part(one, 12) or pid.part(one, 1) for one in pid.repetitions(13)), "")
    plain = "".join(character for character in found if character.isdigit() or character == "+")
    return plain if len(plain) <= 20 else ""
