"""Who a person is: strict traits, numbers, and the rules that keep two people from becoming one.

A person is found by her number in the site (IPP) or by her INS, never by her name. A number that
leads to somebody else's traits is refused: whoever records decides, perinat does not guess.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from coordination import audit
from coordination.models import InsStatus, LocalIdentifier, Organisation, Person, User
from perinat.standards.identifiers import IdentifierError, Ins
from perinat.standards.national_identity import IdentityTraits

# Letters of the civil registers that Unicode does not decompose, and what is typed in their place.
LETTERS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
    | {"ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "’": "'", "ʼ": "'", "‘": "'", "‐": "-", "‑": "-"}
)


class IdentityRefusedError(Exception):
    """The numbers given lead to somebody else; `message_fr` says which and what to do."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


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


def normalise_name(text: str) -> str:
    """Upper case A–Z, space, hyphen, apostrophe (INSi writing rules). Raises IdentifierError otherwise."""
    plain = unicodedata.normalize("NFKD", text.strip().translate(LETTERS))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).upper()
    cleaned = " ".join(letters.split())
    named = any("A" <= c <= "Z" for c in cleaned)
    if not named or any(not ("A" <= c <= "Z" or c in " -'") for c in cleaned):
        raise IdentifierError("Un nom ou un prénom ne contient que des lettres, espaces, tirets et apostrophes.")
    return cleaned


def problems(entry: PersonEntry) -> list[str]:
    """French sentences: what forbids to record these traits, whoever they are."""
    found = []
    try:
        normalise_name(entry.birth_family_name)
        normalise_name(entry.birth_given_names)
        if entry.used_family_name:
            normalise_name(entry.used_family_name)
    except IdentifierError as error:
        found.append(error.message_fr)
    if not entry.ipp.strip():
        found.append("L'IPP manque : c'est lui qui distingue deux personnes du même nom.")
    if entry.qualified and entry.ins is None:
        found.append("Une identité qualifiée porte un matricule INS et son OID.")
    return found


def find(entry: PersonEntry, site: Organisation) -> Person | None:
    """The person of this IPP in this site, else of this INS. Never by name."""
    known = LocalIdentifier.objects.filter(organisation=site, value=entry.ipp.strip()).select_related("person").first()
    if known is not None:
        return known.person
    if entry.ins is None:
        return None
    return Person.objects.filter(ins_matricule=entry.ins.matricule, ins_oid=entry.ins.oid).first()


def same_traits(person: Person, entry: PersonEntry) -> bool:
    return (person.birth_family_name, person.birth_given_names, person.birth_date) == (
        normalise_name(entry.birth_family_name),
        normalise_name(entry.birth_given_names),
        entry.birth_date,
    )


def save(entry: PersonEntry, site: Organisation, *, known: Person | None = None) -> Person:
    """Write the traits on `known` (whose IPP may be corrected), on the person found, else on a new one.

    Raises IdentityRefusedError: nothing is written.
    """
    person = known or find(entry, site) or Person()
    is_new = person._state.adding
    if not is_new:
        _require_correction(person, entry)
    if entry.ins is not None:
        _require_free(person, entry.ins)
        if person.ins is not None and person.ins != entry.ins:
            raise IdentityRefusedError(
                "Cette personne a déjà une INS qualifiée, différente du matricule saisi. Vérifiez l'identité."
            )
    if not is_new:
        _fall_back(person, entry)
    person.birth_family_name = normalise_name(entry.birth_family_name)
    person.birth_given_names = normalise_name(entry.birth_given_names)
    person.used_family_name = normalise_name(entry.used_family_name) if entry.used_family_name else ""
    person.birth_date, person.sex = entry.birth_date, entry.sex
    for name in ("birth_place_cog", "phone", "address_line", "postal_code", "city", "commune_cog"):
        setattr(person, name, getattr(entry, name) or getattr(person, name))
    if entry.ins is not None:
        _set_ins(person, entry.ins, qualified=entry.qualified)
    person.save()
    _write_ipp(person, site, entry.ipp.strip(), may_change=known is not None)
    return person


def _fall_back(person: Person, entry: PersonEntry) -> None:
    """Corrected traits were neither verified nor answered by INSi: both are to be done again. Qualified stays."""
    places = {place for place in (person.birth_place_cog, entry.birth_place_cog) if place}
    corrected = not same_traits(person, entry) or person.sex != entry.sex or len(places) > 1
    if corrected and person.ins_status in (InsStatus.VALI, InsStatus.RECUP):
        person.ins_status, person.ins_matricule, person.ins_oid = InsStatus.PROV, "", ""


def _require_correction(person: Person, entry: PersonEntry) -> None:
    """A name or a date may be corrected; both at once make somebody else."""
    same_name = (person.birth_family_name, person.first_given_name) == (
        normalise_name(entry.birth_family_name),
        normalise_name(entry.birth_given_names).split(" ")[0],
    )
    if not same_name and person.birth_date != entry.birth_date:
        raise IdentityRefusedError(
            f"Le numéro {entry.ipp} est déjà celui d'une autre personne de la maternité : ni le nom ni la date de "
            "naissance ne correspondent. Vérifiez l'IPP et le matricule."
        )


