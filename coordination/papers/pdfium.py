"""The only door to PDFium (page images and text). PDFium is not thread-safe: one lock for the process.

The lock is held for one call at a time, never for a whole document. Image sizes are bounded here,
whatever the page claims to measure.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2 as pdfium
from PIL import Image

POINTS_PER_INCH = 72
MAX_SIDE_PX = 5000
MAX_TEXT_CHARS = 200_000
_LOCK = threading.Lock()

RenderError = pdfium.PdfiumError


class Pages:
    """The pages of one open document; page numbers start at 1. Each method may raise RenderError."""

    def __init__(self, document: pdfium.PdfDocument) -> None:
        self._document = document
        self.count = len(document)

    def size(self, number: int) -> tuple[float, float]:
        """Width and height as displayed (rotation applied), in points."""
        with _LOCK, _page(self._document, number) as page:
            width, height = page.get_size()
            return float(width), float(height)

    def image(self, number: int, *, dpi: float, grayscale: bool = True) -> Image.Image:
        """The page on white, as displayed, at `dpi` or less when a side would exceed MAX_SIDE_PX."""
        with _LOCK, _page(self._document, number) as page:
            scale = min(dpi / POINTS_PER_INCH, MAX_SIDE_PX / max(page.get_size()))
            bitmap = page.render(scale=scale, grayscale=grayscale)
            image: Image.Image = bitmap.to_pil().copy()  # the bitmap's memory goes away with it
            bitmap.close()
            return image if grayscale else image.convert("RGB")

    def text(self, number: int) -> str:
        """The text of the page in reading order, at most MAX_TEXT_CHARS characters."""
        with _LOCK, _page(self._document, number) as page:
            textpage = page.get_textpage()
            length = min(textpage.count_chars(), MAX_TEXT_CHARS)
            text: str = textpage.get_text_range(0, length) if length > 0 else ""
            textpage.close()
            return text.replace("\r\n", "\n").replace("\x02", "").replace("\ufffe", "")

    def lines(self, number: int, limit: int = 2000) -> list[tuple[float, float, float, str]]:
        """Runs of text: left and top of their box on the displayed page, its smaller side, in points, and the text."""
        with _LOCK, _page(self._document, number) as page:
            box, rotation = page.get_cropbox(), page.get_rotation()
            textpage = page.get_textpage()
            runs = []
            for index in range(min(textpage.count_rects(), limit)):
                left, bottom, right, top = textpage.get_rect(index)
                x, y = _displayed((left, bottom, right, top), box, rotation)
                text = textpage.get_text_bounded(left, bottom, right, top)
                runs.append((x, y, min(right - left, top - bottom), text))
            textpage.close()
            return runs


Box = tuple[float, float, float, float]  # left, bottom, right, top


def _displayed(run: Box, page: Box, rotation: int) -> tuple[float, float]:
    """Where the top left corner of a run stands once the page is turned clockwise, from its top left corner."""
    left, bottom, right, top = run
    if rotation == 90:
        return bottom - page[1], left - page[0]
    if rotation == 180:
        return page[2] - right, bottom - page[1]
    if rotation == 270:
        return page[3] - top, page[2] - right
    return left - page[0], page[3] - top


@contextmanager
def _page(document: pdfium.PdfDocument, number: int) -> Iterator[pdfium.PdfPage]:
    page = document[number - 1]
    try:
        yield page
    finally:
        page.close()


@contextmanager
def open_pages(data: bytes) -> Iterator[Pages]:
    """The pages of the file. Raises RenderError when PDFium cannot open it."""
    with _LOCK:
        document = pdfium.PdfDocument(data)
        if document.get_formtype() != pdfium.raw.FORMTYPE_NONE:
            document.init_forms()  # else the values of form fields would be missing from the image
    try:
        yield Pages(document)
    finally:
        with _LOCK:
            document.close()
