"""What wards really send, made from a good specimen: scans, old PDFs, turned pages, joined files."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from datetime import UTC, datetime

import pikepdf
from PIL import Image, ImageFilter

from coordination.papers.pdfium import open_pages

_PAPER_GREY = 250


def without_pdf_a(data: bytes) -> bytes:
    """The same pages as an ordinary PDF 1.7: no claim, no output intent, compressed objects."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        del pdf.Root.OutputIntents
        del pdf.Root.Metadata
        return _saved(pdf, force_version="1.7", object_stream_mode=pikepdf.ObjectStreamMode.generate)


def joined(papers: Sequence[bytes]) -> bytes:
    """One file with all the pages, as a scanner makes from a pile."""
    with pikepdf.new() as pile:
        for data in papers:
            with pikepdf.open(io.BytesIO(data)) as pdf:
                pile.pages.extend(pdf.pages)
        return _saved(pile, min_version="1.4")


def turned(data: bytes, degrees: int) -> bytes:
    """Every page turned by a multiple of 90 degrees."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            page.rotate(degrees, relative=True)
        return _saved(pdf)


def scanned(data: bytes, *, dpi: int = 150, tilt: float = 1.2, quality: int = 60, seed: int = 1) -> bytes:
    """Page images without text: tilted (degrees), blurred, speckled, JPEG. The same seed gives the same scan."""
    grain = random.Random(seed)  # nosec B311: paper grain, not a secret
    images = []
    with open_pages(data) as pages:
        for number in range(1, pages.count + 1):
            image = pages.image(number, dpi=dpi)
            image = image.rotate(tilt, expand=True, fillcolor=_PAPER_GREY, resample=Image.Resampling.BICUBIC)
            image = image.filter(ImageFilter.GaussianBlur(0.5))
            noise = Image.frombytes("L", image.size, grain.randbytes(image.width * image.height))
            encoded = io.BytesIO()
            Image.blend(image, noise, 0.08).save(encoded, "JPEG", quality=quality)
            images.append(Image.open(encoded))
    output = io.BytesIO()
    at = datetime(2026, 3, 5, tzinfo=UTC).timetuple()
    images[0].save(output, "PDF", save_all=True, append_images=images[1:], resolution=dpi, creationDate=at, modDate=at)
    return output.getvalue()


def _saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    output = io.BytesIO()
    pdf.save(output, deterministic_id=True, **options)  # type: ignore[arg-type]
    return output.getvalue()
