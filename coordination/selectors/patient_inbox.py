"""« Messages aux mères »: one conversation in its order, and the list of what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from coordination import blobs
from coordination.lifecycles import ShipmentStatus
from coordination.models import Newborn, PatientLetter, PatientReply, Person, Shipment, Stay, User
from coordination.ports import ReceiptKind
from coordination.selectors import delivery
from coordination.selectors.display import Chip
from coordination.selectors.identity import mother_name, newborn_name
from perinat.standards.patient_box import matricule_of

LOOK_BACK = timedelta(days=60)
MOST = 100
UNKNOWN = "Personne à reconnaître"
_S = ShipmentStatus
LOOKS = {
    _S.QUEUED: Chip("Envoi en cours", "going", "clock"),
    _S.SENDING: Chip("Envoi en cours", "going", "send"),
    _S.ACCEPTED: Chip("Envoyé, pas encore remis", "going", "send"),
    _S.DELIVERED: Chip("Remis dans sa boîte, pas encore lu", "done", "mailbox"),
    _S.INTEGRATED: Chip("Remis dans sa boîte", "done", "mailbox"),
    _S.CANCELLED: Chip("Annulé, rien n’est parti", "quiet", "undo"),
}
TO_HANDLE = Chip("À traiter", "todo", "mail")


@dataclass(frozen=True, slots=True)
class File:
    rank: int
    name: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message of a conversation, in either direction. `papers`: titles of what went with it."""

    id: UUID
    from_patient: bool
    at: datetime
    who: str
    subject: str
    text: str
    chip: Chip
    sentence: str = ""
    steps: tuple[delivery.Step, ...] = ()
    papers: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    closes: bool = False
    after_end: bool = False
    may_retry: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    who: str
    about_newborn: bool
    at: datetime
    chip: Chip
    stay_id: UUID | None
    person_id: UUID | None
    reply_id: UUID | None = None
    after_end: bool = False


@dataclass(frozen=True, slots=True)
class Inbox:
    to_handle: tuple[Row, ...]
    conversations: tuple[Row, ...]


def letters_of(user: User) -> QuerySet[PatientLetter]:
    rows: QuerySet[PatientLetter] = PatientLetter.objects.visible_to(user)
    return rows.select_related("shipment", "person", "stay", "author", "text", "organisation")


def replies_of(user: User) -> QuerySet[PatientReply]:
    rows: QuerySet[PatientReply] = PatientReply.objects.visible_to(user)
    return rows.select_related("person", "stay", "body", "handled_by", "organisation", "letter")


