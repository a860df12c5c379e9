"""PDF/A-1: header, end, trailer, catalogue and output intent (ISO 19005-1 §6.1, §6.2.2, §6.6.2, §6.9)."""

from __future__ import annotations

import re

import pikepdf
from pikepdf import Array, Dictionary, Stream

from coordination.papers.objects import name_of, sub
from coordination.papers.pdfa_icc import OUTPUT_CLASSES, icc_components
from coordination.papers.pdfa_report import Report

_HEADER = re.compile(rb"%PDF-1\.(\d)[ \t]*(?:\r\n|\r|\n)%[\x80-\xff]{4}")
_MAX_MINOR = 4
_END = re.compile(rb"%%EOF(?:\r\n|\r|\n)?\Z")
_OBJECT_STREAM = re.compile(rb"/Type[ \t\r\n]*/ObjStm")


def check_bytes(data: bytes, report: Report) -> None:
    """What only the raw bytes tell."""
    header = _HEADER.match(data)
    report.add_if(header is None, "HEADER")
    report.add_if(header is not None and int(header.group(1)) > _MAX_MINOR, "VERSION")
    report.add_if(_END.search(data) is None, "AFTER_END")
    report.add_if(_OBJECT_STREAM.search(data) is not None, "OBJECT_STREAM")


def check_trailer(pdf: pikepdf.Pdf, report: Report) -> None:
    trailer = pdf.trailer
    identifier = sub(trailer, "/ID")
    report.add_if(not (isinstance(identifier, Array) and len(identifier) == 2), "TRAILER_ID")
    report.add_if(pdf.is_encrypted or "/Encrypt" in trailer, "ENCRYPTED")
    report.add_if(name_of(sub(trailer, "/Type")) == "XRef" or "/XRefStm" in trailer, "XREF_STREAM")
    version = name_of(sub(pdf.Root, "/Version")) or pdf.pdf_version
    major, _, minor = version.partition(".")
    report.add_if(major != "1" or not minor.isdigit() or int(minor) > _MAX_MINOR, "VERSION")


def check_catalog(pdf: pikepdf.Pdf, report: Report) -> None:
    root = pdf.Root
    report.add_if("/OCProperties" in root, "LAYERS")
    report.add_if("/AA" in root, "TRIGGER")
    names = sub(root, "/Names")
    report.add_if(sub(names, "/EmbeddedFiles") is not None or "/Collection" in root, "EMBEDDED_FILE")
    report.add_if(sub(names, "/JavaScript") is not None, "JAVASCRIPT")
    form = sub(root, "/AcroForm")
    report.add_if(bool(sub(form, "/NeedAppearances")) or sub(form, "/XFA") is not None, "FORM")


def check_output_intent(pdf: pikepdf.Pdf, report: Report) -> int:
    """Number of components of the destination profile; 0 when there is none that counts."""
    intents = sub(pdf.Root, "/OutputIntents")
    chosen = [
        intent
        for intent in (intents if isinstance(intents, Array) else [])
        if isinstance(intent, Dictionary) and name_of(sub(intent, "/S")) == "GTS_PDFA1"
    ]
    profiles = [profile for profile in (sub(intent, "/DestOutputProfile") for intent in chosen) if profile is not None]
    if not profiles:
        report.add("OUTPUT_INTENT")
        return 0
    streams = [profile for profile in profiles if isinstance(profile, Stream)]
    same = len({stream.objgen for stream in streams}) == 1
    components = icc_components(streams[0], OUTPUT_CLASSES) if len(streams) == len(profiles) and same else 0
    report.add_if(components == 0, "OUTPUT_PROFILE")
    return components
