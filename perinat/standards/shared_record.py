"""A shared record that is consulted, as values: its state, its documents, who may open it (IHE ITI TF-3 §4.2, DMP).

What `DocumentSource` (coordination.ports) gives. Instants are timezone-aware, in UTC.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from perinat.standards.codes import Code


class Authorization(enum.StrEnum):
    """May this reader open this record? Answer of the record itself."""

    VALID = "VALID"
    NONE = "NONE"
    EXPIRED = "EXPIRED"
    FORBIDDEN = "FORBIDDEN"


@dataclass(frozen=True, slots=True)
class RecordState:
    """What a record says of itself before it is opened. `attached`: to « Mon espace santé », None when not said."""

    exists: bool
    closed: bool
    authorization: Authorization
    treating_doctor: bool = False
    attached: bool | None = None

    @property
    def is_open(self) -> bool:
        """She may read it now."""
        return self.exists and not self.closed and self.authorization is Authorization.VALID


class DocumentStatus(enum.StrEnum):
    ACTIVE = "ACTIVE"
    REPLACED = "REPLACED"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class RecordAuthor:
    """One author of a document; empty where the record does not say."""

    ps_idnat: str
    family_name: str
    given_name: str
    specialty: str
    institution: str
    struct_idnat: str


@dataclass(frozen=True, slots=True)
class RecordDocument:
    """A document as the record describes it. Its repr holds no text of the document.

    `unique_id` is the CDA identifier, the same on every channel: what duplicates are told by.
    `entry_uuid` names this version of the description, `logical_id` all of its versions. Instants are UTC.
    """

    unique_id: str
    entry_uuid: str
    logical_id: str
    status: DocumentStatus
    mime_type: str
    type_code: Code | None
    class_code: Code | None
    format_code: Code | None
    created_at: datetime | None
    service_start: datetime | None
    service_stop: datetime | None
    confidentiality: frozenset[str]
    repository: str
    hash_sha1: str
    size: int | None
    title: str = field(repr=False)
    authors: tuple[RecordAuthor, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """What the reader already has of a document, from an earlier search or from another channel (then no ids)."""

    unique_id: str
    entry_uuid: str = ""
    logical_id: str = ""


@dataclass(frozen=True, slots=True)
class RecordChanges:
    """What happened since the last search.

    `replaced`: entryUUID that was held → entryUUID that replaces it; `redescribed`: same document, other masks or
    status; `until`: what to ask from, the next time.
    """

    new: tuple[RecordDocument, ...]
    redescribed: tuple[RecordDocument, ...]
    replaced: dict[str, str]
    until: datetime


@dataclass(frozen=True, slots=True)
class RecordPatient:
    """A person whose record the reader may open, as the record names her (TD0.4)."""

    family_name: str
    given_name: str
    birth_date: str
    ins: str = ""


@dataclass(frozen=True, slots=True)
class RecordAccess:
    """A professional or structure that may open a record, or is refused (TD1.6)."""

    idnat: str
    family_name: str
    given_name: str
    forbidden: bool
