"""One page of a PDF as a picture for a narrow screen."""

from __future__ import annotations

import io

from PIL import Image

from coordination.papers.pdfium import Pages

SCREEN_DPI = 130  # A4 is 1075 px wide: sharp on a phone, some 60 kB a page
MOST_PAGES = 60
WHITE = 250  # from this level of grey on, nothing is written
MARGIN = 16  # pixels kept around what is written


def webp(pages: Pages, sheet: int) -> bytes:
    """Page `sheet`, from 1, without its margins. Raises RenderError."""
    encoded = io.BytesIO()
    without_margins(pages.image(sheet, dpi=SCREEN_DPI)).save(encoded, "WEBP", quality=80, method=2)
    return encoded.getvalue()


def without_margins(page: Image.Image) -> Image.Image:
    """The written part of a grey page with a little white around: larger letters on a narrow screen."""
    written = page.point(lambda level: 255 if level < WHITE else 0).getbbox()
    if written is None:
        return page
    left, top, right, bottom = written
    around = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
    return page.crop((max(around[0], 0), max(around[1], 0), min(around[2], page.width), min(around[3], page.height)))
