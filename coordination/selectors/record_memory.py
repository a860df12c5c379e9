"""What the shared record described the last time, as JSON and back: kept encrypted, for a few hours (ADR 0018)."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from django.utils import timezone

from coordination import blobs
from coordination.models import Person, QueryKind, RecordQuery, User
from perinat.standards.codes import Code
from perinat.standards.shared_record import DocumentStatus, RecordAccess, RecordAuthor, RecordDocument, RecordPatient

CODES = ("type_code", "class_code", "format_code")
INSTANTS = ("created_at", "service_start", "service_stop")


@dataclass(frozen=True, slots=True)
class Memory:
    """The documents of one record. `until`: what to ask from, the next time; `wide`: older and archived ones too."""

    documents: tuple[RecordDocument, ...]
    until: datetime
    wide: bool
    treating: bool

    def find(self, unique_id: str) -> RecordDocument | None:
        return next((one for one in self.documents if one.unique_id == unique_id), None)

    def as_json(self) -> dict[str, Any]:
        listed = [as_json(one) for one in self.documents]
        return {"documents": listed, "until": self.until.isoformat(), "wide": self.wide, "treating": self.treating}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Memory:
        listed = tuple(_document(one) for one in kept["documents"])
        return cls(listed, datetime.fromisoformat(kept["until"]), kept["wide"], kept["treating"])


def as_json(value: RecordDocument | RecordAccess | RecordPatient) -> dict[str, Any]:
    return {name: _plain(one) for name, one in asdict(value).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return value.value
    return sorted(value) if isinstance(value, frozenset) else value


def _document(kept: dict[str, Any]) -> RecordDocument:
    values = {one.name: kept[one.name] for one in fields(RecordDocument)}
    values |= {name: Code(**values[name]) if values[name] else None for name in CODES}
    values |= {name: datetime.fromisoformat(values[name]) if values[name] else None for name in INSTANTS}
    values["status"] = DocumentStatus(values["status"])
    values["confidentiality"] = frozenset(values["confidentiality"])
    values["authors"] = tuple(RecordAuthor(**one) for one in values["authors"])
    return RecordDocument(**values)


def accesses(query: RecordQuery | None) -> list[RecordAccess]:
    return [RecordAccess(**one) for one in kept_json(query)]


def patients(query: RecordQuery | None) -> list[RecordPatient]:
    return [RecordPatient(**one) for one in kept_json(query)]


def kept_json(query: RecordQuery | None) -> Any:
    """The JSON answer of a query; nothing when it was erased. Raises BlobError."""
    return blobs.read_json(query.answer) if query is not None and query.answer is not None else []


def latest(user: User, person: Person | None, *kinds: QueryKind) -> RecordQuery | None:
    """The last question of these kinds that was answered, well or not."""
    return _asked(user, person, kinds).filter(answered_at__isnull=False).order_by("-answered_at").first()


def latest_kept(user: User, person: Person | None, *kinds: QueryKind) -> RecordQuery | None:
    """The last one whose answer is still kept."""
    rows = _asked(user, person, kinds).filter(answer__isnull=False, kept_until__gt=timezone.now())
    return rows.select_related("answer").order_by("-answered_at").first()


def kept_document(user: User, person: Person, unique_id: str) -> RecordQuery | None:
    """The opening of this document whose bytes are still kept."""
    rows = _asked(user, person, (QueryKind.OPEN,)).filter(document_uid=unique_id, kept_until__gt=timezone.now())
    found: RecordQuery | None = rows.filter(answer__isnull=False).first()
    return found


def memory(user: User, person: Person) -> tuple[Memory, datetime] | None:
    """The last list that is kept, and when the record gave it. Raises BlobError."""
    query = latest_kept(user, person, QueryKind.SEARCH, QueryKind.CHANGE)
    if query is None or query.answered_at is None:
        return None
    return Memory.from_json(kept_json(query)), query.answered_at


def _asked(user: User, person: Person | None, kinds: tuple[QueryKind, ...]) -> Any:
    """Hers alone, about the same person whatever the stay."""
    return RecordQuery.objects.visible_to(user).filter(kind__in=kinds, person=person)
