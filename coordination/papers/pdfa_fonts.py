"""PDF/A-1: a font used to show text is embedded and says how to read its codes (ISO 19005-1 §6.3)."""

from __future__ import annotations

import re

from pikepdf import Array, Dictionary, Stream

from coordination.papers.objects import name_of, number_of, sub
from coordination.papers.pdfa_report import Report

_SUBSET = re.compile(r"[A-Z]{6}\+")
_SYMBOLIC, _NON_SYMBOLIC = 4, 32
_LATIN_ENCODINGS = {"MacRomanEncoding", "WinAnsiEncoding"}
_IDENTITY_CMAPS = {"Identity-H", "Identity-V"}
_SUBSET_LISTS = {"Type1": "/CharSet", "MMType1": "/CharSet", "CIDFontType0": "/CIDSet", "CIDFontType2": "/CIDSet"}
_PROGRAMS = {  # font type → descriptor key and the FontFile3 subtypes allowed by PDF 1.4
    "Type1": ("/FontFile", {"Type1C"}),
    "MMType1": ("/FontFile", {"Type1C"}),
    "TrueType": ("/FontFile2", set()),
    "CIDFontType0": ("/FontFile", {"CIDFontType0C"}),
    "CIDFontType2": ("/FontFile2", set()),
}


def check_font(font: object, page: int, report: Report) -> None:
    """`font`: the dictionary named by a Tf operator whose text is shown."""
    kind = name_of(sub(font, "/Subtype"))
    if kind == "Type3":
        return
    if kind == "Type0":
        _check_composite(font, page, report)
    elif kind in ("Type1", "MMType1", "TrueType"):
        embedded = _check_program(font, kind, page, report)
        report.add_if(embedded and not _is_described(font), "FONT_TYPE", page)
        if kind == "TrueType" and embedded:
            _check_truetype(font, page, report)
    else:
        report.add("FONT_TYPE", page)


def _is_described(font: object) -> bool:
    """A name, and one width for each code from FirstChar to LastChar."""
    first, last = number_of(sub(font, "/FirstChar")), number_of(sub(font, "/LastChar"))
    widths = sub(font, "/Widths")
    if first is None or last is None or not isinstance(widths, Array):
        return False
    return len(widths) == last - first + 1 and sub(font, "/BaseFont") is not None


def _check_program(font: object, kind: str, page: int, report: Report) -> bool:
    descriptor = sub(font, "/FontDescriptor")
    key, subtypes = _PROGRAMS[kind]
    program, compact = sub(descriptor, key), sub(descriptor, "/FontFile3")
    compact_fits = isinstance(compact, Stream) and name_of(sub(compact, "/Subtype")) in subtypes
    embedded = isinstance(program, Stream) or compact_fits
    report.add_if(not embedded, "FONT_NOT_EMBEDDED", page)
    if embedded and _SUBSET.match(name_of(sub(font, "/BaseFont"))):
        listing = _SUBSET_LISTS.get(kind)
        report.add_if(listing is not None and sub(descriptor, listing) is None, "FONT_SUBSET", page)
    return embedded


def _check_composite(font: object, page: int, report: Report) -> None:
    encoding = sub(font, "/Encoding")
    known = isinstance(encoding, Stream) or name_of(encoding) in _IDENTITY_CMAPS
    report.add_if(not known, "FONT_CMAP", page)
    descendants = sub(font, "/DescendantFonts")
    descendant = descendants[0] if isinstance(descendants, Array) and len(descendants) == 1 else None
    kind = name_of(sub(descendant, "/Subtype"))
    if kind not in ("CIDFontType0", "CIDFontType2"):
        report.add("FONT_TYPE", page)
        return
    if _check_program(descendant, kind, page, report) and kind == "CIDFontType2":
        mapping = sub(descendant, "/CIDToGIDMap")
        report.add_if(not isinstance(mapping, Stream) and name_of(mapping) != "Identity", "FONT_CMAP", page)


def _check_truetype(font: object, page: int, report: Report) -> None:
    flags = int(number_of(sub(sub(font, "/FontDescriptor"), "/Flags")) or 0)
    symbolic, latin = bool(flags & _SYMBOLIC), bool(flags & _NON_SYMBOLIC)
    encoding = sub(font, "/Encoding")
    if symbolic == latin:
        report.add("FONT_ENCODING", page)
    elif symbolic:
        report.add_if(encoding is not None, "FONT_ENCODING", page)
    else:
        base = sub(encoding, "/BaseEncoding") if isinstance(encoding, Dictionary) else encoding
        known = name_of(base) in _LATIN_ENCODINGS and sub(encoding, "/Differences") is None
        report.add_if(not known, "FONT_ENCODING", page)
