"""Is this file PDF/A-1 (ISO 19005-1:2005, level B)? Our own reading of its bytes; a claim alone proves nothing.

The DMP asks for PDF/A-1 (CI-SIS, Structuration minimale, unstructured body). A finding means:
convert. The checks refuse in doubt; `pdfa_rules.RULES` says what is checked, with its clause, and
what is not. The rules were compared with the veraPDF profiles (tests).
"""

from __future__ import annotations

import io

import pikepdf

from coordination.papers import pdfa_content, pdfa_file, pdfa_metadata, pdfa_objects, pdfa_pages
from coordination.papers.analysis import Notice
from coordination.papers.opening import PDF_ERRORS
from coordination.papers.pdfa_report import Report


def check(data: bytes) -> list[Notice]:
    """What keeps the file from being PDF/A-1b, one finding per rule, in the order of the standard; [] when it is.

    Never raises on what the file holds.
    """
    report = Report()
    pdfa_file.check_bytes(data, report)
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
            pdfa_file.check_trailer(pdf, report)
            pdfa_file.check_catalog(pdf, report)
            pdfa_objects.check_objects(pdf, report)
            pdfa_metadata.check_metadata(pdf, report)
            components = pdfa_file.check_output_intent(pdf, report)
            pdfa_pages.check_annotations(pdf, components, report)
            pdfa_content.check_contents(pdf, components, report)
    except PDF_ERRORS:
        report.add("UNREADABLE")
    return report.findings()


def is_pdf_a(data: bytes) -> bool:
    return not check(data)
