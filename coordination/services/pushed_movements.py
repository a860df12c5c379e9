"""Stays, births, discharges and identities told by the hospital's software (IHE PAM), through the ordinary services.

A person is found by her IPP. Messages may come in any order: a fact older than one already applied to the same person
and stay changes nothing. What only a person may decide (two records to merge, an admission that never was) is refused.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.conf import settings

from coordination import audit
from coordination.models import IntakeMessage, IntakeOutcome, LocalIdentifier, Newborn, Organisation, Person, Stay, User
from coordination.services import identities, stays
from coordination.services.identities import IdentityRefusedError, PersonEntry
from coordination.services.pushed_refusals import OTHER_IDENTITY, UNKNOWN_PERSON, missing, refused
from coordination.services.stays import NewbornEntry, StayEntry, StayRefusedError
from perinat.standards.identifiers import Ins
from perinat.standards.pushed import Fact, PushedMovement, PushedPerson

TAKEN, IGNORED = IntakeOutcome.TAKEN, IntakeOutcome.IGNORED
CHILDHOOD = timedelta(days=8 * 365)
# Told later, these make an older fact pointless
OVERTAKEN_BY = {
    Fact.PRESENT: (Fact.PRESENT, Fact.NOT_ADMITTED),
    Fact.LEFT: (Fact.LEFT, Fact.NOT_LEFT, Fact.NOT_ADMITTED),
    Fact.NOT_LEFT: (Fact.LEFT, Fact.NOT_LEFT, Fact.NOT_ADMITTED),
    Fact.NOT_ADMITTED: (Fact.PRESENT,),
}
NEVER_ADMITTED = (
    "L'entrée de ce séjour est annulée dans le dossier patient informatisé. Rien n'est effacé ici : vérifiez le "
    "séjour, puis clôturez son suivi."
)
TWO_RECORDS = (
    "Le dossier patient informatisé réunit deux dossiers que perinat connaît tous les deux. Ils ne sont pas réunis ici "
    "sans une personne : comparez-les."
)


def apply(movement: PushedMovement, row: IntakeMessage, *, by: User) -> IntakeOutcome:
    """IGNORED: none of this ward's business, or overtaken. Raises PushRefusedError: nothing is written."""
    try:
        return _apply(movement, row, by)
    except StayRefusedError as error:
        raise refused(" ".join(error.problems)) from error
    except IdentityRefusedError as error:
        raise refused(error.message_fr, OTHER_IDENTITY, "PID^1^3") from error


def _apply(movement: PushedMovement, row: IntakeMessage, by: User) -> IntakeOutcome:
    site = row.organisation
    if _overtaken(movement, row):
        return IGNORED
    if movement.fact is Fact.RENUMBERED:
        return _renumber(movement, site, by)
    child = Newborn.objects.filter(
        person__local_identifiers__organisation=site, person__local_identifiers__value=movement.person.ipp
    ).first()
    if child is not None or movement.mother_ipp:
        return _child(movement, child, site, by)
    if movement.fact is Fact.IDENTITY:
        return _identity(movement, site, by)
    return _stay(movement, site, by)


def _overtaken(movement: PushedMovement, row: IntakeMessage) -> bool:
    later = IntakeMessage.objects.filter(
        organisation=row.organisation, ipp=row.ipp, outcome=TAKEN, said_at__gt=row.said_at
    ).exclude(ipp="")
    if movement.fact in OVERTAKEN_BY:
        later = later.filter(stay_number=row.stay_number, fact__in=OVERTAKEN_BY[movement.fact])
        return later.exists()
    return later.filter(fact__in=(Fact.IDENTITY, Fact.PRESENT, Fact.RENUMBERED)).exists()


def _stay(movement: PushedMovement, site: Organisation, by: User) -> IntakeOutcome:
    known = Stay.objects.filter(maternity=site, number=movement.stay_number).select_related("mother").first()
    if known is None:
        return _new_stay(movement, site, by)
    if movement.fact is not Fact.PRESENT and person_of(movement.person.ipp, site) != known.mother:
        raise refused("Ce séjour est celui d'une autre personne.", OTHER_IDENTITY, "PV1^1^19")
    if movement.fact is Fact.NOT_ADMITTED:
        raise refused(NEVER_ADMITTED)
    if movement.fact is Fact.NOT_LEFT:
        stays.cancel_discharge(known, by=by)
    elif movement.fact is Fact.LEFT:
        assert movement.discharged_at is not None
        stays.discharge(known, at=movement.discharged_at, by=by)
    else:
        stays.record(_entry(movement, known), maternity=site, by=by)
    return TAKEN


def _new_stay(movement: PushedMovement, site: Organisation, by: User) -> IntakeOutcome:
    """A stay that nobody told of yet: opened by whatever fact says enough of it."""
    units = settings.INTAKE_UNITS
    if not movement.inpatient or (units and movement.unit not in units):
        return IGNORED
    if movement.fact in (Fact.NOT_ADMITTED, Fact.NOT_LEFT):
        return TAKEN  # remembered: the admission that it cancels, if it comes later, is overtaken
    if movement.admitted_at is None:
        raise missing("L'heure d'entrée (PV1-44) manque, et ce séjour est inconnu.", "PV1^1^44")
    if movement.admitted_at.date() - movement.person.birth_date < CHILDHOOD:
        raise missing("L'identifiant de la mère (PID-21) manque pour l'admission d'un enfant.", "PID^1^21")
    stays.record(_entry(movement, None), maternity=site, by=by)
    return TAKEN


