"""May this person be written to in Mon espace santé? One answer, for the page and for the worker at the last moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from coordination.models import BoxFault, Newborn, PatientMessaging, Person
from perinat.standards.confidentiality import is_minor
from perinat.standards.identifiers import IdentifierError, Ins
from perinat.standards.patient_box import deduced

INS, OPPOSED, CARERS_OPPOSED, APART, BOX = "INS", "OPPOSED", "CARERS_OPPOSED", "APART", "BOX"
MONTHS = (
    *("", "janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
NOT_QUALIFIED = (
    "L'INS de cette personne n'est pas qualifiée : son adresse dans Mon espace santé ne peut pas être formée. "
    "Rien ne part. Vérifiez son identité, puis écrivez-lui."
)
WRONG_KEY = "La clé du matricule INS est fausse : rien ne part. Vérifiez l'identité de cette personne."
SET_APART = "Le lien entre la mère et cet enfant a pris fin : on ne lui écrit plus depuis ce séjour."
MINOR = "Cette patiente est mineure : ses représentants légaux peuvent lire son espace santé."


@dataclass(frozen=True, slots=True)
class Closed:
    """Why nothing leaves, and what to do instead."""

    code: str
    message_fr: str


def qualified_ins(person: Person) -> Ins:
    """The INS from which the address is made, its key checked. Raises IdentifierError."""
    ins = person.ins
    if ins is None:
        raise IdentifierError(NOT_QUALIFIED)
    return ins


def messaging_of(person: Person) -> PatientMessaging:
    """What is recorded of her messaging; a row that is not saved when nothing is."""
    return PatientMessaging.objects.filter(person=person).first() or PatientMessaging(person=person)


def closed(person: Person) -> Closed | None:
    """What closes the way whatever her box answers: her identity, the end of a link, her opposition."""
    if Newborn.objects.filter(person=person, link_ended_at__isnull=False).exists():
        return Closed(APART, SET_APART)
    try:
        qualified_ins(person)
    except IdentifierError as error:
        return Closed(INS, error.message_fr if person.ins_status != "QUAL" else WRONG_KEY)
    opposed = messaging_of(person).opposed_at
    if opposed is not None:
        return Closed(
            OPPOSED,
            f"Opposition aux messages dans Mon espace santé, enregistrée le {_day(opposed)}. Rien ne part. "
            "Appelez, ou remettez un papier en main propre.",
        )
    return None


def closed_now(person: Person) -> Closed | None:
    """The same before somebody writes: a box that refused is not written to until somebody says that it is open."""
    found = closed(person)
    known = messaging_of(person)
    if found is not None or known.unavailable_since is None:
        return found
    return Closed(
        BOX,
        f"Sa boîte ne reçoit rien depuis le {_day(known.unavailable_since)} : {BoxFault(known.fault).label}. "
        "Appelez, ou remettez le message imprimé.",
    )


def carers_closed(person_id: UUID) -> Closed | None:
    """Her opposition to messages between the professionals who follow her (MSS/va1.22)."""
    rows = PatientMessaging.objects.filter(person_id=person_id, carers_opposed_at__isnull=False)
    since = rows.values_list("carers_opposed_at", flat=True).first()
    if since is None:
        return None
    return Closed(
        CARERS_OPPOSED,
        f"Opposition aux envois par messagerie entre professionnels, enregistrée le {_day(since)}. Rien ne part. "
        "Remettez-lui les papiers imprimés.",
    )


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """Her traits beside what her matricule says (§3.4.2.2). `differs`: somebody must confirm that it is her."""

    recorded: str
    told: str
    differs: bool


def identity_check(person: Person) -> IdentityCheck:
    """Raises IdentifierError: her INS is not qualified, or its key is wrong."""
    said = deduced(qualified_ins(person))
    born = person.birth_date
    month = f"{MONTHS[said.month]} " if said.month else ""
    sexes = {"F": "féminin", "M": "masculin", "U": "inconnu"}
    differs = (
        (person.sex in "FM" and person.sex != said.sex)
        or said.year != born.year % 100
        or (said.month != 0 and said.month != born.month)
    )
    return IdentityCheck(
        recorded=f"né{'e' if person.sex == 'F' else ''} le {born:%d/%m/%Y}, sexe {sexes[person.sex]}",
        told=f"sexe {sexes[said.sex]}, naissance en {month}{_century(born.year, said.year)}",
        differs=differs,
    )


def _century(year: int, two_digits: int) -> str:
    """The matricule says two digits: the century is that of the record."""
    return str(year - year % 100 + two_digits)


def reads_with_parents(person: Person) -> bool:
    return is_minor(person.birth_date, on=timezone.localdate())


def _day(at: datetime) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y}"
