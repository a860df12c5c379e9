"""What one received file says of itself: its patient, its author, and the results that cannot wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coordination.cda import reader
from coordination.cda.errors import CdaReadError
from perinat.standards.identifiers import Ins
from perinat.standards.received import ReceivedFile

MAX_BYTES = 30 * 1024 * 1024
PDF = "application/pdf"
ALERTS = ("AA", "HH", "LL")  # HL7 ObservationInterpretation, « critical »: BIO/va1.01 of the REM Ségur vague 2
MOST_ALERTS = 20


@dataclass(frozen=True, slots=True)
class Told:
    """`patient` is None for what is no CDA; `told` is its JSON for the page. `broken_fr`: why the CDA was not read."""

    unique_id: str
    target_id: str = ""
    title: str = ""
    type_code: str = ""
    type_label: str = ""
    written_at: datetime | None = None
    patient: reader.ReadPatient | None = None
    author: str = ""
    author_structure: str = ""
    alerts: tuple[dict[str, str], ...] = ()
    pdf: bytes = field(default=b"", repr=False)
    broken_fr: str = ""

    @property
    def ins(self) -> Ins | None:
        return self.patient.ins if self.patient else None

    def as_json(self) -> dict[str, Any]:
        """The traits that a person compares, and who wrote."""
        told: dict[str, Any] = {"author": self.author, "author_structure": self.author_structure}
        patient = self.patient
        if patient is None:
            return told
        return told | {
            "matricule": patient.ins.matricule if patient.ins else "",
            "oid": patient.ins.oid if patient.ins else "",
            "birth_family_name": patient.birth_family_name,
            "birth_given_names": patient.birth_given_names,
            "birth_date": patient.birth_date.isoformat() if patient.birth_date else "",
            "sex": patient.sex,
        }


def read(file: ReceivedFile) -> Told:
    """Never raises on the content: what is no readable CDA is told by its metadata."""
    described = Told(
        file.unique_id,
        title=file.title,
        type_code=file.type.code if file.type else "",
        type_label=file.type.label if file.type else "",
    )
    if not is_xml(file):
        return described
    try:
        header = reader.read(file.data, max_bytes=MAX_BYTES)
        alerts = tuple(_alerts(file.data)) if header.level == 3 else ()
    except CdaReadError as error:
        return Told(file.unique_id, title=file.title, type_label=described.type_label, broken_fr=error.message_fr)
    kind = header.type or file.type
    author = header.author
    return Told(
        unique_id=header.unique_id or file.unique_id,
        target_id=header.unique_id if file.action == "D" else header.replaces,
        title=header.title or file.title,
        type_code=kind.code if kind else "",
        type_label=kind.label if kind else "",
        written_at=header.created_at,
        patient=header.patient,
        author=" ".join(part for part in (author.given_name, author.family_name) if part) if author else "",
        author_structure=(author.organization_idnat or author.organization) if author else "",
        alerts=alerts[:MOST_ALERTS],
        pdf=header.pdf,
    )


def is_xml(file: ReceivedFile) -> bool:
    return "xml" in file.media_type or file.data[:5] == b"<?xml"


def is_pdf(file: ReceivedFile) -> bool:
    return file.data.startswith(b"%PDF")


def _alerts(data: bytes) -> Iterator[dict[str, str]]:
    """The results whose interpretation is critical, in the order of the document."""
    for fact in reader.read_whole(data, max_bytes=MAX_BYTES).facts:
        for named in fact.codings:
            code = named.code.code.upper()
            if named.name == "interpretationCode" and code in ALERTS:
                yield {"code": code, "what": (fact.code.words if fact.code else "")[:120]}
