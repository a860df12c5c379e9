"""A shared record in memory (`DocumentSource`): what it holds, what it refuses, what was asked of it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from coordination.ports import ChannelError, Reader, RecordAct, Scope
from perinat.standards import codes
from perinat.standards.codes import MASQUE_PS, Code
from perinat.standards.shared_record import (
    Authorization,
    DocumentStatus,
    HeldDocument,
    RecordAccess,
    RecordAuthor,
    RecordChanges,
    RecordDocument,
    RecordPatient,
    RecordState,
)
from perinat.standards.xds import SourcePatient

TYPES = {one.type.code: one for one in codes.DOCUMENT_TYPES.values()}
_numbers = itertools.count(1)


def described(title: str, kind: str = codes.CR_BIOLOGIE.code, *, days_ago: int = 30, **changes: Any) -> RecordDocument:
    """A document as the DMP describes it."""
    uid = f"2.25.{next(_numbers)}{uuid.uuid4().int >> 100}"
    found = TYPES[kind]
    entry = f"urn:uuid:{uuid.uuid4()}"
    document = RecordDocument(
        unique_id=uid, entry_uuid=entry, logical_id=entry, status=DocumentStatus.ACTIVE, mime_type="text/xml",
        type_code=found.type, class_code=found.document_class, format_code=Code("urn:x", "1.2", "x"),
        created_at=datetime.now(UTC) - timedelta(days=days_ago),
        service_start=datetime.now(UTC) - timedelta(days=days_ago), service_stop=None,
        confidentiality=frozenset({"N"}), repository="1.2.250.1.213.4.1.1.1.2", hash_sha1="", size=None, title=title,
        authors=(RecordAuthor("899900009999", "LAURIER", "Ambre", "", "Laboratoire d'essai", "1997800999"),),
    )  # fmt: skip
    return replace(document, **changes)


@dataclass
class FakeRecord:
    """`calls`: names of the methods, in order. `failures`: raised by the next calls of these names."""

    existing: bool = True
    closed: bool = False
    authorization: Authorization = Authorization.VALID
    documents: list[RecordDocument] = field(default_factory=list)
    bytes_of: dict[str, bytes] = field(default_factory=dict)
    acts: frozenset[RecordAct] = frozenset({RecordAct.MASK, RecordAct.ARCHIVE})
    given: dict[RecordAct, Scope] = field(
        default_factory=lambda: {
            act: Scope.YES
            for act in (
                RecordAct.SEARCH,
                RecordAct.READ,
                RecordAct.LIST_ACCESSES,
                RecordAct.LIST_PATIENTS,
                RecordAct.REVOKE,
            )
        }
    )
    calls: list[str] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    patients_asked: list[SourcePatient] = field(default_factory=list)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    meanwhile: Callable[[], None] | None = None

    def _called(self, name: str, reader: Reader) -> None:
        self.calls.append(name)
        self.readers.append(reader)
        if self.meanwhile is not None:
            self.meanwhile()
        if self.failures.get(name):
            raise self.failures[name].pop(0)

    def rights(self, reader: Reader) -> dict[RecordAct, Scope]:
        return self.given

    def rights_on(
        self, reader: Reader, document: RecordDocument, *, treating_doctor: bool = False
    ) -> frozenset[RecordAct]:
        return self.acts

    def state(self, reader: Reader, patient: SourcePatient) -> RecordState:
        self._called("state", reader)
        self.patients_asked.append(patient)
        return RecordState(self.existing, self.closed, self.authorization)

    administrative = state

    def authorize(self, reader: Reader, patient: SourcePatient, *, agreed_at: datetime, treating: bool = False) -> None:
        self._called("authorize", reader)
        self.authorization = Authorization.VALID

    def revoke(self, reader: Reader, patient: SourcePatient) -> None:
        self._called("revoke", reader)
        self.authorization = Authorization.NONE

    def patients(self, reader: Reader, *, since: datetime) -> tuple[RecordPatient, ...]:
        self._called("patients", reader)
        return (RecordPatient("ACACIA", "Louise", "19930412"),)

    def accesses(self, reader: Reader, patient: SourcePatient) -> tuple[RecordAccess, ...]:
        self._called("accesses", reader)
        return (RecordAccess("899900001051", "AUBÉPINE", "Claire", False), RecordAccess("1", "HOUX", "Jean", True))

    def search(
        self, reader: Reader, patient: SourcePatient, *, since: datetime | None = None, archived: bool = False
    ) -> tuple[RecordDocument, ...]:
        self._called("search wide" if archived else "search", reader)
        shown = (DocumentStatus.ACTIVE, DocumentStatus.ARCHIVED) if archived else (DocumentStatus.ACTIVE,)
        return tuple(one for one in self.documents if one.status in shown)

    def changes(
        self, reader: Reader, patient: SourcePatient, *, since: datetime, held: Sequence[HeldDocument]
    ) -> RecordChanges:
        self._called("changes", reader)
        known = {one.unique_id for one in held}
        new = tuple(one for one in self.documents if one.unique_id not in known)
        again = tuple(one for one in self.documents if one.unique_id in known)
        return RecordChanges(new, again, {}, datetime.now(UTC))

    def retrieve(self, reader: Reader, patient: SourcePatient, document: RecordDocument) -> bytes:
        self._called("retrieve", reader)
        return self.bytes_of[document.unique_id]

    def mask(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, masked: bool) -> None:
        self._called("mask", reader)
        codes_now = document.confidentiality | {MASQUE_PS.code} if masked else document.confidentiality
        self._put(replace(document, confidentiality=frozenset(codes_now)))

    def reveal(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, mask: str) -> None:
        self._called("reveal", reader)
        self._put(replace(document, confidentiality=document.confidentiality - {mask}))

    def archive(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, archived: bool) -> None:
        self._called("archive", reader)
        self._put(replace(document, status=DocumentStatus.ARCHIVED if archived else DocumentStatus.ACTIVE))

    def delete(self, reader: Reader, patient: SourcePatient, document: RecordDocument) -> None:
        self._called("delete", reader)

    def _put(self, document: RecordDocument) -> None:
        self.documents = [document if one.unique_id == document.unique_id else one for one in self.documents]

    def fail(self, name: str, error: ChannelError | Exception) -> None:
        """The next call of this name raises."""
        self.failures.setdefault(name, []).append(error)
