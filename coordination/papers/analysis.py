"""What the reading of one deposited file says, as JSON-serialisable values.

Page numbers start at 1. Every `message_fr` is fit for a screen: what happened, what perinat did,
what to do; none holds a name or a number of a person. Identities do hold them: store an `Analysis`
as health data.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the screen. `code` is stable (tests, filters); `page` 0 means the whole file."""

    code: str
    message_fr: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class PageRange:
    """Pages `first` to `last`, both included, from 1."""

    first: int
    last: int

    @property
    def label_fr(self) -> str:
        return f"page {self.first}" if self.first == self.last else f"pages {self.first} à {self.last}"


@dataclass(frozen=True, slots=True)
class Identity:
    """The traits of one INS datamatrix, whose key was checked. `sex` is M or F; `birth_place_cog` may be empty.

    Read from a code (capture channel CB): it still has to be compared with the stay and verified.
    """

    matricule: str
    oid: str
    family_name: str
    given_names: str
    sex: str
    birth_date: date
    birth_place_cog: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes two codes the same person: the matricule with its authority."""
        return self.matricule, self.oid


@dataclass(frozen=True, slots=True)
class PageReading:
    """One page: the identities its codes give, the codes that were refused, what its title seems to say."""

    number: int
    identities: tuple[Identity, ...] = ()
    code_errors: tuple[Notice, ...] = ()
    type_code: str = ""  # perinat.standards.codes.DOCUMENT_TYPES, empty below the threshold
    has_text: bool = False
    has_qr: bool = False


class Subject(enum.StrEnum):
    """Whose document it seems to be, from its words; the datamatrix says more when there is one."""

    MOTHER = "MOTHER"
    NEWBORN = "NEWBORN"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class TypeProposal:
    """A document type proposed from the title. `confidence` 0…1 is at or above `threshold`.

    `rule` is the words that decided, `table` the version (date) of the rule table.
    """

    type_code: str
    confidence: float
    threshold: float
    rule: str
    table: str


@dataclass(frozen=True, slots=True)
class AuthorHint:
    """A professional named in the text: `rpps` (key checked) or `name` with its `title_fr`, or both."""

    page: int
    name: str = ""
    title_fr: str = ""
    rpps: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of pages that would make one document. `identity` None: a person must say whose it is."""

    pages: PageRange
    identity: Identity | None
    type_code: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """The file cannot be filed as it is.

    `code`: TWO_IDENTITIES (`Analysis.parts` is the proposed cut), TWO_IDENTITIES_ONE_PAGE and
    TRAITS_DIFFER (no cut helps: a person decides).
    """

    code: str
    message_fr: str

    @property
    def can_be_cut(self) -> bool:
        return self.code == "TWO_IDENTITIES"


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything the reading of one file says.

    `refusal` set: the file was not read further and nothing else is filled but `sha256` and `size`.
    `parts`: the proposed cut when `blocked` can be cut, or a possible cut (several titles, one
    person) when not blocked; empty when the file is one document.
    `pdf_a`: the file itself is PDF/A-1, by our own reading; `pdf_a_findings`: why not.
    `letter`: what it would lack as a discharge letter (`letter_check.report`), whatever the type proposed.
    `qr_prescription`: a page carries a QR code beside a prescription (ordonnance numérique).
    """

    sha256: str
    size: int
    page_count: int = 0
    refusal: Notice | None = None
    pages: tuple[PageReading, ...] = ()
    identities: tuple[Identity, ...] = ()
    blocked: Blocked | None = None
    parts: tuple[Part, ...] = ()
    type: TypeProposal | None = None
    subject: Subject = Subject.UNKNOWN
    authors: tuple[AuthorHint, ...] = ()
    pdf_a: bool = False
    pdf_a_findings: tuple[Notice, ...] = ()
    qr_prescription: bool = False
    warnings: tuple[Notice, ...] = ()
    letter: dict[str, Any] | None = None

    @property
    def identity(self) -> Identity | None:
        """The only identity of the file, None when there is none, several, or when the file is blocked."""
        return self.identities[0] if len(self.identities) == 1 and self.blocked is None else None

    def as_json(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, for a JSON column."""
        result: dict[str, Any] = _plain(self)
        return result

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Analysis:
        """The inverse of `as_json`. Raises KeyError or TypeError on another shape."""
        many = {"pages": _page, "identities": _identity, "parts": _part}
        simple = {"authors": AuthorHint, "pdf_a_findings": Notice, "warnings": Notice}
        values = dict(data)
        for name, make in many.items():
            values[name] = tuple(make(item) for item in data[name])
        for name, kind in simple.items():
            values[name] = tuple(kind(**item) for item in data[name])
        for name, kind in {"refusal": Notice, "blocked": Blocked, "type": TypeProposal}.items():
            values[name] = kind(**data[name]) if data[name] is not None else None
        values["subject"] = Subject(data["subject"])
        return cls(**values)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, enum.StrEnum):
        return value.value
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _identity(data: dict[str, Any]) -> Identity:
    return Identity(**{**data, "birth_date": date.fromisoformat(data["birth_date"])})


def _page(data: dict[str, Any]) -> PageReading:
    identities = tuple(_identity(item) for item in data["identities"])
    errors = tuple(Notice(**item) for item in data["code_errors"])
    return PageReading(**{**data, "identities": identities, "code_errors": errors})


def _part(data: dict[str, Any]) -> Part:
    identity = _identity(data["identity"]) if data["identity"] is not None else None
    return Part(PageRange(**data["pages"]), identity, data["type_code"])