def _require_free(person: Person, ins: Ins) -> None:
    if is_taken(ins, by_other_than=person):
        raise IdentityRefusedError(
            "Ce matricule INS est déjà celui d'une autre identité. Vérifiez-le, ou demandez leur rapprochement."
        )


def _write_ipp(person: Person, site: Organisation, ipp: str, *, may_change: bool) -> None:
    row, created = LocalIdentifier.objects.get_or_create(organisation=site, person=person, defaults={"value": ipp})
    if not created and may_change and row.value != ipp:
        if LocalIdentifier.objects.filter(organisation=site, value=ipp).exists():
            raise IdentityRefusedError(f"Le numéro {ipp} est déjà celui d'une autre personne de la maternité.")
        row.value = ipp
        row.save(update_fields=["value"])


def _set_ins(person: Person, ins: Ins, *, qualified: bool) -> None:
    person.ins_matricule, person.ins_oid = ins.matricule, ins.oid
    if person.ins_status == InsStatus.QUAL:
        return  # received again without its qualification: what was verified stays verified
    person.ins_status = InsStatus.QUAL if qualified else InsStatus.RECUP
    if qualified:
        person.ins_qualified_at = timezone.now()


def locked(person_id: UUID) -> Person:
    """The row of a person as it is now, and nobody else's until the end of the transaction."""
    return Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=person_id)


@transaction.atomic
def qualify(person: Person, ins: Ins, *, by: User) -> None:
    """The identity becomes qualified: what was held for its INS is released by the periodic task.

    Raises IdentityRefusedError: the matricule is somebody else's, or she is qualified with another one.
    """
    row = locked(person.pk)
    if row.ins is not None and row.ins != ins:
        raise IdentityRefusedError(
            "Cette personne a déjà une INS qualifiée, différente du matricule saisi. Vérifiez l'identité."
        )
    _require_free(row, ins)
    _set_ins(row, ins, qualified=True)
    row.save()
    audit.record("identity.qualified", by=by, subject=row)
    person.refresh_from_db()


@transaction.atomic
def verify(person: Person, *, evidence: str, by: User) -> InsStatus:
    """Her traits agree with a document of high confidence (a code of `national_identity`): validated, or qualified

    when INSi has already given her INS. Nothing changes for who is one or the other; the new status is returned.
    """
    row = locked(person.pk)
    after = {InsStatus.PROV: InsStatus.VALI, InsStatus.RECUP: InsStatus.QUAL}.get(InsStatus(row.ins_status))
    if after is None:
        return InsStatus(row.ins_status)
    audit.record("identity.verified", by=by, subject=row, evidence=evidence)
    _pass(row, after, by=by)
    return after


def retrieve(person: Person, ins: Ins, *, birth_place_cog: str) -> None:
    """INSi gave this INS for these very traits (locked row): recovered, or qualified when they are verified.

    A place of birth that nobody knew is completed.
    """
    person.ins_matricule, person.ins_oid = ins.matricule, ins.oid
    person.birth_place_cog = person.birth_place_cog or birth_place_cog
    audit.record("identity.retrieved", by=None, subject=person)
    _pass(person, InsStatus.QUAL if person.ins_status == InsStatus.VALI else InsStatus.RECUP, by=None)


def take_traits(person: Person, traits: IdentityTraits, ins: Ins, *, by: User) -> None:
    """The traits and the INS of INSi replace those of a person who is not qualified (locked row): recovered.

    Raises IdentityRefusedError.
    """
    if person.ins is not None:
        raise IdentityRefusedError("Cette identité est déjà qualifiée : ses traits ne changent pas ici.")
    _require_free(person, ins)
    person.birth_family_name, person.birth_given_names = traits.birth_family_name, traits.birth_given_names
    person.sex, person.birth_date = traits.sex, traits.birth_date
    person.birth_place_cog = traits.birth_place_cog or person.birth_place_cog
    person.ins_matricule, person.ins_oid = ins.matricule, ins.oid
    audit.record("identity.traits_taken", by=by, subject=person)
    _pass(person, InsStatus.RECUP, by=by)


def is_taken(ins: Ins, *, by_other_than: Person) -> bool:
    """Whether this INS is already that of another identity of perinat."""
    mine = Person.objects.filter(ins_matricule=ins.matricule, ins_oid=ins.oid)
    return mine.exclude(pk=by_other_than.pk).exists()


def _pass(person: Person, status: InsStatus, *, by: User | None) -> None:
    person.ins_status = status
    if status == InsStatus.QUAL:
        person.ins_qualified_at = timezone.now()
        audit.record("identity.qualified", by=by, subject=person)
    person.save()
