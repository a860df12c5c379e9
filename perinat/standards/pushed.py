"""What a hospital's software pushes in without a screen, as values: HL7 v2 today (coordination.ports.Intake)."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date, datetime

from perinat.standards.identifiers import Ins


class Fact(enum.StrEnum):
    """What a hospital's software tells of a person or of her stay."""

    PRESENT = "PRESENT"  # admitted, registered or brought up to date: PAM A01, A04, A08
    LEFT = "LEFT"  # A03
    NOT_ADMITTED = "NOT_ADMITTED"  # A11: the admission is cancelled
    NOT_LEFT = "NOT_LEFT"  # A13: the discharge is cancelled
    IDENTITY = "IDENTITY"  # A28, A31: traits and numbers, no stay
    RENUMBERED = "RENUMBERED"  # A40, A47: `former_ipp` is now `ipp`


class Act(enum.StrEnum):
    """What a message asks of its document; ORC-1, OBX-11 and the event agree (CI-SIS)."""

    NEW = "NEW"
    REPLACE = "REPLACE"
    DELETE = "DELETE"


class ReportKind(enum.StrEnum):
    """What is told back of a document that was pushed."""

    DMP = "DMP"  # what the DMP answered: ZAM Z01
    MAIL = "MAIL"  # whether the mailbox of a recipient received it: ZAM Z02
    READ = "READ"  # whether it was read or filed there: ZAM Z03


@dataclass(frozen=True, slots=True)
class PushedPerson:
    """Strict traits as received. `ins` travels with `validated` (PID-32 VALI): only then is it a qualified identity."""

    ipp: str
    birth_family_name: str
    birth_given_names: str
    birth_date: date
    sex: str
    used_family_name: str = ""
    birth_place_cog: str = ""
    ins: Ins | None = None
    validated: bool = False
    phone: str = ""
    address_line: str = ""
    postal_code: str = ""
    city: str = ""
    commune_cog: str = ""


@dataclass(frozen=True, slots=True)
class PushedMovement:
    """One fact about one person. Instants are aware. `mother_ipp`, `birth_rank`, `born_at`: she is a newborn."""

    fact: Fact
    person: PushedPerson
    stay_number: str = ""
    admitted_at: datetime | None = None
    discharged_at: datetime | None = None
    expected_discharge_at: datetime | None = None
    room: str = ""
    unit: str = ""
    mother_ipp: str = ""
    born_at: datetime | None = None
    birth_rank: int = 0
    weight_g: int | None = None
    former_ipp: str = ""
    inpatient: bool = True


@dataclass(frozen=True, slots=True)
class Wishes:
    """Where the sender wants its document to go; None: it does not say, perinat's own rules decide.

    `closes`: the patient is not to answer. `to_professionals`, `to_patient`: what it writes to them, in its own words.
    """

    dmp: bool | None = None
    professionals: bool | None = None
    patient: bool | None = None
    closes: bool = False
    to_professionals: str = field(default="", repr=False)
    to_patient: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PushedDocument:
    """One document about one person: `unique_id` is that of the sender, `replaces` the one it takes the place of.

    `person`: None when the sender names nobody beside the document (a file dropped in a folder). `name`: of its file,
    for the ward; `pdf`: the readable copy that came beside it. `recipients`: (name, RPPS or empty, address) as asked by
    the sender; `masks`: codes of JDV_J58. `wants_report`, `wants_reading`: what becomes of it, and who reads it, is to
    be told back.
    """

    act: Act
    person: PushedPerson | None
    stay_number: str
    type_code: str
    data: bytes = field(repr=False)
    unique_id: str = ""
    replaces: str = ""
    masks: tuple[str, ...] = ()
    recipients: tuple[tuple[str, str, str], ...] = ()
    name: str = field(default="", repr=False)
    pdf: bytes = field(default=b"", repr=False)
    wishes: Wishes = Wishes()
    wants_report: bool = False
    wants_reading: bool = False


@dataclass(frozen=True, slots=True)
class IntakeRefusal:
    """Why a message is refused. `condition`: HL7 table 0357; `application`: 900 to 906 (CI-SIS), or empty.

    `again`: the same message may be taken later (AR); else a person must act (AE). `place`: segment^1^field.
    """

    message_fr: str
    condition: str = "207"
    application: str = "906"
    place: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Pushed:
    """One message as received: `raw` is kept encrypted, `account` works in the ward in whose name it is taken.

    `content` is a refusal when the adapter could not understand it. `at`: when the sender recorded the fact. `token`:
    opaque to the core, given back with each report about this message. `anew`: a person brings it, maybe once more
    after she has corrected what refused it: a refusal is not repeated, it is judged again.
    """

    account: str
    sender: str
    control_id: str
    kind: str
    at: datetime
    content: PushedMovement | PushedDocument | IntakeRefusal
    raw: bytes = field(repr=False)
    token: str = ""
    anew: bool = False


@dataclass(frozen=True, slots=True)
class PushedReport:
    """One fact about a document, for who pushed it in the message `control_id`.

    `report_id` is stable over all tries. `ok`: arrived (or read), else `code` and `label` say why not: those of the
    DMP, of the mailbox's server, or of the reader's software. `address`, `recipient`: mailbox and PS_IdNat, if any.
    """

    report_id: str
    token: str
    control_id: str
    kind: ReportKind
    ok: bool
    at: datetime
    code: str = ""
    label: str = ""
    address: str = ""
    recipient: str = ""
