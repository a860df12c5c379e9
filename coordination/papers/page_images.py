"""Page images over their own text, as PDF/A-1b: what is seen is the image, what is searched is the text."""

from __future__ import annotations

import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from coordination.papers.pdfium import Pages, open_pages
from coordination.papers.synthesis import compile_pdf_a, readable

TEMPLATE = Path(__file__).with_name("page_images.typ")
JPEG_QUALITY = 85
_MIN_TEXT_POINTS, _MAX_TEXT_POINTS = 1.0, 72.0
_MAX_RUN = 500
_GREY_TOLERANCE = 12
# Fixed: the copy of a file is the same bytes each time it is made. The true dates are in the document.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def from_images(data: bytes, *, dpi: int) -> bytes:
    """The PDF/A-1b bytes. Raises RenderError when a page cannot be drawn."""
    described = []
    with tempfile.TemporaryDirectory(prefix="perinat-pages-") as folder, open_pages(data) as pages:
        (Path(folder) / "main.typ").write_bytes(TEMPLATE.read_bytes())  # typst takes images from files only
        for number in range(1, pages.count + 1):
            name, encoded = _encode(pages.image(number, dpi=dpi, grayscale=False))
            (Path(folder) / f"{number}.{name}").write_bytes(encoded)
            width, height = pages.size(number)
            lines = _lines(pages, number)
            described.append({"width": width, "height": height, "image": f"{number}.{name}", "lines": lines})
        return compile_pdf_a(Path(folder) / "main.typ", {"title": "Document numérisé", "pages": described}, EPOCH)


def _encode(image: Image.Image) -> tuple[str, bytes]:
    """The smaller of PNG (exact: codes and letters stay sharp) and JPEG; grey when the page has no colour."""
    image = _grey_if_possible(image)
    exact, lossy = io.BytesIO(), io.BytesIO()
    image.save(exact, "PNG", optimize=False)
    image.save(lossy, "JPEG", quality=JPEG_QUALITY)
    if exact.tell() <= lossy.tell():
        return "png", exact.getvalue()
    return "jpg", lossy.getvalue()


def _grey_if_possible(image: Image.Image) -> Image.Image:
    histogram = image.convert("HSV").getchannel("S").histogram()
    return image if any(histogram[_GREY_TOLERANCE + 1 :]) else image.convert("L")


def _lines(pages: Pages, number: int) -> list[list[object]]:
    """(left, top, size, text) of each run of text, in points."""
    lines: list[list[object]] = []
    for left, top, height, text in pages.lines(number):
        content = readable(" ".join(text.split()))[:_MAX_RUN]
        if content:
            size = min(max(height, _MIN_TEXT_POINTS), _MAX_TEXT_POINTS)
            lines.append([round(max(left, 0.0), 1), round(max(top, 0.0), 1), round(size, 1), content])
    return lines
