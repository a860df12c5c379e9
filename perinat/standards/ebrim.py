"""XDS metadata in ebRIM 3.0, the one door: write a lot, read a lot (IHE ITI TF-3 §4.2, French profile).

Used by the DMP deposit (ITI-41, dmp.md §1.5, §3) and by METADATA.XML of an XDM archive (mssante.md
§2.4). Writing stands in `ebrim_writer`, reading in `ebrim_reader` (values in `ebrim_parsed`), the HL7
data types in `ebrim_types`, URNs and UUIDs in `ebrim_schemes`.
"""

from __future__ import annotations

from perinat.standards.ebrim_parsed import (
    ParsedAssociation,
    ParsedAuthor,
    ParsedEntry,
    ParsedSet,
    ParsedSubmission,
)
from perinat.standards.ebrim_reader import read_submission
from perinat.standards.ebrim_types import Cx, EbrimError, PatientInfo, Xcn, cx, parse_cx, utc, xcn, xon
from perinat.standards.ebrim_writer import (
    Association,
    EntryItem,
    signature_object,
    status_update,
    submission,
)

__all__ = [
    "Association",
    "Cx",
    "EbrimError",
    "EntryItem",
    "ParsedAssociation",
    "ParsedAuthor",
    "ParsedEntry",
    "ParsedSet",
    "ParsedSubmission",
    "PatientInfo",
    "Xcn",
    "cx",
    "parse_cx",
    "read_submission",
    "signature_object",
    "status_update",
    "submission",
    "utc",
    "xcn",
    "xon",
]
