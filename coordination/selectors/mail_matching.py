"""Whose is a document received by mail? By itself only when everything is equal; else a code and a question.

Codes: applicationErrorCode of the IG « Transmission au LPS d'un document CDA » v1.1.2. A document is filed
without anybody only when matricule, OID and the four traits are equal to one qualified identity that this site follows.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from coordination.cda.reader import ReadPatient
from coordination.models import (
    CareTeamMember,
    InsStatus,
    Newborn,
    Organisation,
    OrganisationKind,
    Person,
    Professional,
    Stay,
)
from coordination.papers.analysis import Identity
from coordination.selectors.matching import same_traits
from perinat.standards.identifiers import Ins

NOT_LATEST, NOT_ALLOWED, UNKNOWN, NO_INS, DIFFERENT, INCOMPLETE, OTHER = (
    *("900", "901", "902", "903"),
    *("904", "905", "906"),
)
QUESTIONS = {
    NOT_LATEST: "Ce message ne porte pas sur la dernière version du document : vérifiez laquelle garder.",
    NOT_ALLOWED: "Ce message remplace ou supprime le document d'un autre auteur : vérifiez auprès de lui.",
    UNKNOWN: "La personne de ce document n'a pas de dossier ici. Choisissez-la, ou écartez le document.",
    NO_INS: "Ce document ne porte pas d'INS. Comparez l'identité, puis choisissez la personne.",
    DIFFERENT: "L'identité du document et celle du dossier diffèrent. Comparez-les avant de classer.",
    INCOMPLETE: "L'INS de ce document est incomplète : un trait manque. Comparez, puis choisissez la personne.",
    OTHER: "Ce document ne peut pas être classé sans une personne.",
}
TWO_PEOPLE = (
    "L'archive et le document ne désignent pas la même personne. Rien n'est classé : vérifiez auprès de l'auteur."
)
NOT_QUALIFIED = "L'INS est celle d'un dossier dont l'identité n'est pas qualifiée. Comparez-les avant de classer."
NOT_STRUCTURED = "Ce fichier n'est pas un document structuré : lisez-le, puis choisissez la personne."


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is empty when person and stay are sure; else `person` and `stay` are only who it may be."""

    person: Person | None = None
    stay: Stay | None = None
    code: str = ""
    question: str = ""


def verdict(
    site: Organisation, patient: ReadPatient | None, described: Ins | None, *, holder: Professional | None = None
) -> Verdict:
    """`patient`: who the document names (None: it is no CDA); `described`: the INS of the metadata, if any.

    `holder`: of a personal box, who sees only those she follows.
    """
    if patient is None:
        return Verdict(code=NO_INS, question=NOT_STRUCTURED)
    ins = patient.ins
    if ins is None:
        return _refused(site, holder, patient, NO_INS)
    if described is not None and described != ins:
        return Verdict(code=DIFFERENT, question=TWO_PEOPLE)
    complete = patient.birth_family_name and patient.birth_given_names and patient.birth_date
    if not complete or patient.sex not in ("F", "M"):
        return _refused(site, holder, patient, INCOMPLETE)
    person = Person.objects.filter(ins_matricule=ins.matricule, ins_oid=ins.oid).first()
    stay = last_stay(person, site, holder) if person else None
    if person is None or stay is None:
        likely = _refused(site, holder, patient, UNKNOWN)
        return _refused(site, holder, patient, DIFFERENT) if likely.person else likely
    if not _same(patient, person):
        return Verdict(person, stay, DIFFERENT, QUESTIONS[DIFFERENT])
    if person.ins_status != InsStatus.QUAL:
        return Verdict(person, stay, DIFFERENT, NOT_QUALIFIED)
    return Verdict(person, stay)


def _refused(site: Organisation, holder: Professional | None, patient: ReadPatient, code: str) -> Verdict:
    """The person whose traits are the same, when there is exactly one, is proposed and not decided."""
    born = people_of(site, holder).filter(birth_date=patient.birth_date) if patient.birth_date else []
    same = [person for person in born if _same(patient, person)]
    person = same[0] if len(same) == 1 else None
    return Verdict(person, last_stay(person, site, holder) if person else None, code, QUESTIONS[code])


def _same(patient: ReadPatient, person: Person) -> bool:
    """The four strict traits; a document that gives the first given name alone is compared with the first one."""
    given = patient.birth_given_names
    if given.upper() == person.first_given_name.upper():
        given = person.birth_given_names
    if patient.birth_date is None:
        return False
    identity = Identity("", "", patient.birth_family_name, given, patient.sex, patient.birth_date)
    return same_traits(identity, person)


def stays_of(site: Organisation, holder: Professional | None = None) -> QuerySet[Stay]:
    """The stays of a maternity; for a practice, those of the mothers that its carers follow and who were told so.

    `holder`: for her personal box, those that she follows herself.
    """
    if site.kind == OrganisationKind.MATERNITY:
        return Stay.objects.filter(maternity=site)
    team = CareTeamMember.objects.filter(ended_at__isnull=True, informed_at__isnull=False)
    team = team.filter(professional=holder) if holder else team.filter(professional__organisation=site)
    return Stay.objects.filter(pk__in=team.values("stay_id"))


def people_of(site: Organisation, holder: Professional | None = None) -> QuerySet[Person]:
    stays = stays_of(site, holder).values("pk")
    newborns = Newborn.objects.filter(stay__in=stays, link_ended_at__isnull=True).values("person_id")
    return Person.objects.filter(Q(pk__in=stays_of(site, holder).values("mother_id")) | Q(pk__in=newborns))


def last_stay(person: Person, site: Organisation, holder: Professional | None = None) -> Stay | None:
    """The last stay of this person, as mother or newborn, among those of the site."""
    newborn = Newborn.objects.filter(person=person, link_ended_at__isnull=True).values("stay_id")
    return stays_of(site, holder).filter(Q(mother=person) | Q(pk__in=newborn)).order_by("-admitted_at").first()


def is_here(person: Person, stay: Stay, site: Organisation, holder: Professional | None = None) -> bool:
    """Whether this stay is one of the site, and this person its mother or a child still linked to her."""
    if not stays_of(site, holder).filter(pk=stay.pk).exists():
        return False
    return stay.mother_id == person.pk or stay.newborns.filter(person=person, link_ended_at__isnull=True).exists()


def search(
    site: Organisation, text: str, limit: int = 8, *, holder: Professional | None = None
) -> list[tuple[Person, Stay]]:
    """People whose birth or used name starts with these words."""
    words = text.upper().split()
    if not words:
        return []
    people = people_of(site, holder)
    for word in words:
        starts = Q(birth_family_name__istartswith=word) | Q(used_family_name__istartswith=word)
        people = people.filter(starts | Q(birth_given_names__istartswith=word))
    found = [(person, last_stay(person, site, holder)) for person in people.order_by("birth_family_name", "pk")[:limit]]
    return [(person, stay) for person, stay in found if stay is not None]