def conversation(stay: Stay, person: Person, user: User) -> list[Exchange]:
    """Everything written about this stay to this person, and by her, the latest first."""
    sent = letters_of(user).filter(stay=stay, person=person)
    sent = sent.prefetch_related("shipment__receipts", "shipment__attempts", "shipment__versions__document")
    back = replies_of(user).filter(stay=stay, person=person).prefetch_related("files")
    found = [*map(_of_letter, sent), *map(of_reply, back)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _of_letter(letter: PatientLetter) -> Exchange:
    told, shipment = blobs.read_json(letter.text), letter.shipment
    described = delivery.describe(shipment)
    return Exchange(
        id=letter.pk,
        from_patient=False,
        at=letter.written_at,
        who=str(letter.author),
        subject=told["subject"],
        text=told["text"],
        chip=letter_chip(shipment),
        sentence=shipment.last_message if shipment.status in delivery.STOPPED else described.sentence,
        steps=described.steps,
        papers=tuple(version.document.title for version in shipment.versions.all()),
        closes=letter.closes,
        may_retry=shipment.status in delivery.STOPPED,
    )


def letter_chip(shipment: Shipment) -> Chip:
    """« Lu » is told by the receipt of reading, whatever the state of the sending (its receipts already loaded)."""
    status = ShipmentStatus[shipment.status]
    if status in delivery.STOPPED:
        return Chip("Non envoyé" if shipment.functional else "Non remis", "stop", "cross")
    read = [one.at for one in shipment.receipts.all() if one.kind == ReceiptKind.DISPLAYED]
    if read:
        return Chip(f"Lu le {timezone.localtime(min(read)):%d/%m à %-H h %M}", "read", "eye")
    return LOOKS.get(status, Chip(status.label))


def of_reply(reply: PatientReply) -> Exchange:
    told = blobs.read_json(reply.body)
    return Exchange(
        id=reply.pk,
        from_patient=True,
        at=reply.sent_at,
        who=_who(reply.person) if reply.person else told["name"] or UNKNOWN,
        subject=told["subject"],
        text=told["text"],
        chip=_reply_chip(reply),
        files=tuple(File(one.rank, one.name) for one in reply.files.all()),
        after_end=reply.after_end,
        waits=reply.handled_at is None,
    )


def _reply_chip(reply: PatientReply) -> Chip:
    if reply.handled_at is None:
        return TO_HANDLE
    return Chip(f"Traité par {reply.handled_by} le {timezone.localtime(reply.handled_at):%d/%m}", "done", "check")


@dataclass(frozen=True, slots=True)
class SenderTold:
    """Who writes, as ECO.3.1.2 wants it shown: birth name, first given name, matricule."""

    name: str
    matricule: str
    known: bool


def sender_of(reply: PatientReply) -> SenderTold:
    told = blobs.read_json(reply.body)
    person = reply.person
    if person is None:
        return SenderTold(told["name"] or UNKNOWN, matricule_of(told["address"]), known=False)
    return SenderTold(f"{person.birth_family_name} {person.first_given_name}", person.ins_matricule, known=True)


def inbox(user: User) -> Inbox:
    """What waits first, the oldest first; then the conversations of the last two months."""
    waiting = replies_of(user).filter(handled_at__isnull=True).order_by("received_at")[:MOST]
    since = timezone.now() - LOOK_BACK
    sent = letters_of(user).filter(written_at__gte=since).prefetch_related("shipment__receipts").order_by("-written_at")
    back = replies_of(user).filter(received_at__gte=since, handled_at__isnull=False, person__isnull=False)
    latest: dict[tuple[UUID, UUID], Row] = {}
    rows = [*map(_letter_row, sent[:MOST]), *map(_reply_row, back.order_by("-received_at")[:MOST])]
    for row in sorted(rows, key=lambda one: one.at, reverse=True):
        if row.stay_id and row.person_id:
            latest.setdefault((row.stay_id, row.person_id), row)
    return Inbox(tuple(map(_reply_row, waiting)), tuple(latest.values()))


def _letter_row(letter: PatientLetter) -> Row:
    about_newborn = letter.person_id != letter.stay.mother_id
    who = _who(letter.person, about_newborn=about_newborn)
    return Row(who, about_newborn, letter.written_at, letter_chip(letter.shipment), letter.stay_id, letter.person_id)


def _reply_row(reply: PatientReply) -> Row:
    if reply.person is None:
        who = blobs.read_json(reply.body)["name"] or UNKNOWN
        return Row(who, False, reply.received_at, Chip("À rattacher", "todo", "question"), None, None, reply.pk)
    about_newborn = reply.stay is not None and reply.person_id != reply.stay.mother_id
    who = _who(reply.person, about_newborn=about_newborn)
    chip = _reply_chip(reply)
    return Row(who, about_newborn, reply.received_at, chip, reply.stay_id, reply.person_id, reply.pk, reply.after_end)


def _who(person: Person, *, about_newborn: bool | None = None) -> str:
    if about_newborn is None:
        about_newborn = Newborn.objects.filter(person=person).exists()
    return f"{person.display_name} (nouveau-né)" if about_newborn else mother_name(person)


def waiting(user: User) -> int:
    return replies_of(user).filter(handled_at__isnull=True).count()


def cards(stay: Stay, people: Iterable[Person]) -> dict[UUID, str]:
    """Name of each person of a stay who may be written to."""
    names = {newborn.person_id: newborn_name(newborn) for newborn in stay.newborns.select_related("person")}
    return {person.pk: names.get(person.pk) or mother_name(person) for person in people}