def _entry(movement: PushedMovement, known: Stay | None) -> StayEntry:
    """What the message says; what only the ward typed stays."""
    person = traits(movement.person, known.mother if known else None)
    admitted_at = movement.admitted_at or (known.admitted_at if known else None)
    assert admitted_at is not None
    entry = StayEntry(
        number=movement.stay_number,
        mother=person,
        admitted_at=admitted_at,
        expected_discharge_at=movement.expected_discharge_at,
        discharged_at=movement.discharged_at,
        room=movement.room,
    )
    return entry if known is None else _kept(entry, known)


def _kept(entry: StayEntry, known: Stay) -> StayEntry:
    return replace(
        entry,
        birth_mode=known.birth_mode,
        needs=tuple(known.needs),
        destination_cog=known.destination_cog,
        destination_city=known.destination_city,
    )


def _child(movement: PushedMovement, child: Newborn | None, site: Organisation, by: User) -> IntakeOutcome:
    """A newborn: the link is PID-21, the mother's IPP; the child's own stay number is not kept."""
    if movement.fact is Fact.NOT_ADMITTED and child is not None:
        raise refused(NEVER_ADMITTED)
    if movement.fact in (Fact.NOT_LEFT, Fact.LEFT) and child is not None:
        child.discharged_at = movement.discharged_at
        child.save(update_fields=["discharged_at"])
        audit.record("newborn.discharge_updated", by=by, subject=child)
        return TAKEN
    if movement.fact in (Fact.NOT_ADMITTED, Fact.NOT_LEFT):
        return TAKEN
    stay = child.stay if child is not None else _stay_of_birth(movement, site)
    born_at = movement.born_at or (child.born_at if child else None)
    if born_at is None:
        raise missing("L'heure de naissance (PID-7) manque.", "PID^1^7")
    rank = movement.birth_rank or (child.rank if child else stay.newborns.count() + 1)
    weight = movement.weight_g or (child.weight_g if child else None)
    born = NewbornEntry(traits(movement.person, child.person if child else None), rank, born_at, weight)
    entry = StayEntry(
        number=stay.number,
        mother=entry_of(stay.mother, site),
        admitted_at=stay.admitted_at,
        birth_at=min(stay.birth_at or born_at, born_at),
        newborns=(born,),
    )
    stays.record(_kept(entry, stay), maternity=site, by=by)
    if movement.fact is Fact.LEFT:
        Newborn.objects.filter(stay=stay, rank=rank).update(discharged_at=movement.discharged_at)
    return TAKEN


def _stay_of_birth(movement: PushedMovement, site: Organisation) -> Stay:
    """The mother's stay during which the child was born. Raises PushRefusedError (to send again): not known yet."""
    mother = person_of(movement.mother_ipp, site)
    if mother is None:
        raise refused("La mère de cet enfant n'est pas encore connue ici.", UNKNOWN_PERSON, "PID^1^21", again=True)
    if movement.born_at is None:
        raise missing("L'heure de naissance (PID-7) manque.", "PID^1^7")
    found = mother.stays.filter(maternity=site, admitted_at__lte=movement.born_at).order_by("-admitted_at").first()
    if found is None or (found.discharged_at and found.discharged_at < movement.born_at):
        raise refused("Aucun séjour de la mère ne couvre cette naissance.", UNKNOWN_PERSON, "PID^1^21", again=True)
    return found


def _identity(movement: PushedMovement, site: Organisation, by: User) -> IntakeOutcome:
    """Traits and INS of somebody known here; perinat keeps nobody who has no stay."""
    person = person_of(movement.person.ipp, site)
    if person is None:
        return IGNORED
    _save(movement.person, person, site, by)
    return TAKEN


def _renumber(movement: PushedMovement, site: Organisation, by: User) -> IntakeOutcome:
    former, kept = person_of(movement.former_ipp, site), person_of(movement.person.ipp, site)
    if former is not None and kept is not None and former != kept:
        raise refused(TWO_RECORDS, OTHER_IDENTITY, "MRG^1^1")
    person = former or kept
    if person is None:
        return IGNORED
    _save(movement.person, person, site, by)
    return TAKEN


def _save(pushed: PushedPerson, person: Person, site: Organisation, by: User) -> None:
    entry = traits(pushed, person)
    wrong = identities.problems(entry)
    if wrong:
        raise refused(" ".join(wrong), OTHER_IDENTITY, "PID^1^5")
    identities.save(entry, site, known=person)
    audit.record("identity.updated", by=by, subject=person)


def person_of(ipp: str, site: Organisation) -> Person | None:
    """The person of this number in this site."""
    known = LocalIdentifier.objects.filter(organisation=site, value=ipp).select_related("person").first()
    return known.person if known and ipp else None


def traits(pushed: PushedPerson, known: Person | None) -> PersonEntry:
    """A validated identity that carries its matricule is a qualified one (guide INS v3.0 §2.2.2)."""
    names = ("ipp", "birth_family_name", "birth_given_names", "birth_date", "birth_place_cog", "ins")
    where = ("phone", "address_line", "postal_code", "city", "commune_cog")
    return PersonEntry(
        **{name: getattr(pushed, name) for name in (*names, *where)},
        sex=known.sex if known and pushed.sex == "U" else pushed.sex,
        used_family_name=pushed.used_family_name or (known.used_family_name if known else ""),
        qualified=pushed.validated and pushed.ins is not None,
    )


def entry_of(person: Person, site: Organisation) -> PersonEntry:
    """A person as perinat knows her, to be written again unchanged."""
    ins = Ins(person.ins_matricule, person.ins_oid) if person.ins_matricule else None
    return PersonEntry(
        birth_family_name=person.birth_family_name,
        birth_given_names=person.birth_given_names,
        birth_date=person.birth_date,
        sex=person.sex,
        ipp=person.local_identifiers.get(organisation=site).value,
        used_family_name=person.used_family_name,
        ins=ins,
        qualified=person.ins is not None,
    )
