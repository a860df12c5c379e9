"""The PDF/A-1b copy that the DMP asks for (CI-SIS Structuration minimale, unstructured body).

In order: the file itself when our own reading says it is PDF/A-1; Ghostscript when it is installed;
page images over their searchable text. Every result is read by our own checker before it leaves.
See docs/adr/0006-pdf-a.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from coordination.papers import ghostscript, pdfa
from coordination.papers.analysis import Notice
from coordination.papers.opening import Paper
from coordination.papers.page_images import from_images
from coordination.papers.pdfium import RenderError, open_pages

Method = Literal["unchanged", "ghostscript", "images"]


@dataclass(frozen=True, slots=True)
class ConversionPolicy:
    """House rules of conversion, dated: `since` says from when this version of the rules applies.

    `keep_qr_prescriptions`: an ordonnance numérique keeps its original bytes even when it is not
    PDF/A (its QR code and any signature must not be re-rendered). `dpi`: of page images.
    """

    since: date = date(2026, 11, 21)
    keep_qr_prescriptions: bool = True
    use_ghostscript: bool = True
    ghostscript_seconds: float = 60.0
    dpi: int = 200


@dataclass(frozen=True, slots=True)
class Converted:
    """`pdf_a`: the bytes to send. `conforms` is False only for a prescription kept as it is (see `warnings`)."""

    pdf_a: bytes
    method: Method
    warnings: tuple[Notice, ...] = ()
    conforms: bool = True


class ConversionError(Exception):
    """No PDF/A copy could be made. `message_fr` is for the screen."""

    def __init__(self, message_fr: str) -> None:
        super().__init__("no PDF/A copy")
        self.message_fr = message_fr


def to_pdf_a(paper: Paper, *, qr_prescription: bool, policy: ConversionPolicy | None = None) -> Converted:
    """The PDF/A-1b copy of an opened paper; the original bytes, untouched, when they already conform.

    `qr_prescription`: `Analysis.qr_prescription` of the same bytes. Raises ConversionError.
    """
    policy = policy or ConversionPolicy()
    if pdfa.is_pdf_a(paper.data):
        return Converted(paper.data, "unchanged")
    if qr_prescription and policy.keep_qr_prescriptions:
        return Converted(paper.data, "unchanged", (_QR_KEPT,), conforms=False)
    if policy.use_ghostscript:
        made = ghostscript.to_pdf_a(paper.data, seconds=policy.ghostscript_seconds, page_count=paper.page_count)
        if made is not None and pdfa.is_pdf_a(made) and _same_words(paper.data, made):
            return Converted(made, "ghostscript")
    return _as_images(paper, policy)


_QR_KEPT = Notice(
    "QR_KEPT",
    "Cette ordonnance porte un QR code : le fichier d'origine est gardé tel quel, "
    "bien qu'il ne soit pas au format PDF/A.",
)
_IMAGES = Notice(
    "AS_IMAGES",
    "Le document a été converti en images de pages pour respecter le format PDF/A ; son texte reste cherchable.",
)
FAILED_FR = (
    "Le document n'a pas pu être converti au format PDF/A. Rien n'a été envoyé. "
    "Imprimez-le en PDF/A-1, puis déposez le nouveau fichier."
)


def _same_words(before: bytes, after: bytes) -> bool:
    """Ghostscript 10.0 spoils the text of ligatures (« fi »): a copy whose words differ is not kept."""
    try:
        with open_pages(before) as one, open_pages(after) as other:
            numbers = range(1, one.count + 1)
            return all(one.text(number).split() == other.text(number).split() for number in numbers)
    except RenderError:
        return False


def _as_images(paper: Paper, policy: ConversionPolicy) -> Converted:
    try:
        made = from_images(paper.data, dpi=policy.dpi)
    except RenderError:
        raise ConversionError(FAILED_FR) from None
    if not pdfa.is_pdf_a(made):
        raise ConversionError(FAILED_FR)
    return Converted(made, "images", (_IMAGES,))
