"""Whose paper is it? The claims of an INS datamatrix against the people a ward looks after.

Filing by itself happens only when the matricule, its OID and the strict traits are equal to one
person of one stay; anything less is a question for a person, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from coordination.models import Newborn, Organisation, Person, Stay
from coordination.papers.analysis import Analysis, Identity
from perinat.standards import codes


class WrongPersonError(Exception):
    """The code on the paper names somebody else than the person chosen."""

    message_fr = (
        "Le code INS de ce papier désigne une autre personne. Rien n'a été classé : vérifiez le papier, "
        "puis choisissez la bonne personne."
    )


@dataclass(frozen=True, slots=True)
class Match:
    """The person and stay found; `question_fr` is empty when the match is sure."""

    person: Person | None = None
    stay: Stay | None = None
    question_fr: str = ""


def match(site: Organisation, analysis: Analysis, *, within: Stay | None = None) -> Match:
    """Find the person of the paper among the stays of this site (`within` one of them when given)."""
    identity = analysis.identity
    if identity is None:
        if analysis.pages and any(page.code_errors for page in analysis.pages):
            first = next(error for page in analysis.pages for error in page.code_errors)
            return Match(stay=within, question_fr=first.message_fr)
        return Match(stay=within, question_fr="Aucun code INS lisible sur ce papier. Choisissez la personne.")
    person = Person.objects.filter(ins_matricule=identity.matricule, ins_oid=identity.oid).first()
    if person is None:
        return Match(stay=within, question_fr="La personne du code INS n'est pas dans les séjours de la maternité.")
    stay = within if within is not None and _is_in(person, within) else _stay_of(person, site)
    if stay is None:
        return Match(question_fr="La personne du code INS n'a pas de séjour dans cette maternité.")
    if within is not None and within.pk != stay.pk:
        return Match(stay=within, question_fr=WrongPersonError.message_fr)
    if not same_traits(identity, person):
        return Match(
            person, stay, "Le code INS et le dossier ne disent pas la même identité. Comparez-les avant de classer."
        )
    return Match(person, stay)


def same_traits(identity: Identity, person: Person) -> bool:
    """Strict traits equal, hyphen and apostrophe counting as a space (EXI ID 10)."""
    return (
        _flat(identity.family_name) == _flat(person.birth_family_name)
        and _flat(identity.given_names) == _flat(person.birth_given_names)
        and identity.birth_date == person.birth_date
        and identity.sex == person.sex
    )


def _flat(name: str) -> str:
    return " ".join(name.upper().replace("-", " ").replace("'", " ").split())


def _is_in(person: Person, stay: Stay) -> bool:
    return person.pk == stay.mother_id or stay.newborns.filter(person=person).exists()


def _stay_of(person: Person, site: Organisation) -> Stay | None:
    """The last stay of this person (as mother or newborn) in this site."""
    newborn = Newborn.objects.filter(person=person).values("stay_id")
    stays = Stay.objects.filter(Q(mother=person) | Q(pk__in=newborn), maternity=site)
    return stays.order_by("-admitted_at").first()


def require_same_person(analysis: Analysis | None, person: Person) -> None:
    """A readable code that names another matricule, another birth date or sex, or a known other person,

    forbids the choice. Raises WrongPersonError. The mother's code on a paper forbids to file it in her
    newborn's record, even when neither of them has an INS in perinat yet.
    """
    identity = analysis.identity if analysis else None
    if identity is None:
        return
    if person.ins_matricule and (identity.matricule, identity.oid) != (person.ins_matricule, person.ins_oid):
        raise WrongPersonError
    if identity.birth_date != person.birth_date or {identity.sex, person.sex} == {"F", "M"}:
        raise WrongPersonError
    named = Person.objects.filter(ins_matricule=identity.matricule, ins_oid=identity.oid)
    if named.exclude(pk=person.pk).exists():
        raise WrongPersonError


def not_about(type_code: str, *, newborn: bool) -> str:
    """French sentence when a document of this type cannot be about the mother, or about her newborn; else empty."""
    kind = codes.DOCUMENT_TYPES.get(type_code)
    if kind is None or kind.about in (codes.ABOUT_EITHER, codes.ABOUT_NEWBORN if newborn else codes.ABOUT_MOTHER):
        return ""
    whose = "de la mère" if newborn else "du nouveau-né"
    return f"« {kind.type.label} » est un papier {whose} : vérifiez le type et la personne."


def search(site: Organisation, text: str, limit: int = 8) -> list[tuple[Person, Stay]]:
    """People of the recent stays of a ward whose birth or used name starts with `text`."""
    words = text.upper().split()
    if not words:
        return []
    found: list[tuple[Person, Stay]] = []
    stays = Stay.objects.filter(maternity=site).select_related("mother").prefetch_related("newborns__person")
    for stay in stays.order_by("-admitted_at")[:400]:
        people = [stay.mother, *(n.person for n in stay.newborns.all())]
        found += [(person, stay) for person in people if _starts(person, words)]
        if len(found) >= limit:
            break
    return found[:limit]


def _starts(person: Person, words: list[str]) -> bool:
    names = f"{person.birth_family_name} {person.used_family_name} {person.birth_given_names}".upper().split()
    return all(any(name.startswith(word) for name in names) for word in words)
