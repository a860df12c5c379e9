"""The whole reading of one deposited file: opened, codes read, type proposed, blocked when it must be."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

from coordination.papers import classify, codes, pdfa, splitting
from coordination.papers.analysis import Analysis, Notice, PageReading, TypeProposal
from coordination.papers.authors import propose_authors
from coordination.papers.letter_check.text import check_text
from coordination.papers.opening import Limits, Paper, PaperError, open_paper, unreadable
from coordination.papers.pdfium import Pages, RenderError, open_pages
from perinat.standards.codes import CLASS_PRESCRIPTION, DOCUMENT_TYPES

MAX_SECONDS = 120.0  # checked between pages; `apart.analyse_apart` also bounds the time inside one


def analyse(data: bytes, *, limits: Limits, accept_production_ins: bool) -> Analysis:
    """Read the file. Never raises on what it holds: `Analysis.refusal` says why it was not read further.

    `accept_production_ins`: False outside production, where an INS of a real person is refused.
    """
    digest = hashlib.sha256(data).hexdigest()
    try:
        paper = open_paper(data, limits=limits)
        readings, texts = _read_pages(paper, accept_production_ins)
    except PaperError as error:
        return Analysis(digest, len(data), refusal=error.notice)
    blocked = splitting.blocking(readings)
    parts = splitting.proposed_parts(readings) if blocked is None or blocked.can_be_cut else ()
    proposal = _whole_type(texts) if blocked is None and not parts else None
    findings = pdfa.check(data)
    return Analysis(
        sha256=digest,
        size=len(data),
        page_count=paper.page_count,
        pages=tuple(readings),
        identities=splitting.distinct_identities(readings),
        blocked=blocked,
        parts=parts,
        type=proposal,
        subject=classify.propose_subject(_first_words(texts)),
        authors=propose_authors(texts),
        pdf_a=not findings,
        pdf_a_findings=tuple(findings),
        qr_prescription=any(_is_qr_prescription(page, text) for page, text in zip(readings, texts, strict=True)),
        warnings=paper.notices + tuple(_warnings(readings)),
        letter=check_text(texts).as_json() if blocked is None else None,
    )


def _read_pages(paper: Paper, accept_production_ins: bool) -> tuple[list[PageReading], list[str]]:
    deadline = time.monotonic() + MAX_SECONDS
    readings, texts = [], []
    try:
        with open_pages(paper.data) as pages:
            if pages.count != paper.page_count:
                raise unreadable()  # two readers see two documents: nobody knows which one is shown
            for number in range(1, pages.count + 1):
                if time.monotonic() > deadline:
                    raise too_slow()
                text = pages.text(number)
                texts.append(text)
                readings.append(_read_page(pages, number, text, accept_production_ins))
    except RenderError:
        raise unreadable() from None
    return readings, texts


def _read_page(pages: Pages, number: int, text: str, accept_production_ins: bool) -> PageReading:
    found = codes.read_page(pages, number, accept_production_ins=accept_production_ins)
    proposal = classify.propose_type(text)
    return PageReading(
        number,
        found.identities,
        found.errors,
        proposal.type_code if proposal else "",
        bool(text.strip()),
        found.has_qr,
    )


def too_slow() -> PaperError:
    return PaperError(
        "TOO_SLOW",
        "La lecture du fichier a pris trop de temps et a été arrêtée. Il n'a pas été classé. "
        "Imprimez le document en PDF ou séparez-le, puis déposez-le à nouveau.",
    )


def _whole_type(texts: Sequence[str]) -> TypeProposal | None:
    """The title is looked for on the first page that has words."""
    return classify.propose_type(_first_words(texts))


def _first_words(texts: Sequence[str]) -> str:
    return next((text for text in texts if text.strip()), "")


def _is_qr_prescription(page: PageReading, text: str) -> bool:
    """A QR code on a page that is, or may be, a prescription; a scan without words is doubted."""
    if not page.has_qr:
        return False
    kind = DOCUMENT_TYPES.get(page.type_code)
    if kind is not None:
        return kind.document_class == CLASS_PRESCRIPTION
    words = classify.normalised(text)
    return not words or "ORDONNANCE" in words or "PRESCRIPTION" in words


def _warnings(readings: Sequence[PageReading]) -> list[Notice]:
    warnings = [error for page in readings for error in page.code_errors]
    if not any(page.identities for page in readings):
        warnings.append(
            Notice("NO_CODE", "Aucun datamatrix INS n'a été lu. Choisissez la personne et le séjour à la main.")
        )
    if not any(page.has_text for page in readings):
        warnings.append(Notice("NO_TEXT", "Le document est une image sans texte. Choisissez son type à la main."))
    return warnings
