"""Bytes of a CDA R2 (N1 or N3) → what it says, as values.

Reads what others wrote: any element may be absent or oddly filled, volets may be unknown. Refused: bytes that are not
safe XML (see `reading.safe`), a root that is not a CDA document, a PDF whose base64 is broken. Sources: « Structuration
minimale » V1.16.8; CDA R2 (HL7 V3 reference model); N1 body (XDS-SD); N3 PDF copy, section FR-Document-PDF-copie
1.2.250.1.213.1.1.2.243, FR-Document-attaché 1.2.250.1.213.1.1.3.18.
"""

from __future__ import annotations

from coordination.cda.reading.as_json import as_json
from coordination.cda.reading.bodies import Attachment
from coordination.cda.reading.datatypes import Coded, Identifier, Value
from coordination.cda.reading.document import Section, WholeDocument, whole
from coordination.cda.reading.facts import Fact
from coordination.cda.reading.header import ReadDocument, ReadPatient, ReadPerson, read_header
from coordination.cda.reading.safe import check_crowd, root_of
from coordination.cda.reading.summary import summary
from coordination.cda.reading.times import parse_day, parse_instant

__all__ = [
    "Attachment",
    "Coded",
    "Fact",
    "Identifier",
    "ReadDocument",
    "ReadPatient",
    "ReadPerson",
    "Section",
    "Value",
    "WholeDocument",
    "as_json",
    "parse_day",
    "parse_instant",
    "read",
    "read_whole",
    "summary",
]


def read(data: bytes, *, max_bytes: int | None = None) -> ReadDocument:
    """The header and the PDF, quickly. Raises CdaReadError (message in French, nothing of the content)."""
    return read_header(root_of(data, max_bytes=max_bytes))


def read_whole(data: bytes, *, max_bytes: int | None = None) -> WholeDocument:
    """Everything: participants, sections, narratives as safe HTML, coded facts, files. Raises CdaReadError."""
    check_crowd(data)
    return whole(root_of(data, max_bytes=max_bytes))
