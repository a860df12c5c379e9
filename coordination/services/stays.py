"""Step 1: a mother's stay is recorded, her newborns, her discharge and who follows her."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from coordination import audit
from coordination.models import (
    BirthMode,
    CareRole,
    CareTeamMember,
    Newborn,
    Organisation,
    Person,
    Professional,
    Stay,
    User,
    WorkItemKind,
)
from coordination.services import exits, handovers, identities, routing, worklist
from coordination.services.identities import IdentityRefusedError, PersonEntry, normalise_name, qualify

__all__ = [
    "NewbornEntry",
    "PersonEntry",
    "StayEntry",
    "StayRefusedError",
    "cancel_discharge",
    "discharge",
    "join_care_team",
    "normalise_name",
    "qualify",
    "record",
]


RANKS_APART = 50  # where ranks wait while two children exchange theirs


class StayRefusedError(Exception):
    """The stay cannot be recorded: `problems` are French sentences, one per field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


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


@transaction.atomic
def record(entry: StayEntry, *, maternity: Organisation, by: User) -> Stay:
    """Create the stay or bring it up to date (same site, same number). Opens the relay to town.

    What is known already (birth, discharge, physician, room) stays when the entry says nothing of it.
    Raises StayRefusedError with every problem at once; nothing is written then.
    """
    _require_coherent(entry)
    try:
        return _record(entry, maternity, by)
    except IdentityRefusedError as error:
        raise StayRefusedError([error.message_fr]) from error


def _record(entry: StayEntry, maternity: Organisation, by: User) -> Stay:
    known = Stay.objects.filter(maternity=maternity, number=entry.number).select_related("mother").first()
    mother = identities.save(entry.mother, maternity, known=_known_mother(known, entry, maternity))
    discharged_at = entry.discharged_at or (known.discharged_at if known else None)
    birth_at = entry.birth_at or (known.birth_at if known else None)
    _require_left_after_birth(birth_at, discharged_at)
    stay, created = Stay.objects.update_or_create(
        maternity=maternity,
        number=entry.number,
        defaults={
            "mother": mother,
            "room": entry.room or (known.room if known else ""),
            "admitted_at": entry.admitted_at,
            "birth_at": birth_at,
            "birth_mode": entry.birth_mode,
            "expected_discharge_at": entry.expected_discharge_at or (known.expected_discharge_at if known else None),
            "discharged_at": discharged_at,
            "physician": entry.physician or (known.physician if known else None),
            "destination_cog": entry.destination_cog or mother.commune_cog,
            "destination_city": entry.destination_city or mother.city,
            "needs": list(entry.needs),
        },
    )
    _newborns(stay, entry)
    audit.record("stay.recorded" if created else "stay.updated", by=by, subject=stay)
    _care_team(stay, entry, by)
    handovers.open_for(stay, by=by)
    exits.settle(stay, by=by)
    return stay


def _known_mother(known: Stay | None, entry: StayEntry, maternity: Organisation) -> Person | None:
    """The mother of a known stay, whose IPP may be corrected; the stay of one mother never becomes another's."""
    if known is None:
        return None
    found = identities.find(entry.mother, maternity)
    if found == known.mother or (found is None and identities.same_traits(known.mother, entry.mother)):
        return known.mother
    raise StayRefusedError(
        [f"Le séjour {entry.number} est déjà celui d'une autre mère. Vérifiez le numéro de dossier et l'IPP."]
    )


def _newborns(stay: Stay, entry: StayEntry) -> None:
    """Each child is recognised by its IPP, whatever its rank; a rank typed wrong may be exchanged."""
    births = [(_birth_of(stay, child), child) for child in entry.newborns]
    moved = [birth.pk for birth, child in births if birth is not None and birth.rank != child.rank]
    Newborn.objects.filter(pk__in=moved).update(rank=F("rank") + RANKS_APART)
    for birth, child in births:
        others = stay.newborns.filter(rank=child.rank)
        if (others.exclude(pk=birth.pk) if birth else others).exists():
            raise StayRefusedError([f"Le rang {child.rank} est déjà celui d'un autre enfant de ce séjour."])
        person = identities.save(child.person, stay.maternity, known=birth.person if birth else None)
        if birth is None and (person == stay.mother or Newborn.objects.filter(person=person).exists()):
            raise StayRefusedError([f"Le numéro {child.person.ipp} est déjà celui d'une autre personne."])
        birth = birth or Newborn(stay=stay, person=person)
        birth.rank, birth.born_at, birth.weight_g = child.rank, child.born_at, child.weight_g
        birth.save()


def _birth_of(stay: Stay, child: NewbornEntry) -> Newborn | None:
    """The child of this stay that has this IPP, else the one of this rank with the same traits."""
    births = stay.newborns.select_related("person")
    found = identities.find(child.person, stay.maternity)
    if found is not None:
        return births.filter(person=found).first()
    same_rank = births.filter(rank=child.rank).first()
    return same_rank if same_rank is not None and identities.same_traits(same_rank.person, child.person) else None


