"""A shared record where a person reads documents: rights, and what is asked of it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coordination.ports.channels import Sender
from perinat.standards.shared_record import (
    HeldDocument,
    RecordAccess,
    RecordChanges,
    RecordDocument,
    RecordPatient,
    RecordState,
)
from perinat.standards.xds import SourcePatient


class RecordAct(enum.StrEnum):
    """What may be done on a shared record. The value is the DMP transaction that does it."""

    TEST = "0.2"
    ADMINISTRATIVE = "1.3a"
    AUTHORIZE = "0.3 AJOUT"
    REVOKE = "0.3 SUPPRESSION"
    LIST_PATIENTS = "0.4"
    LIST_ACCESSES = "1.6"
    DEPOSIT = "2.1"
    SEARCH = "3.1a"
    FIND_REFERENCE = "3.1b"
    READ = "3.2"
    MASK = "3.3a masquage"
    UNMASK = "3.3a démasquage"
    REVEAL = "3.3b"
    DELETE = "3.3c"
    ARCHIVE = "3.3d"


class Scope(enum.StrEnum):
    """How far a right reaches."""

    NO = "NO"
    OWN = "OWN"  # documents whose author she is; all of them for the treating doctor, but to delete
    STRUCTURE = "STRUCTURE"  # documents of the structure, or in its name
    YES = "YES"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who consults. `strong`: signed in with Pro Santé Connect at `signed_in_at`, else by the site alone.

    `secret`: secret connection of a minor, where only what is hidden from her legal representatives is handled.
    """

    sender: Sender
    signed_in_at: datetime
    strong: bool = True
    secret: bool = False


class DocumentSource(Protocol):
    """A shared record where a person reads documents (DMP consultation). Thread-safe.

    Every method raises one of the ChannelError, worded for the person in front of the screen, and
    PermanentChannelError « RIGHT_DENIED » before any network call when the reader has no right.
    """

    def rights(self, reader: Reader) -> dict[RecordAct, Scope]:
        """What this reader may do: what is not here is not offered. No network."""
        ...

    def rights_on(
        self, reader: Reader, document: RecordDocument, *, treating_doctor: bool = False
    ) -> frozenset[RecordAct]:
        """What this reader may do on this document as it is now. No network."""
        ...

    def state(self, reader: Reader, patient: SourcePatient) -> RecordState:
        """Does the record exist, may she open it?"""
        ...

    def administrative(self, reader: Reader, patient: SourcePatient) -> RecordState:
        """The same with what the administrative data add."""
        ...

    def authorize(self, reader: Reader, patient: SourcePatient, *, agreed_at: datetime, treating: bool = False) -> None:
        """Declare that the patient agreed, now, in front of her. Never called without that act of the user."""
        ...

    def revoke(self, reader: Reader, patient: SourcePatient) -> None:
        """End the authorisation of the reader."""
        ...

    def patients(self, reader: Reader, *, since: datetime) -> tuple[RecordPatient, ...]:
        """The people whose record the reader may open, authorised since then."""
        ...

    def accesses(self, reader: Reader, patient: SourcePatient) -> tuple[RecordAccess, ...]:
        """Who may open this record, and who is refused."""
        ...

    def search(
        self, reader: Reader, patient: SourcePatient, *, since: datetime | None = None, archived: bool = False
    ) -> tuple[RecordDocument, ...]:
        """Its documents, the latest first. `since` bounds the act described (two years without it)."""
        ...

    def changes(
        self, reader: Reader, patient: SourcePatient, *, since: datetime, held: Sequence[HeldDocument]
    ) -> RecordChanges:
        """What arrived since the last search, told apart from what is already held."""
        ...

    def retrieve(self, reader: Reader, patient: SourcePatient, document: RecordDocument) -> bytes:
        """The bytes of a document, verified: identifier, hash, size."""
        ...

    def mask(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, masked: bool) -> None:
        """Mask a document to professionals, or unmask it."""
        ...

    def reveal(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, mask: str) -> None:
        """Lift `mask`, INVISIBLE_PATIENT or INVISIBLE_REPRESENTANTS_LEGAUX. There is no way back."""
        ...

    def archive(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, archived: bool) -> None:
        """Archive a document, or make it active again."""
        ...

    def delete(self, reader: Reader, patient: SourcePatient, document: RecordDocument) -> None:
        """Delete a document (logical deletion)."""
        ...
