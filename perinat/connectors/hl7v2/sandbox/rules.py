"""What the fictitious software refuses in a ZAM message, each with its clause (IG « Transmission de document(s) CDA »).

Reads its own segments: nothing is shared with the client. Codes: messageErrorCondition (HL7 table 0357).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

EVENTS = {
    "Z01": ("ACK_RECEPTION_DMP", "", "DMP_ERROR_CODE"),
    "Z02": ("ACK_RECEPTION_MSS", "DESTINATAIRE_MSS", "SMTPERRORCODE"),
    "Z03": ("ACK_LECTURE_MSS", "LECTEUR_MSS", "applicationErrorCondition"),
}
LOCAL = "99"  # HL7: a table of one's own
SMTP = frozenset(
    ("101", "111", "251", "252", "420", "421", "422", "431", "432", "441", "442", "450", "451", "452", "500", "501",
     "502", "503", "504", "510", "512", "513", "523", "530", "541", "550", "551", "552", "553", "554")
)  # fmt: skip
READER = frozenset(("900", "901", "902", "903", "904", "905", "906"))
DATE = re.compile(r"\d{12}(\d{2})?([+-]\d{4})?", re.ASCII)
SEQUENCE, MISSING, TYPE, TABLE = "100", "101", "102", "103"
KIND, EVENT, PROCESSING, VERSION = "200", "201", "202", "203"


class RefusedError(Exception):
    """`condition` of ERR-3, and the clause that the message breaks."""

    def __init__(self, condition: str, clause: str) -> None:
        super().__init__(clause)
        self.condition, self.clause = condition, clause


@dataclass(frozen=True, slots=True)
class Report:
    """What a correct message says."""

    control_id: str
    event: str
    about: str
    ok: bool
    address: str
    code: str


def read(data: bytes) -> tuple[list[list[str]], list[str]]:
    """Segments, fields from 0 (the name); MSH numbered as the standard does. Raises RefusedError."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RefusedError(TYPE, "MSH-18 : UTF-8 annoncé") from error
    lines = [line.split("|") for line in text.split("\r") if line]
    if not lines or not text.startswith("MSH|^~\\&|") or "\n" in text or not text.endswith("\r"):
        raise RefusedError(SEQUENCE, "MSH en tête, segments terminés par CR")
    return lines, ["MSH", "|", *lines[0][1:]]


def judged(data: bytes) -> Report:
    """The report, or RefusedError."""
    lines, header = read(data)
    event = _header(header)
    names = [line[0] for line in lines]
    code, who, system = EVENTS[event]
    expected = ["MSH", "EVN", "OBX", *(["OBX"] if who else [])]
    if names not in (expected, [*expected, "ERR"]):
        raise RefusedError(SEQUENCE, f"ZAM_Z01 : {' '.join(expected)} [ERR]")
    status = _observation(lines[2], "1", "CWE", code)
    if not status[4]:
        raise RefusedError(MISSING, "OBX-4 : identifiant du message ORU/MDM")
    answer, _, table = status[5].partition("^^")
    if answer not in ("Y", "N") or table != "expandedYes-NoIndicator":
        raise RefusedError(TABLE, "OBX-5 : Y ou N, expandedYes-NoIndicator")
    if (answer == "N") != (names[-1] == "ERR"):
        raise RefusedError(SEQUENCE, "ERR : requis si et seulement si OBX-5 vaut N")
    address = _address(_observation(lines[3], "2", "XTN", who)) if who else ""
    reason = _error(lines[-1], event, system) if answer == "N" else ""
    return Report(header[10], event, status[4], answer == "Y", address, reason)


def _header(header: Sequence[str]) -> str:
    """The event. Raises RefusedError."""
    for number in (3, 4, 5, 6, 7, 9, 10, 11, 12, 17, 18, 21):
        if len(header) <= number or not header[number]:
            raise RefusedError(MISSING, f"MSH-{number} requis")
    kind = header[9].split("^")
    if len(kind) != 3 or kind[0] != "ZAM" or kind[2] != "ZAM_Z01":
        raise RefusedError(KIND, "MSH-9 : ZAM^Z0n^ZAM_Z01")
    if kind[1] not in EVENTS:
        raise RefusedError(EVENT, "MSH-9.2 : Z01, Z02, Z03")
    if not DATE.fullmatch(header[7]):
        raise RefusedError(TYPE, "MSH-7 : date et heure")
    if header[11] not in ("P", "T", "D"):
        raise RefusedError(PROCESSING, "MSH-11 : P, T ou D")
    if header[12] != "2.6":
        raise RefusedError(VERSION, "MSH-12 : 2.6")
    fixed = {17: ("FRA",), 18: ("UNICODE UTF-8",), 21: ("2.1^CISIS_CDA_HL7_V2",)}
    for number, allowed in fixed.items():
        if header[number] not in allowed:
            raise RefusedError(TABLE, f"MSH-{number} : {allowed[0]}")
    return kind[1]


def _observation(line: Sequence[str], rank: str, kind: str, code: str) -> Sequence[str]:
    if len(line) < 12 or line[1] != rank or line[2] != kind:
        raise RefusedError(TYPE, f"OBX|{rank}|{kind}")
    identifier = line[3].split("^")
    if identifier[0] != code or len(identifier) != 3 or not identifier[1] or identifier[2] != "AckMetierZAM":
        raise RefusedError(TABLE, f"OBX-3 : {code}^…^AckMetierZAM")
    if line[11] != "F":
        raise RefusedError(TABLE, "OBX-11 : F")
    return line


def _address(line: Sequence[str]) -> str:
    parts = line[5].split("^")
    if len(parts) != 4 or parts[2] != "X.400" or "@" not in parts[3]:
        raise RefusedError(TYPE, "OBX-5 : ^^X.400^adresse")
    return parts[3]


def _error(line: Sequence[str], event: str, system: str) -> str:
    if len(line) < 6 or line[3] != "207^Application error^messageErrorCondition" or line[4] not in ("E", "F", "I", "W"):
        raise RefusedError(TABLE, "ERR-3 : 207^Application error^messageErrorCondition, ERR-4 : gravité")
    parts = line[5].split("^")
    known = len(parts) == 3 and (parts[2] == system or (event == "Z01" and parts[2].startswith(LOCAL)))
    if not known or not parts[0] or not parts[1]:
        raise RefusedError(TABLE, f"ERR-5 : code^libellé^{system}")
    allowed = {"Z02": SMTP, "Z03": READER}.get(event)
    if allowed is not None and parts[0] not in allowed:
        raise RefusedError(TABLE, f"ERR-5.1 : table {system}")
    return parts[0]
