"""« Courrier »: what came by mail and waits for a person, then what found its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from coordination.lifecycles import ReceivedStatus as R
from coordination.models import AuditEntry, PatientReply, Person, ReceivedDocument, Stay, User
from coordination.selectors import mail_matching
from coordination.selectors.display import Chip, chip_of_row
from coordination.selectors.tray import Candidate, Trait, candidate
from perinat.standards.patient_box import is_patient

LOOK_BACK = timedelta(days=14)
MOST = 200
OPENED = "received.opened"
ALERT_WORDS = {"AA": "très anormal", "HH": "très haut", "LL": "très bas"}
UNTITLED = "Document sans titre"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: a document, with its copy if any.

    `code`: its type in the terminology; `from_patient`: its sender is a person of Mon espace santé, not a professional;
    `is_new`: nobody has opened it.
    """

    id: UUID
    title: str
    kind: str
    code: str
    person: str
    author: str
    sender: str
    from_patient: bool
    subject: str
    written_at: datetime | None
    arrived_at: datetime
    chip: Chip
    alerts: tuple[str, ...]
    question: str
    is_new: bool

    @property
    def metadata(self) -> str:
        """What its metadata say of it, on one line: type, code, author."""
        kind = "" if self.kind == self.title else self.kind
        code = f"code {self.code}" if self.code else ""
        return ", ".join(part for part in (kind, code, self.author) if part)

    @property
    def is_urgent(self) -> bool:
        return bool(self.alerts)


@dataclass(frozen=True, slots=True)
class Inbox:
    """`urgent`: results that cannot wait and that nobody opened, filed or not."""

    urgent: tuple[Row, ...]
    to_sort: tuple[Row, ...]
    settled: tuple[Row, ...]


def rows_of(user: User) -> QuerySet[ReceivedDocument]:
    mine: QuerySet[ReceivedDocument] = ReceivedDocument.objects.visible_to(user)
    return mine.select_related("mail", "person")


def replies_waiting(user: User) -> int:
    """What patients answered and nobody has dealt with: on a page of its own, told here too (ECO.3.1.1)."""
    waiting: int = PatientReply.objects.visible_to(user).filter(handled_at__isnull=True).count()
    return waiting


def _opened(documents: list[ReceivedDocument]) -> set[str]:
    """Those that somebody has looked at."""
    keys = [str(one.pk) for one in documents]
    looked = AuditEntry.objects.filter(action=OPENED, subject="ReceivedDocument", subject_id__in=keys)
    return set(looked.values_list("subject_id", flat=True))


def inbox(user: User) -> Inbox:
    """What waits first, whatever its age; then what came in the last fourteen days."""
    mine = rows_of(user)
    waiting = list(mine.filter(status=R.TO_SORT).order_by("received_at", "rank")[:MOST])
    since = timezone.now() - LOOK_BACK
    settled = list(
        mine.exclude(status=R.TO_SORT).filter(received_at__gte=since).order_by("-received_at", "rank")[:MOST]
    )
    alerting = [one for one in (*waiting, *settled) if one.alerts]
    opened = _opened(alerting)
    urgent = [one for one in alerting if str(one.pk) not in opened]
    return Inbox(
        urgent=tuple(rows(urgent)),
        to_sort=tuple(rows([one for one in waiting if one not in urgent])),
        settled=tuple(rows([one for one in settled if one not in urgent])),
    )


def rows(documents: list[ReceivedDocument]) -> list[Row]:
    opened = _opened(documents)
    return [row(one, is_new=str(one.pk) not in opened) for one in documents]


def row(document: ReceivedDocument, *, is_new: bool = False) -> Row:
    return Row(
        id=document.pk,
        title=document.title or document.type_label or document.name or UNTITLED,
        kind=document.type_label,
        code=document.type_code,
        person=_named(document),
        author=document.told.get("author", ""),
        sender=document.mail.sender_name or document.mail.sender,
        from_patient=is_patient(document.mail.sender),
        subject=document.mail.subject,
        written_at=document.written_at,
        arrived_at=document.received_at,
        chip=chip_of_row(document),
        alerts=tuple(f"{alert['what'] or 'Résultat'} : {ALERT_WORDS[alert['code']]}" for alert in document.alerts),
        question=document.question,
        is_new=is_new,
    )


def _named(document: ReceivedDocument) -> str:
    """The person of the record once it is filed, before that the name that the document bears."""
    if document.status != R.TO_SORT and document.person is not None:
        return document.person.display_name
    told = document.told
    names = f"{told.get('birth_family_name', '')} {told.get('birth_given_names', '')}".strip()
    return names or "personne non dite"


def likely(document: ReceivedDocument, user: User) -> Candidate | None:
    """Whom the traits or the former version name, when this reader may see her."""
    if document.status != R.TO_SORT or document.person_id is None or document.stay_id is None:
        return None
    visible = Person.objects.visible_to(user).filter(pk=document.person_id).exists()
    return candidate(document.person, document.stay) if visible else None  # type: ignore[arg-type]  # both are there


def found(document: ReceivedDocument, user: User, text: str) -> list[Candidate]:
    """People whose name starts with these letters, among those that this reader may see."""
    people = mail_matching.search(document.organisation, text, holder=document.holder)
    visible = set(
        Person.objects.visible_to(user).filter(pk__in=[one.pk for one, _ in people]).values_list("pk", flat=True)
    )
    return [candidate(person, stay) for person, stay in people if person.pk in visible]


def traits(document: ReceivedDocument, person: Person | None) -> list[Trait]:
    """Side by side: what the document says, what the record says."""
    return list(_traits(document.told, person)) if document.told.get("birth_family_name") else []


def _traits(told: dict[str, Any], person: Person | None) -> Iterator[Trait]:
    born = parse_date(told.get("birth_date") or "")
    matricule = person.ins_matricule if person else ""
    yield Trait("Nom de naissance", told["birth_family_name"], person.birth_family_name if person else "")
    yield Trait("Prénoms", told["birth_given_names"], person.birth_given_names if person else "")
    yield Trait(
        "Date de naissance", f"{born:%d/%m/%Y}" if born else "", f"{person.birth_date:%d/%m/%Y}" if person else ""
    )
    yield Trait("Sexe", told["sex"], person.sex if person else "")
    yield Trait("Matricule INS", told["matricule"], matricule)


def of_stay(stay: Stay, user: User) -> list[Row]:
    """What came from outside and is filed in this stay, the latest first."""
    kept = rows_of(user).filter(stay=stay, status__in=[R.FILED, R.REPLACED, R.DELETED]).exclude(action="D")
    return rows(list(kept.order_by("-received_at", "rank")))
