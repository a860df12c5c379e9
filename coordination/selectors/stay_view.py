"""Everything the page of one stay says."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import Document, Handover, Organisation, OrganisationKind, Person, Professional, Stay, User
from coordination.selectors import delivery, directory_search, recipients
from coordination.selectors.delivery import DocumentLine
from coordination.selectors.display import Chip, chip_of_row
from coordination.selectors.identity import PersonCard, mother_card, newborn_card
from coordination.selectors.pack import Pack, pack_of
from coordination.selectors.readership import RECIPIENT_ROLES
from coordination.selectors.recipients import Known, Reach
from coordination.selectors.writing_view import Offer, offers

SHOWN_PROFESSIONALS = 8


@dataclass(frozen=True, slots=True)
class Member:
    """One professional who follows the mother. `informed_at` None: what is meant for her waits.

    `reach`: where she is written to; None when her papers go to nobody by mail (hospital at home).
    """

    member_id: UUID
    name: str
    role: str
    organisation: str
    chosen_at: datetime
    informed_at: datetime | None
    reach: Reach | None


@dataclass(frozen=True, slots=True)
class PersonPapers:
    """A person and her papers: the mother first, then each newborn."""

    person_id: UUID
    card: PersonCard
    lacks_ins: bool
    documents: tuple[DocumentLine, ...]
    undone: int
    writable: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class StayView:
    people: tuple[PersonPapers, ...]
    pack: Pack
    members: tuple[Member, ...]
    category: str
    relay: Chip | None
    visit_due_at: datetime | None
    is_moving: bool


def stay_view(stay: Stay, reader: User) -> StayView:
    """What `reader` may see of a stay. About fifteen queries, whatever the number of papers."""
    newborns = list(stay.newborns.select_related("person"))
    lines = delivery.document_lines(stay, reader)
    papers = Document.objects.visible_to(reader).filter(stay=stay)
    documents = list(papers.filter(status__in=[DocumentStatus.TO_VALIDATE, DocumentStatus.VALIDATED]))
    owners = dict(papers.values_list("pk", "person_id"))
    people = [(stay.mother, mother_card(stay.mother, stay))]
    people += [(n.person, newborn_card(n, several=len(newborns) > 1)) for n in newborns]
    handover = Handover.objects.filter(stay=stay, person=stay.mother).first()
    return StayView(
        people=tuple(
            _papers(card, [line for line in lines if owners[line.document_id] == person.pk], stay, person, reader)
            for person, card in people
        ),
        pack=pack_of(stay, documents, stay.deposits.filter(status=DepositStatus.READY, replaces__isnull=True)),
        members=tuple(_members(stay)),
        category={True: "Sortie précoce", False: "Sortie standard", None: "Type de sortie à préciser"}[stay.is_early],
        relay=chip_of_row(handover) if handover else None,
        visit_due_at=handover.visit_due_at if handover else None,
        is_moving=any(d.chip.tone == "going" for line in lines for d in line.deliveries),
    )


def _papers(card: PersonCard, lines: list[DocumentLine], stay: Stay, person: Person, reader: User) -> PersonPapers:
    """A paper taken back in the seconds that followed never left: it is only counted."""
    kept = tuple(line for line in lines if not line.was_undone)
    return PersonPapers(person.pk, card, person.ins is None, kept, len(lines) - len(kept), offers(stay, person, reader))


def _members(stay: Stay) -> list[Member]:
    rows = list(stay.care_team.filter(ended_at__isnull=True).select_related("professional__organisation"))
    reaches = recipients.reaches([row.professional for row in rows])
    return [
        Member(
            row.pk,
            str(row.professional),
            row.get_role_display(),
            row.professional.organisation.name,
            row.chosen_at,
            row.informed_at,
            reaches[row.professional_id] if row.role in RECIPIENT_ROLES else None,
        )
        for row in sorted(rows, key=lambda row: row.chosen_at)
    ]


def professionals(text: str) -> list[Known]:
    """Town professionals of perinat: each word starts a word of the name, town, place or profession, or is the RPPS."""
    words = _plain(text).split()
    if not words:
        return []
    town = Professional.objects.exclude(organisation__kind=OrganisationKind.MATERNITY)
    rows = town.values_list(
        *("pk", "rpps", "specialty_code"),
        *("given_name", "family_name", "organisation__name", "organisation__city"),
    )
    found = [
        pk
        for pk, rpps, specialty, *said in rows
        if rpps == text.strip() or _starts(" ".join([*said, directory_search.specialty_label(specialty)]), words)
    ]
    return recipients.cards(list(town.filter(pk__in=found[:SHOWN_PROFESSIONALS]).select_related("organisation")))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.replace("-", " "))
    return "".join(c for c in letters if not unicodedata.combining(c)).upper()


def _starts(name: str, words: list[str]) -> bool:
    return all(any(part.startswith(word) for part in _plain(name).split()) for word in words)


def signatories(site: Organisation) -> list[Professional]:
    """Who may sign the papers of this ward: its doctors and midwives."""
    return list(Professional.objects.filter(organisation=site))
