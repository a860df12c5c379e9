"""Step 1: a mother's stay is recorded, her newborns, her discharge and who follows her."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from coordination import audit
from coordination.models import (
    CareRole,
    CareTeamMember,
    InsStatus,
    LocalIdentifier,
    Newborn,
    Organisation,
    Person,
    Professional,
    Stay,
    User,
)
from coordination.services import handovers
from perinat.standards.identifiers import IdentifierError, Ins


class StayRefusedError(Exception):
    """The stay cannot be recorded: `problems` are French sentences, one per field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """Strict traits as typed or received. `ins` only with `qualified`. `ipp`: number in the site."""

    birth_family_name: str
    birth_given_names: str
    birth_date: date
    sex: str
    ipp: str
    used_family_name: str = ""
    birth_place_cog: str = ""
    ins: Ins | None = None
    qualified: bool = False
    phone: str = ""
    address_line: str = ""
    postal_code: str = ""
    city: str = ""
    commune_cog: str = ""


@dataclass(frozen=True, slots=True)
class NewbornEntry:
    person: PersonEntry
    rank: int
    born_at: datetime
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class StayEntry:
    """One stay as the form, a CSV line or a hospital flow gives it. Instants are aware."""

    number: str
    mother: PersonEntry
    admitted_at: datetime
    birth_at: datetime | None = None
    birth_mode: str = ""
    expected_discharge_at: datetime | None = None
    discharged_at: datetime | None = None
    room: str = ""
    physician: Professional | None = None
    destination_cog: str = ""
    destination_city: str = ""
    needs: tuple[str, ...] = ()
    newborns: tuple[NewbornEntry, ...] = ()
    midwife: Professional | None = None
    general_practitioner: Professional | None = None
    informed_at: datetime | None = None
    warnings: list[str] = field(default_factory=list)


def normalise_name(text: str) -> str:
    """Upper case A–Z, space, hyphen, apostrophe (INSi writing rules). Raises IdentifierError otherwise."""
    expanded = text.strip().replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE")
    plain = unicodedata.normalize("NFKD", expanded.replace("’", "'"))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).upper()
    cleaned = " ".join(letters.split())
    if not cleaned or any(not ("A" <= c <= "Z" or c in " -'") for c in cleaned):
        raise IdentifierError("Un nom ou un prénom ne contient que des lettres, espaces, tirets et apostrophes.")
    return cleaned


@transaction.atomic
def record(entry: StayEntry, *, maternity: Organisation, by: User) -> Stay:
    """Create the stay or bring it up to date (same site, same number). Opens the relay to town.

    Raises StayRefusedError with every problem at once; nothing is written then.
    """
    _require_coherent(entry)
    mother = _person(entry.mother, maternity)
    stay, created = Stay.objects.update_or_create(
        maternity=maternity,
        number=entry.number,
        defaults={
            "mother": mother,
            "room": entry.room,
            "admitted_at": entry.admitted_at,
            "birth_at": entry.birth_at,
            "birth_mode": entry.birth_mode,
            "expected_discharge_at": entry.expected_discharge_at,
            "discharged_at": entry.discharged_at,
            "physician": entry.physician,
            "destination_cog": entry.destination_cog or mother.commune_cog,
            "destination_city": entry.destination_city or mother.city,
            "needs": list(entry.needs),
        },
    )
    for newborn in entry.newborns:
        Newborn.objects.update_or_create(
            stay=stay,
            rank=newborn.rank,
            defaults={
                "person": _person(newborn.person, maternity),
                "born_at": newborn.born_at,
                "weight_g": newborn.weight_g,
            },
        )
    audit.record("stay.recorded" if created else "stay.updated", by=by, subject=stay)
    _care_team(stay, entry, by)
    handovers.open_for(stay, by=by)
    return stay


