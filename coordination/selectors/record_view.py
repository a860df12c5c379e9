"""A person's documents as one list: those of perinat and those of her shared record (DMP), each once, newest first."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from coordination.lifecycles import DocumentStatus, ReceivedStatus
from coordination.models import Document, Person, ReceivedDocument, Stay, User
from coordination.papers.words import fold
from coordination.ports import DocumentSource, Reader, RecordAct
from coordination.selectors import record_people
from coordination.selectors.record_choices import Choice, choices
from coordination.selectors.record_memory import Memory
from perinat.standards import codes
from perinat.standards.codes import Code
from perinat.standards.shared_record import DocumentStatus as RecordStatus
from perinat.standards.shared_record import RecordAuthor, RecordDocument

PERINAT, MAIL, RECORD = "perinat", "MSSanté", "DMP"
OTHERS = Code("", "", "Autres documents")
UNTITLED = "Document sans titre"
MASKS = {
    codes.MASQUE_PS.code: "Masqué aux professionnels",
    codes.INVISIBLE_PATIENT.code: "Non visible par la patiente",
    codes.INVISIBLE_REPRESENTANTS_LEGAUX.code: "Non visible par les représentants légaux",
}
# The prenatal interview has no type of its own: clinical.md §3, 34133-9 or 11488-4, told by its title.
INTERVIEW_TYPES = (codes.SYNTHESE_EPISODE.code, codes.CR_CONSULTATION.code)
INTERVIEW_TITLE = re.compile(r"ENTRETIEN PRENATAL|\bEPP\b")


@dataclass(frozen=True, slots=True)
class Item:
    """One document. `document_id`, or `received_id`: it opens in perinat; else `unique_id` asks it of the record."""

    title: str
    kind: Code
    at: datetime | None
    author: str
    origins: tuple[str, ...]
    document_id: UUID | None
    unique_id: str
    archived: bool = False
    masks: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    is_interview: bool = False
    received_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """`kinds`: what the list may be filtered by, with how many of each."""

    items: tuple[Item, ...]
    kinds: tuple[tuple[Code, int], ...]
    total: int
    interview: Item | None


def listed(
    user: User, person: Person, *, kept: Memory | None, source: DocumentSource | None, reader: Reader | None, kind: str
) -> Listed:
    """All that she may read of one person, a mother or a child; `kind`: a classCode, or nothing."""
    own, by_uid = _of_perinat(user, person)
    is_child = hasattr(person, "newborn")
    items: dict[object, Item] = dict(own)
    for document in kept.documents if kept else ():
        acts: frozenset[RecordAct] = frozenset()
        if source is not None and reader is not None and kept is not None:
            acts = source.rights_on(reader, document, treating_doctor=kept.treating)
        item = _of_record(document, choices(document, acts, of_child=is_child))
        here = by_uid.get(document.unique_id)
        items[here or document.unique_id] = _both(items[here], item) if here else item
    found = sorted(items.values(), key=_newest, reverse=True)
    counted: dict[Code, int] = defaultdict(int)
    for one in found:
        counted[one.kind] += 1
    shown = tuple(one for one in found if kind in ("", one.kind.code))
    interview = next((one for one in found if one.is_interview and not is_child), None)
    return Listed(shown, tuple(sorted(counted.items(), key=lambda pair: pair[0].label)), len(found), interview)


def interview(user: User, stay: Stay, kept: Memory | None) -> Item | None:
    """The synthesis of the prenatal interview alone, the newest of both sides."""
    own, by_uid = _of_perinat(user, stay.mother, of_types=INTERVIEW_TYPES)
    there = [_of_record(one, ()) for one in (kept.documents if kept else ()) if one.unique_id not in by_uid]
    return next((one for one in sorted([*own.values(), *there], key=_newest, reverse=True) if one.is_interview), None)


def _newest(item: Item) -> tuple[bool, float]:
    return (item.at is not None, item.at.timestamp() if item.at else 0.0)


def _of_perinat(
    user: User, person: Person, *, of_types: tuple[str, ...] = ()
) -> tuple[dict[object, Item], dict[str, UUID]]:
    """The papers of this person by id, and the id of each by the identifier of any of its versions.

    Those that came by mail and were filed are there too: the same CDA may also stand in the record.
    """
    rows = Document.objects.visible_to(user).filter(person=person, status=DocumentStatus.VALIDATED)
    rows = rows.filter(type_code__in=of_types) if of_types else rows
    items: dict[object, Item] = {}
    by_uid: dict[str, UUID] = {}
    for row in rows.select_related("author", "organisation").prefetch_related("versions"):
        versions = list(row.versions.all())
        by_uid |= {one.unique_id: row.pk for one in versions}
        at = max((one.validated_at for one in versions if one.validated_at), default=None)
        kind = row.type.document_class
        author = f"{row.author}, {row.organisation}"
        is_interview = _is_interview(row.type_code, row.title)
        items[row.pk] = Item(row.title, kind, at, author, (PERINAT,), row.pk, "", is_interview=is_interview)
    for mailed in _by_mail(user, person, of_types):
        if mailed.unique_id not in by_uid:
            items[mailed.received_id] = mailed
            by_uid |= {mailed.unique_id: mailed.received_id} if mailed.unique_id and mailed.received_id else {}
    return items, by_uid


def _by_mail(user: User, person: Person, of_types: tuple[str, ...]) -> Iterator[Item]:
    """What others sent by MSSanté, filed for this person and still in force."""
    rows = ReceivedDocument.objects.visible_to(user).filter(person=person, status=ReceivedStatus.FILED)
    rows = rows.exclude(action="D")
    rows = rows.filter(type_code__in=of_types) if of_types else rows
    for row in rows.select_related("mail"):
        known = codes.DOCUMENT_TYPES.get(row.type_code)
        title = row.title or row.type_label or UNTITLED
        author = str(row.told.get("author") or row.mail.sender_name or row.mail.sender)
        yield Item(
            title=title,
            kind=known.document_class if known else OTHERS,
            at=row.written_at or row.received_at,
            author=author,
            origins=(MAIL,),
            document_id=None,
            unique_id=row.unique_id,
            is_interview=_is_interview(row.type_code, title),
            received_id=row.pk,
        )


def _of_record(document: RecordDocument, offered: tuple[Choice, ...]) -> Item:
    kind = document.type_code.code if document.type_code else ""
    return Item(
        title=document.title or (document.type_code.label if document.type_code else UNTITLED),
        kind=_class(document.class_code),
        at=record_people.moment(document) if document.service_start or document.created_at else None,
        author=_author(document.authors),
        origins=(RECORD,),
        document_id=None,
        unique_id=document.unique_id,
        archived=document.status is RecordStatus.ARCHIVED,
        masks=tuple(MASKS[code] for code in sorted(document.confidentiality & MASKS.keys())),
        choices=offered,
        is_interview=_is_interview(kind, document.title),
    )


def _both(here: Item, there: Item) -> Item:
    """One document on both sides opens in perinat, and keeps what may be done on it in the record."""
    both = (*here.origins, RECORD)
    return replace(here, origins=both, unique_id=there.unique_id, masks=there.masks, choices=there.choices)


def _class(code: Code | None) -> Code:
    """Our own words of a class where we know it: the record may send none."""
    known = {one.document_class.code: one.document_class for one in codes.DOCUMENT_TYPES.values()}
    if code is None:
        return OTHERS
    return known.get(code.code) or Code(code.code, code.system, code.label or OTHERS.label)


def _author(authors: Iterable[RecordAuthor]) -> str:
    first = next(iter(authors), None)
    if first is None:
        return ""
    name = " ".join(part for part in (first.given_name, first.family_name) if part)
    return ", ".join(part for part in (name, first.institution) if part)


def _is_interview(type_code: str, title: str) -> bool:
    return type_code in INTERVIEW_TYPES and bool(INTERVIEW_TITLE.search(fold(title)))