def _require_coherent(entry: StayEntry) -> None:
    people = [entry.mother, *(n.person for n in entry.newborns)]
    problems = [sentence for person in people for sentence in identities.problems(person)]
    if not entry.number.strip():
        problems.append("Le numéro de dossier du séjour manque.")
    leaves = entry.discharged_at or entry.expected_discharge_at
    if entry.birth_at and leaves and leaves < entry.birth_at:
        problems.append("La sortie précède la naissance.")
    if leaves and leaves < entry.admitted_at:
        problems.append("La sortie précède l'entrée.")
    if entry.birth_at and entry.birth_at < entry.admitted_at:
        problems.append("La naissance précède l'entrée.")
    if entry.birth_mode and entry.birth_mode not in BirthMode.values:
        problems.append("Le mode d'accouchement n'est pas un de ceux de la liste.")
    ranks = [n.rank for n in entry.newborns]
    if len(set(ranks)) != len(ranks):
        problems.append("Deux nouveau-nés ont le même rang.")
    numbers = [person.ipp.strip() for person in people if person.ipp.strip()]
    if len(set(numbers)) != len(numbers):
        problems.append("La mère et chaque enfant ont chacun leur IPP : un même numéro est saisi deux fois.")
    if problems:
        raise StayRefusedError(sorted(set(problems)))


def _require_left_after_birth(birth_at: datetime | None, discharged_at: datetime | None) -> None:
    if birth_at and discharged_at and discharged_at < birth_at:
        raise StayRefusedError(["La sortie précède la naissance."])


def _care_team(stay: Stay, entry: StayEntry, by: User) -> None:
    """Whoever the entry names joins, but not a participation that ended: a file sent again knows nothing of its end.

    A person of the ward declares her again (`join_care_team`).
    """
    for role, professional in ((CareRole.MIDWIFE, entry.midwife), (CareRole.GP, entry.general_practitioner)):
        if professional is not None and not _has_ended(stay, professional, role):
            join_care_team(stay, professional, role=role, informed_at=entry.informed_at, by=by)


def _has_ended(stay: Stay, professional: Professional, role: CareRole) -> bool:
    ends = CareTeamMember.objects.filter(stay=stay, professional=professional, role=role).values_list(
        "ended_at", flat=True
    )
    return bool(ends) and None not in ends


@transaction.atomic
def join_care_team(
    stay: Stay, professional: Professional, *, role: CareRole, informed_at: datetime | None, by: User
) -> CareTeamMember:
    """The mother chose this professional; `informed_at` dates her information and non-opposition.

    She receives what was validated before (held until the mother is informed). Another midwife takes the relay.
    """
    member = CareTeamMember.objects.filter(
        stay=stay, professional=professional, role=role, ended_at__isnull=True
    ).first()
    who = {"professional": str(professional.pk), "role": str(role)}
    if member is not None:
        if member.informed_at is None and informed_at is not None:
            member.informed_at = informed_at
            member.save(update_fields=["informed_at"])
            audit.record("care_team.informed", by=by, subject=stay, **who)
            routing.bring_up_to_date(stay, professional, by=by)
        return member
    audit.record("care_team.joined", by=by, subject=stay, **who)
    worklist.close_items(
        WorkItemKind.MIDWIFE_TO_CONFIRM, key=f"{stay.pk}:{professional.pk}", by=by, reason="déclarée par la maternité"
    )
    member = CareTeamMember.objects.create(
        stay=stay,
        professional=professional,
        role=role,
        chosen_at=timezone.now(),
        informed_at=informed_at,
        declared_by=by,
    )
    if role == CareRole.MIDWIFE:
        handovers.declare(stay, professional, by=by)
    routing.bring_up_to_date(stay, professional, by=by)
    return member


@transaction.atomic
def discharge(stay: Stay, *, at: datetime, by: User) -> None:
    """The mother has left: the clocks of the first visit run from this instant. Raises StayRefusedError."""
    _require_left_after_birth(stay.birth_at, at)
    stay.discharged_at = at
    stay.save(update_fields=["discharged_at"])
    audit.record("stay.discharged", by=by, subject=stay)
    handovers.reset_clock(stay)
    exits.settle(stay, by=by)


@transaction.atomic
def cancel_discharge(stay: Stay, *, by: User) -> None:
    """She has not left after all: what waits for her discharge waits again."""
    if stay.discharged_at is None:
        return
    stay.discharged_at = None
    stay.save(update_fields=["discharged_at"])
    audit.record("stay.discharge_cancelled", by=by, subject=stay)
    handovers.reset_clock(stay)
    exits.settle(stay, by=by)