def _require_coherent(entry: StayEntry) -> None:
    problems = []
    leaves = entry.discharged_at or entry.expected_discharge_at
    if entry.birth_at and leaves and leaves < entry.birth_at:
        problems.append("La sortie précède la naissance.")
    if entry.birth_at and entry.birth_at < entry.admitted_at:
        problems.append("La naissance précède l'entrée.")
    ranks = [n.rank for n in entry.newborns]
    if len(set(ranks)) != len(ranks):
        problems.append("Deux nouveau-nés ont le même rang.")
    for person in [entry.mother, *(n.person for n in entry.newborns)]:
        try:
            normalise_name(person.birth_family_name)
            normalise_name(person.birth_given_names)
        except IdentifierError as error:
            problems.append(error.message_fr)
        if person.qualified and person.ins is None:
            problems.append("Une identité qualifiée porte un matricule INS et son OID.")
    if problems:
        raise StayRefusedError(sorted(set(problems)))


def _person(entry: PersonEntry, site: Organisation) -> Person:
    """The person of this IPP in this site, else of this INS, else a new one. Never merges by name."""
    known = LocalIdentifier.objects.filter(organisation=site, value=entry.ipp).select_related("person").first()
    person = known.person if known else None
    if person is None and entry.ins is not None:
        person = Person.objects.filter(ins_matricule=entry.ins.matricule, ins_oid=entry.ins.oid).first()
    person = person or Person()
    person.birth_family_name = normalise_name(entry.birth_family_name)
    person.birth_given_names = normalise_name(entry.birth_given_names)
    person.used_family_name = normalise_name(entry.used_family_name) if entry.used_family_name else ""
    person.birth_date, person.sex = entry.birth_date, entry.sex
    for name in ("birth_place_cog", "phone", "address_line", "postal_code", "city", "commune_cog"):
        setattr(person, name, getattr(entry, name) or getattr(person, name))
    if entry.ins is not None:
        _set_ins(person, entry.ins, qualified=entry.qualified)
    person.save()
    LocalIdentifier.objects.get_or_create(organisation=site, person=person, defaults={"value": entry.ipp})
    return person


def _set_ins(person: Person, ins: Ins, *, qualified: bool) -> None:
    person.ins_matricule, person.ins_oid = ins.matricule, ins.oid
    was = person.ins_status
    person.ins_status = InsStatus.QUAL if qualified else InsStatus.RECUP
    if qualified and was != InsStatus.QUAL:
        person.ins_qualified_at = timezone.now()


@transaction.atomic
def qualify(person: Person, ins: Ins, *, by: User) -> None:
    """The identity becomes qualified: what was held for its INS is released by the periodic task."""
    _set_ins(person, ins, qualified=True)
    person.save()
    audit.record("identity.qualified", by=by, subject=person)


def _care_team(stay: Stay, entry: StayEntry, by: User) -> None:
    for role, professional in ((CareRole.MIDWIFE, entry.midwife), (CareRole.GP, entry.general_practitioner)):
        if professional is not None:
            join_care_team(stay, professional, role=role, informed_at=entry.informed_at, by=by)


@transaction.atomic
def join_care_team(
    stay: Stay, professional: Professional, *, role: CareRole, informed_at: datetime | None, by: User
) -> CareTeamMember:
    """The mother chose this professional; `informed_at` dates her information and non-opposition."""
    member = CareTeamMember.objects.filter(
        stay=stay, professional=professional, role=role, ended_at__isnull=True
    ).first()
    if member is not None:
        if member.informed_at is None and informed_at is not None:
            member.informed_at = informed_at
            member.save(update_fields=["informed_at"])
        return member
    audit.record("care_team.joined", by=by, subject=stay, professional=str(professional.pk), role=str(role))
    return CareTeamMember.objects.create(
        stay=stay,
        professional=professional,
        role=role,
        chosen_at=timezone.now(),
        informed_at=informed_at,
        declared_by=by,
    )


@transaction.atomic
def discharge(stay: Stay, *, at: datetime, by: User) -> None:
    """The mother has left: the clocks of the first visit run from this instant."""
    stay.discharged_at = at
    stay.save(update_fields=["discharged_at"])
    audit.record("stay.discharged", by=by, subject=stay)
    handovers.reset_clock(stay)
