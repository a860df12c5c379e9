"""The page of one document: whose it is, who sent it, which version, who read it, what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from coordination.lifecycles import DocumentStatus
from coordination.models import Document, DocumentVersion, Newborn, Reading, Stay, User
from coordination.selectors import confidentiality, identity, ins_held
from coordination.selectors.display import Chip, chip_of_row
from coordination.selectors.identity import PersonCard
from coordination.selectors.my_visits import Paper, papers_by_stay
from coordination.selectors.versions import VersionLine, history, signed_by


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """« Claire AUBÉPINE, Sage-femme », when, and how it is known."""

    who: str
    at: datetime
    how: str
    version: int
    older: bool


@dataclass(frozen=True, slots=True)
class DocumentPage:
    id: UUID
    title: str
    person: PersonCard
    status: Chip | None
    sender: str
    author: str
    validated_by: str
    validated_at: datetime | None
    version: int
    versions: tuple[VersionLine, ...]
    opens_wrong_files: bool
    current: VersionLine
    readings: tuple[ReadingLine, ...]
    facts: tuple[tuple[str, str], ...]
    others: tuple[Paper, ...]
    waits_for_ins: str
    confidentiality: str


def document_for(user: User, document_id: UUID) -> Document | None:
    """The document with what its page says of it, or None when this user may not see it."""
    rows = Document.objects.visible_to(user).select_related("person", "stay__mother", "organisation", "author")
    return rows.filter(pk=document_id).first()


def _final() -> datetime:
    """What was validated before this instant can no longer be undone."""
    return timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)


def _is_own(user: User, document: Document) -> bool:
    """Of her ward, or she is its author."""
    return user.is_hospital or (user.professional_id is not None and document.author_id == user.professional_id)


def _versions(user: User, document: Document) -> list[DocumentVersion]:
    """Newest first."""
    rows = document.versions.select_related("readable", "original", "validated_by", "validated_under__professional")
    if not _is_own(user, document):
        rows = rows.filter(validated_at__lte=_final())
    found = list(rows.order_by("-validated_at", "-number"))
    for version in found:
        version.document = document  # already loaded
    return found


def page(user: User, document: Document, number: int | None = None) -> tuple[DocumentPage, DocumentVersion] | None:
    """Everything the page shows, and the version it shows; None when there is none this user may open."""
    versions = _versions(user, document)
    version = next((v for v in versions if number in (None, v.number)), None)
    if version is None:
        return None
    own = _is_own(user, document)
    lines = history(versions, for_ward=user.is_hospital, shown=version)
    current = next(line for line in lines if line.shown)
    if current.wrong_file and not own:
        return None
    newborns = _newborns(document.stay)
    shown = DocumentPage(
        id=document.pk,
        title=document.title,
        person=_person(document, newborns),
        status=_status(document, current),
        sender=document.organisation.name,
        author=f"{document.author}, {document.author.specialty.label}",
        validated_by=signed_by(version),
        validated_at=version.validated_at,
        version=version.number,
        versions=tuple(lines),
        opens_wrong_files=own,
        current=current,
        readings=_readings(document, lines[0].validated_at),
        facts=tuple(_facts(document, newborns)),
        others=_others(user, document),
        waits_for_ins=_waits_for_ins(document),
        confidentiality=confidentiality.summary(document.masks) if document.masks else "",
    )
    return shown, version


def _waits_for_ins(document: Document) -> str:
    """Why it is not in the DMP yet, for whoever may read it; empty when no deposit waits."""
    if document.person.ins is not None or not ins_held.held().filter(versions__document=document).exists():
        return ""
    whose = "de l’enfant" if document.is_about_newborn else "de la mère"
    return f"Partira au DMP quand l’INS {whose} sera connue et vérifiée par la maternité."


def _newborns(stay: Stay) -> list[Newborn]:
    return list(Newborn.objects.filter(stay=stay, link_ended_at__isnull=True).select_related("person"))


def _person(document: Document, newborns: list[Newborn]) -> PersonCard:
    newborn = next((n for n in newborns if n.person_id == document.person_id), None)
    if newborn is None:
        return identity.mother_card(document.person)
    return identity.newborn_card(newborn, several=len(newborns) > 1)


def _status(document: Document, line: VersionLine) -> Chip | None:
    """Nothing to say of a version in force."""
    if document.status != DocumentStatus.VALIDATED:
        return chip_of_row(document)
    return Chip("Version remplacée", "wait", "undo") if line.replaced_at else None


def _readings(document: Document, in_force_since: datetime | None) -> tuple[ReadingLine, ...]:
    rows = Reading.objects.filter(version__document=document).select_related("professional", "version")
    return tuple(
        ReadingLine(
            who=f"{row.professional}, {row.professional.specialty.label}",
            at=row.at,
            how=row.get_via_display().lower(),
            version=row.version.number,
            older=row.version.validated_at != in_force_since,
        )
        for row in rows
    )


def _facts(document: Document, newborns: list[Newborn]) -> Any:
    """Known from the stay itself, never read in the paper; a child's page says nothing of its mother."""
    stay = document.stay
    if document.is_about_newborn:
        return
    if stay.birth_at:
        mode = f", {stay.get_birth_mode_display().lower()}" if stay.birth_mode else ""
        yield "Naissance", f"{timezone.localtime(stay.birth_at):%d/%m à %-H h %M}{mode}"
    leaves = stay.leaves_at
    if leaves:
        kind = {True: ", sortie précoce", False: ", sortie standard", None: ""}[stay.is_early]
        yield "Sortie", f"{timezone.localtime(leaves):%d/%m à %-H h %M}{kind}"
    for newborn in newborns:
        yield (
            newborn.person.first_given_name.capitalize(),
            identity.newborn_facts(newborn, several=len(newborns) > 1),
        )
    if stay.needs:
        yield "À savoir", ", ".join(stay.needs)


def _others(user: User, document: Document) -> tuple[Paper, ...]:
    """The other papers of the stay that a town carer may open."""
    if not user.is_town_carer:
        return ()
    return tuple(p for p in papers_by_stay(user, [document.stay_id])[document.stay_id] if p.id != document.pk)
