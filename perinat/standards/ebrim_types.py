"""HL7 v2 data types inside XDS metadata: CX, XCN, XON, DTM, PID fields (IHE ITI TF-3 §4.2.3.1.7, dmp.md §3.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from perinat.standards import oids
from perinat.standards.codes import Code
from perinat.standards.identifiers import IdentifierError, Ins
from perinat.standards.xds import Institution, Professional, SourcePatient

_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
_UNESCAPES = {escape: plain for plain, escape in _ESCAPES.items()}
_DTM = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?:(?P<minute>\d\d)(?:(?P<second>\d\d))?)?)?)?)?"
    r"(?:\.\d+)?(?:(?P<sign>[+-])(?P<offset_hours>\d\d)(?P<offset_minutes>\d\d))?"
)


class EbrimError(ValueError):
    """Metadata cannot be written or read. `message_fr` holds nothing of the document or of the person."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def escape(text: str) -> str:
    """Protect the HL7 v2 separators of a value (HL7 v2.5 §2.7)."""
    return "".join(_ESCAPES.get(character, character) for character in text)


def unescape(text: str) -> str:
    """Inverse of `escape`; unknown sequences stay as they are."""
    return re.sub(r"\\[EFSTR]\\", lambda match: _UNESCAPES[match.group()], text)


def utc(moment: datetime) -> str:
    """DTM in UTC, AAAAMMJJHHMMSS. Raises EbrimError for a naive datetime."""
    if moment.tzinfo is None:
        raise EbrimError("Une date des métadonnées n'a pas de fuseau horaire.")
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def parse_dtm(text: str) -> datetime | None:
    """Read a DTM of any precision, UTC unless it carries an offset; None when it is not a date."""
    match = _DTM.fullmatch(text.strip())
    if match is None:
        return None
    part = match.groupdict()
    zone: timezone = UTC
    try:
        if part["sign"]:
            offset = timedelta(hours=int(part["offset_hours"]), minutes=int(part["offset_minutes"]))
            zone = timezone(-offset if part["sign"] == "-" else offset)
        return datetime(
            int(part["year"]),
            int(part["month"] or 1),
            int(part["day"] or 1),
            int(part["hour"] or 0),
            int(part["minute"] or 0),
            int(part["second"] or 0),
            tzinfo=zone,
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Cx:
    """A patient identifier: `identifier` within `authority` (OID); `kind` NH (INS) or PI (IPP)."""

    identifier: str
    authority: str
    kind: str = ""

    @property
    def ins(self) -> Ins | None:
        """The INS, when the authority is one of INS and the matricule is right."""
        if self.authority not in oids.INS_AUTHORITIES:
            return None
        try:
            return Ins(self.identifier, self.authority)
        except IdentifierError:
            return None


def cx(identifier: str, authority: str, kind: str) -> str:
    """CX `id^^^&oid&ISO^kind`."""
    return f"{escape(identifier)}^^^&{escape(authority)}&ISO^{kind}"


def source_patient_cx(patient: SourcePatient) -> str:
    """sourcePatientId: the IPP, else the INS (dmp.md §3.2)."""
    return cx(patient.local_id, patient.local_oid, "PI") if patient.local_id else patient.patient_id_cx


def parse_cx(text: str) -> Cx | None:
    """Read a CX, with or without what some senders add after component 5; None when it holds no identifier."""
    parts = text.split("^")
    if not parts[0].strip():
        return None
    authority = _component(parts, 4).split("&")
    return Cx(
        identifier=unescape(parts[0].strip()),
        authority=unescape(authority[1]) if len(authority) > 1 else "",
        kind=_component(parts, 5),
    )


@dataclass(frozen=True, slots=True)
class Xcn:
    """A person (or a system) of an XCN: national identifier, names, its authority and type."""

    identifier: str
    family_name: str
    given_name: str
    authority: str = ""
    kind: str = ""


def xcn(person: Professional) -> str:
    """XCN of a professional: PS_IdNat, names, IDNPS (dmp.md §3.3)."""
    names = f"{escape(person.ps_idnat)}^{escape(person.family_name)}^{escape(person.given_name)}"
    return f"{names}^^^^^^&{oids.PS_IDNAT}&ISO^D^^^IDNPS"


def parse_xcn(text: str) -> Xcn:
    """Read an XCN; absent components are empty."""
    parts = text.split("^")
    authority = _component(parts, 9).split("&")
    return Xcn(
        identifier=unescape(parts[0]),
        family_name=unescape(_component(parts, 2)),
        given_name=unescape(_component(parts, 3)),
        authority=unescape(authority[1]) if len(authority) > 1 else "",
        kind=_component(parts, 13),
    )


def xon(institution: Institution) -> str:
    """XON of an institution: name, Struct_IdNat, IDNST (dmp.md §3.3)."""
    return f"{escape(institution.name)}^^^^^&{oids.STRUCT_IDNAT}&ISO^IDNST^^^{escape(institution.struct_idnat)}"


def parse_xon(text: str) -> Institution:
    """Read an XON; absent components are empty."""
    parts = text.split("^")
    return Institution(unescape(parts[0]), unescape(_component(parts, 10)))


def specialty(code: Code) -> str:
    """authorSpecialty `code^label^system`."""
    return f"{escape(code.code)}^{escape(code.label)}^{code.system}"


def parse_specialty(text: str) -> Code:
    """Read an authorSpecialty; absent components are empty."""
    parts = text.split("^")
    return Code(unescape(parts[0]), _component(parts, 3), unescape(_component(parts, 2)))


def source_patient_info(patient: SourcePatient) -> tuple[str, ...]:
    """sourcePatientInfo: PID-5 (birth name, first given name), PID-7, PID-8 (dmp.md §3.3)."""
    name = f"{escape(patient.birth_family_name)}^{escape(patient.first_given_name)}"
    return (f"PID-5|{name}^^^^^L", f"PID-7|{patient.birth_date:%Y%m%d}", f"PID-8|{patient.sex}")


@dataclass(frozen=True, slots=True)
class PatientInfo:
    """What sourcePatientInfo says of the person; what it does not say is empty or None."""

    family_name: str = ""
    given_name: str = ""
    birth_date: date | None = None
    sex: str = ""


def parse_source_patient_info(values: tuple[str, ...]) -> PatientInfo:
    """Read the PID fields of sourcePatientInfo; of several names the legal one (type L) is preferred."""
    fields: dict[str, list[str]] = {}
    for value in values:
        name, _, content = value.partition("|")
        fields.setdefault(name.strip().upper(), []).extend(content.split("~"))
    names = [field.split("^") for field in fields.get("PID-5", [])]
    names.sort(key=lambda parts: _component(parts, 7) != "L")
    born = parse_dtm(fields.get("PID-7", [""])[0][:8])
    return PatientInfo(
        family_name=unescape(names[0][0]) if names else "",
        given_name=unescape(_component(names[0], 2)) if names else "",
        birth_date=born.date() if born else None,
        sex=fields.get("PID-8", [""])[0],
    )


def _component(parts: list[str], position: int) -> str:
    """HL7 component, numbered from 1; empty when absent."""
    return parts[position - 1] if len(parts) >= position else ""
