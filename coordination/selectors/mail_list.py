"""The whole of the mail received, sorted and filtered: by date, person, type, opened or not, and who writes.

ERGO/va1.05 and 08 of the REM Ségur vague 2. Only what its reader may see (`ReceivedDocument.visible_to`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.functions import Upper as Capitals
from django.utils import timezone
from django.utils.dateparse import parse_date

from coordination.lifecycles import ReceivedStatus as R
from coordination.models import AuditEntry, ReceivedDocument, User
from coordination.selectors import mail_view
from perinat.standards.patient_box import PATIENT_DOMAIN

SHOWN = 200
LONGEST = 60
STATES = {
    "": "Tous",
    "a-classer": "À classer",
    "classes": "Classés",
    "deja": "Déjà classés",
    "retires": "Remplacés ou supprimés",
    "ecartes": "Écartés",
}
_STATUSES = {
    "a-classer": (R.TO_SORT,),
    "classes": (R.FILED,),
    "deja": (R.KNOWN,),
    "retires": (R.REPLACED, R.DELETED),
    "ecartes": (R.DISCARDED,),
}
READ = {"": "Lus et non lus", "non": "Non lus", "oui": "Lus"}
SENDERS = {"": "Tous", "professionnel": "Professionnels", "usager": "Usagers (Mon espace santé)"}
ORDERS = {
    "recents": "Arrivée, les plus récents d’abord",
    "anciens": "Arrivée, les plus anciens d’abord",
    "ecrits": "Date du document",
    "personne": "Personne",
    "type": "Type de document",
}
NEWEST = "recents"
_NAME = Capitals(Coalesce(F("person__birth_family_name"), KeyTextTransform("birth_family_name", "told")))
_BY = {
    "recents": (F("received_at").desc(), F("rank").asc()),
    "anciens": (F("received_at").asc(), F("rank").asc()),
    "ecrits": (F("written_at").desc(nulls_last=True), F("received_at").desc()),
    "personne": (_NAME.asc(nulls_last=True), F("received_at").desc()),
    "type": (F("type_label").asc(), F("received_at").desc()),
}


EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks of the list; a value of no table is as if she had asked nothing."""

    order: str = NEWEST
    state: str = ""
    read: str = ""
    sender: str = ""
    kind: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, posted: Mapping[str, str]) -> Wanted:
        def among(name: str, table: Mapping[str, str], default: str = "") -> str:
            return posted.get(name, "") if posted.get(name, "") in table else default

        return cls(
            order=among("tri", ORDERS, NEWEST),
            state=among("etat", STATES),
            read=among("lu", READ),
            sender=among("expediteur", SENDERS),
            kind=posted.get("type", "")[:20],
            person=posted.get("patiente", "").strip()[:LONGEST],
            since=_day(posted.get("depuis", "")),
            until=_day(posted.get("jusqu", "")),
        )

    @property
    def is_asked(self) -> bool:
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class Listing:
    """`more`: there are others, the question is too wide."""

    rows: tuple[mail_view.Row, ...]
    more: bool


def _day(text: str) -> date | None:
    """A day on which something may have arrived: the calendar of the database does not end where Python's does."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return min(max(day, EARLIEST), timezone.localdate()) if day else None


def choices(user: User) -> dict[str, Any]:
    """What the form offers."""
    return {"states": STATES, "reads": READ, "senders": SENDERS, "orders": ORDERS, "kinds": kinds(user)}


def kinds(user: User) -> list[tuple[str, str]]:
    """The types there are in her mail: (code, label)."""
    found = mail_view.rows_of(user).exclude(type_code="").order_by("type_label")
    return list(dict(found.values_list("type_code", "type_label").distinct()).items())


def listing(user: User, wanted: Wanted) -> Listing:
    rows = _filtered(mail_view.rows_of(user), wanted).order_by(*_BY[wanted.order])
    found = list(rows[: SHOWN + 1])
    shown = found[:SHOWN]
    return Listing(tuple(mail_view.rows(shown)), more=len(found) > SHOWN)


def _filtered(rows: QuerySet[ReceivedDocument], wanted: Wanted) -> QuerySet[ReceivedDocument]:
    if wanted.state:
        rows = rows.filter(status__in=_STATUSES[wanted.state])
    if wanted.kind:
        rows = rows.filter(type_code=wanted.kind)
    if wanted.sender:
        patient = Q(mail__sender__iendswith=f"@{PATIENT_DOMAIN}")
        rows = rows.filter(patient if wanted.sender == "usager" else ~patient)
    if wanted.read:
        opened = AuditEntry.objects.filter(
            action=mail_view.OPENED, subject="ReceivedDocument", subject_id=Cast(OuterRef("pk"), CharField())
        )
        rows = rows.filter(Exists(opened) if wanted.read == "oui" else ~Exists(opened))
    for word in wanted.person.upper().split():
        rows = rows.filter(_named(word))
    if wanted.since:
        rows = rows.filter(received_at__gte=timezone.make_aware(_midnight(wanted.since)))
    if wanted.until:
        rows = rows.filter(received_at__lt=timezone.make_aware(_midnight(wanted.until + timedelta(days=1))))
    return rows


def _named(word: str) -> Q:
    """The name of the record, or the one that the document bears while nobody has filed it."""
    known = Q(person__birth_family_name__istartswith=word) | Q(person__used_family_name__istartswith=word)
    known |= Q(person__birth_given_names__istartswith=word)
    told = Q(told__birth_family_name__istartswith=word) | Q(told__birth_given_names__istartswith=word)
    return known | told


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)
