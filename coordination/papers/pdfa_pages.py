"""PDF/A-1: annotations and form fields of the pages (ISO 19005-1 §6.5, §6.9)."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Object

from coordination.papers.objects import name_of, number_of, sub
from coordination.papers.pdfa_report import Report

_TYPES = {
    "Text", "Link", "FreeText", "Line", "Square", "Circle", "Highlight", "Underline", "Squiggly", "StrikeOut", "Stamp",
    "Ink", "Popup", "Widget", "PrinterMark", "TrapNet",
}  # fmt: skip
_RGB = 3
_INVISIBLE, _HIDDEN, _PRINT, _NO_VIEW = 1, 2, 4, 32


def page_annotations(page: pikepdf.Page) -> Iterator[Object]:
    """The annotations of a page that are dictionaries."""
    items = page.obj.get("/Annots")
    if isinstance(items, Array):
        yield from (item for item in items if isinstance(item, Dictionary))


def check_annotations(pdf: pikepdf.Pdf, components: int, report: Report) -> None:
    """`components`: of the output intent's profile; the colours of an annotation are device RGB."""
    for number, page in enumerate(pdf.pages, start=1):
        for annotation in page_annotations(page):
            _check(annotation, number, report)
            coloured = "/C" in annotation or "/IC" in annotation
            report.add_if(coloured and components != _RGB, "DEVICE_COLOUR", number)


def _check(annotation: Object, page: int, report: Report) -> None:
    kind = name_of(annotation.get("/Subtype"))
    report.add_if(kind not in _TYPES, "ANNOTATION_TYPE", page)
    if kind != "Popup":
        flags = int(number_of(annotation.get("/F")) or 0)
        visible = flags & _PRINT and not flags & (_INVISIBLE | _HIDDEN | _NO_VIEW)
        report.add_if(not visible, "ANNOTATION", page)
    appearance = annotation.get("/AP")
    if isinstance(appearance, Dictionary):
        report.add_if(set(appearance.keys()) != {"/N"}, "ANNOTATION", page)
    elif kind == "Widget":
        report.add("FORM", page)
    if kind == "Widget":
        report.add_if(sub(annotation, "/A") is not None, "ACTION", page)
