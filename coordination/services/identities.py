"""Who a person is: strict traits, numbers, and the rules that keep two people from becoming one.

A person is found by her number in the site (IPP) or by her INS, never by her name. A number that
leads to somebody else's traits is refused: whoever records decides, perinat does not guess.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from coordination import audit
from coordination.models import InsStatus, LocalIdentifier, Organisation, Person, User
from perinat.standards.identifiers import IdentifierError, Ins

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
    others = Person.objects.filter(ins_matricule=ins.matricule, ins_oid=ins.oid).exclude(pk=person.pk)
    if others.exists():
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


@transaction.atomic
def qualify(person: Person, ins: Ins, *, by: User) -> None:
    """The identity becomes qualified: what was held for its INS is released by the periodic task.

    Raises IdentityRefusedError: the matricule is somebody else's.
    """
    _require_free(person, ins)
    _set_ins(person, ins, qualified=True)
    person.save()
    audit.record("identity.qualified", by=by, subject=person)
