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
_INVISIBLE, _HIDDEN, _PRINT, _NO_VIEW = 1, 2, 4, 32
_WITHOUT_APPEARANCE = {"Link", "Popup"}


def page_annotations(page: pikepdf.Page) -> Iterator[Object]:
    """The annotations of a page that are dictionaries."""
    items = page.obj.get("/Annots")
    if isinstance(items, Array):
        yield from (item for item in items if isinstance(item, Dictionary))


def check_annotations(pdf: pikepdf.Pdf, report: Report) -> None:
    for number, page in enumerate(pdf.pages, start=1):
        for annotation in page_annotations(page):
            _check(annotation, number, report)


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
    else:
        report.add_if(kind not in _WITHOUT_APPEARANCE, "ANNOTATION", page)
    if kind == "Widget":
        report.add_if(sub(annotation, "/A") is not None, "ACTION", page)
