"""The INS datamatrix of each page, wherever it stands and however the page was scanned.

Two passes always run, so that a second code never hides behind a first one; stronger passes only
when nothing was read. Measured on noisy, tilted scans (JPEG 60 %): an 18 mm code is read at 100 dpi,
a 12 mm code from 150 dpi. A page costs 100 to 200 ms, one without code about half a second.
Other datamatrices (labels, 2D-Doc) are ignored.
"""

from __future__ import annotations

from dataclasses import dataclass

import zxingcpp
from PIL import Image, ImageFilter

from coordination.papers.analysis import Identity, Notice
from coordination.papers.pdfium import Pages
from perinat.standards import datamatrix

FIRST_DPI = (216, 288)  # 216 dpi reads what 144 does and more; 288 the small code of a label on a scan
STRONGER_DPI = (144, 360)  # 144 dpi smooths a rough scan
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.QRCode])
_INS_PREFIX = "IS"


@dataclass(frozen=True, slots=True)
class PageCodes:
    """What the codes of one page say. `has_qr`: a QR code is there (never decoded further)."""

    identities: tuple[Identity, ...] = ()
    errors: tuple[Notice, ...] = ()
    has_qr: bool = False


def read_page(pages: Pages, number: int, *, accept_production_ins: bool) -> PageCodes:
    """Read the codes of page `number` (from 1). Raises RenderError when the page cannot be drawn."""
    texts, has_qr = _symbols(pages, number)
    identities: dict[Identity, None] = {}
    errors: list[Notice] = []
    for text in texts:
        try:
            claims = datamatrix.read(text)
        except datamatrix.DatamatrixError as error:
            errors.append(Notice("CODE_INVALID", _refused(number, error.message_fr), number))
            continue
        if claims.is_production and not accept_production_ins:
            errors.append(Notice("CODE_PRODUCTION", _refused(number, _PRODUCTION_FR), number))
            continue
        identities[_identity(claims)] = None
    return PageCodes(tuple(identities), tuple(errors), has_qr)


_PRODUCTION_FR = "ce code porte l'INS d'une personne réelle, qui n'a pas sa place dans un environnement de test."


def _refused(number: int, reason_fr: str) -> str:
    reason = reason_fr.rstrip(".")
    return f"Page {number}, code refusé : {reason[0].lower()}{reason[1:]}. L'identité est à choisir à la main."


def _identity(claims: datamatrix.Claims) -> Identity:
    ins = claims.ins
    return Identity(
        ins.matricule,
        ins.oid,
        claims.family_name,
        claims.given_names,
        claims.sex,
        claims.birth_date,
        claims.birth_place_cog,
    )


def _symbols(pages: Pages, number: int) -> tuple[list[str], bool]:
    """Distinct INS texts of the page, in order of reading, and whether a QR code is there."""
    texts: dict[str, None] = {}
    images = [pages.image(number, dpi=dpi) for dpi in FIRST_DPI]
    has_qr = any([_scan(image, texts) for image in images])  # every image is read
    if not texts:
        _scan(images[0].filter(ImageFilter.MedianFilter(3)), texts)  # speckled scans and faxes
    for dpi in STRONGER_DPI:
        if texts:
            break
        has_qr |= _scan(pages.image(number, dpi=dpi), texts)
    return list(texts), has_qr


def _scan(image: Image.Image, texts: dict[str, None]) -> bool:
    """Add the INS texts seen in `image` to `texts`; say whether a QR code was seen."""
    has_qr = False
    for symbol in zxingcpp.read_barcodes(image, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain):
        if symbol.format == zxingcpp.BarcodeFormat.QRCode:
            has_qr = True
        elif symbol.text.startswith(_INS_PREFIX):
            texts[symbol.text] = None
    return has_qr
