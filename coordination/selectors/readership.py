"""« Qui verra ce document ? » : in names and roles, from the document and the care team, before anything is written.

The same people as `services.routing.targets` (what leaves) and `.visible_to` (what is read here): tests compare them
for every choice of confidentiality. What the DMP shows to whom: docs/interop/dmp.md, « Who reads ».
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from coordination.models import CareRole, CareTeamMember, Document, Newborn, Professional
from coordination.selectors.identity import mother_name
from perinat.standards import confidentiality, record_rights

RECIPIENT_ROLES = (CareRole.MIDWIFE, CareRole.GP, CareRole.PMI)
IN_RECORD = "Mon espace santé"
BY_MAIL, HERE, IN_DMP = "MSSanté", "perinat", "DMP"
MASKED_TO_THEM = "masqué aux professionnels"
APART = "l'enfant n'est plus suivi avec la mère"
NOT_IN_DMP = "ce papier n'est pas déposé au DMP"
NOT_YET = "invisible jusqu'à ce que l'équipe le rende visible"
HIDDEN = "invisible aux représentants légaux"
BY_PROFESSION = "selon les droits de leur profession"
WAITS_FOR_INS = "après la qualification de l'INS"
WAITS_FOR_MOTHER = "après la date d'information de la mère"
WAITS_FOR_ADDRESS = "dès qu'une adresse MSSanté est connue"


@dataclass(frozen=True, slots=True)
class Reader:
    """One line: a person who is known, or a class.

    `ways`: where she reads it, none when she does not (`why`); `waits`: what comes first; `professional_id`: of a named
    professional.
    """

    name: str
    role: str = ""
    ways: tuple[str, ...] = ()
    waits: str = ""
    why: str = ""
    professional_id: UUID | None = None

    @property
    def sees(self) -> bool:
        return bool(self.ways)


def following() -> QuerySet[CareTeamMember]:
    """Who follows the mothers, with what `readers` asks of them: three statements, whatever their number."""
    rows = CareTeamMember.objects.filter(ended_at__isnull=True).order_by("chosen_at")
    people = rows.select_related("professional__organisation", "professional__user")
    return people.prefetch_related("professional__mailboxes", "professional__organisation__mailboxes")


def team_of(stay_id: UUID) -> list[CareTeamMember]:
    """Who follows the mother of one stay."""
    return list(following().filter(stay=stay_id))


def readers(document: Document, team: Iterable[CareTeamMember]) -> list[Reader]:
    """Everybody who will be able to read this document, saved or not, and who is kept from it."""
    newborn = next((one for one in document.stay.newborns.all() if one.person_id == document.person_id), None)
    paper, members = _Paper(document, newborn), list(team)
    return [*_family(paper), *_professionals(paper, members), *_record(paper, members), _ward(document)]


@dataclass(frozen=True, slots=True)
class _Paper:
    """A document and the rules that it falls under."""

    document: Document
    newborn: Newborn | None

    @property
    def in_record(self) -> bool:
        return self.document.goes_to_dmp

    def has(self, choice: str) -> bool:
        return choice in self.document.masks

    @property
    def is_apart(self) -> bool:
        return self.newborn is not None and self.newborn.link_ended_at is not None

    @property
    def closed(self) -> str:
        """Why it goes to no professional, and is not opened here by any; empty when it does."""
        if self.has(confidentiality.MASKED):
            return MASKED_TO_THEM
        return APART if self.is_apart else ""

    @property
    def treating(self) -> bool:
        """Whether the treating doctor of the mother, declared here, reads it in the DMP: a child's is not known."""
        return self.in_record and self.newborn is None

    @property
    def waits(self) -> str:
        return "" if self.document.person.ins else WAITS_FOR_INS


def is_minor(document: Document) -> bool:
    """Whether the mother whose paper it is is under eighteen today."""
    mother = document.person_id == document.stay.mother_id
    return mother and confidentiality.is_minor(document.person.birth_date, on=timezone.localdate())


def _family(paper: _Paper) -> Iterator[Reader]:
    """The patient; her legal representatives when she is a minor; the parents of a newborn."""
    document = paper.document
    mother = mother_name(document.stay.mother)
    if paper.newborn is None:
        yield _at_home(paper, mother, "la patiente", confidentiality.FROM_PATIENT, NOT_YET)
        if is_minor(document):
            role = "titulaires de l'autorité parentale"
            yield _at_home(paper, "Ses représentants légaux", role, confidentiality.FROM_REPRESENTATIVES, HIDDEN)
        return
    names = "Les représentants légaux de l'enfant" if paper.is_apart else f"{mother} et l'autre parent"
    yield _at_home(paper, names, "représentants légaux de l'enfant", confidentiality.FROM_REPRESENTATIVES, HIDDEN)


def _at_home(paper: _Paper, name: str, role: str, mask: str, hidden: str) -> Reader:
    if paper.has(mask):
        return Reader(name, role, why=hidden)
    if not paper.in_record:
        return Reader(name, role, why=NOT_IN_DMP)
    return Reader(name, role, (IN_RECORD,), paper.waits)


def _professionals(paper: _Paper, team: Sequence[CareTeamMember]) -> Iterator[Reader]:
    """The author, then each professional of the care team once, whatever the number of her roles."""
    document = paper.document
    if document.author_id is not None:
        own = (IN_DMP, HERE) if paper.in_record else (HERE,)
        yield Reader(str(document.author), "auteur", own, professional_id=document.author_id)
    lines: dict[UUID, list[CareTeamMember]] = {}
    for member in team:
        if member.professional_id != document.author_id:
            lines.setdefault(member.professional_id, []).append(member)
    for roles in lines.values():
        yield _professional(paper, roles)


def _professional(paper: _Paper, lines: list[CareTeamMember]) -> Reader:
    person = lines[0].professional
    role = ", ".join(dict.fromkeys(_in_sentence(str(line.get_role_display())) for line in lines))
    informed = any(line.informed_at is not None for line in lines)
    named = any(line.role in RECIPIENT_ROLES for line in lines)
    treating = paper.treating and any(line.role == CareRole.GP for line in lines)
    ways = [IN_DMP] if treating else []
    waits = ""
    if not paper.closed:
        ways += [BY_MAIL] if named else []
        ways += [HERE] if _signs_in(person) else []
        waits = WAITS_FOR_MOTHER if not informed else "" if not named or _reachable(person) else WAITS_FOR_ADDRESS
    why = paper.closed if paper.closed and not ways else "" if ways else "aucun accès : ni compte perinat, ni envoi"
    return Reader(str(person), role, tuple(ways), waits, why, person.pk)


def _in_sentence(label: str) -> str:
    return label if label.isupper() else label[:1].lower() + label[1:]


def _signs_in(person: Professional) -> bool:
    user = getattr(person, "user", None)
    return user is not None and user.is_active and user.is_town_carer


def _reachable(person: Professional) -> bool:
    boxes = [*person.mailboxes.all(), *person.organisation.mailboxes.all()]
    return any(box.dead_since is None for box in boxes)


def _record(paper: _Paper, team: Sequence[CareTeamMember]) -> Iterator[Reader]:
    """The professionals of her DMP, as a class; a masked document is left to its author and the treating doctor.

    Nobody is named who is not known here, and no profession: the national table of professions was not obtained whole.
    """
    if not paper.in_record:
        return
    if not (paper.treating and any(member.role == CareRole.GP for member in team)):
        role = "s'il est déclaré à l'assurance maladie"
        yield Reader("Son médecin traitant", role, (IN_DMP,), paper.waits)
    kind = paper.document.type
    barred = " et ".join(record_rights.barred(kind.code, kind.document_class.code))
    name = "Les autres professionnels autorisés sur son DMP"
    if paper.has(confidentiality.MASKED):
        yield Reader(name, why=MASKED_TO_THEM)
    else:
        yield Reader(name, BY_PROFESSION + (f", sauf les {barred}" if barred else ""), (IN_DMP,), paper.waits)


def _ward(document: Document) -> Reader:
    return Reader(f"L'équipe de {document.organisation.name}", "secrétaires, sages-femmes, médecins", (HERE,))
