"""Compressed data is whole: qpdf and PDFium ignore the checksum of Flate data (RFC 1950 §2.2), we do not.

A byte changed on the way can turn « 3 320 g » into another weight and still decode: such a file must
be sent again, not read. Also bounds what the file inflates to.
"""

from __future__ import annotations

import zlib

import pikepdf
from pikepdf import Stream

from coordination.papers.objects import names_of

MAX_DECODED_BYTES = 1_500_000_000  # about forty colour pages scanned at 300 dpi
_CHUNK = 1_000_000


class CorruptedStreamError(ValueError):
    """Compressed data that does not match its own checksum."""


class InflationError(ValueError):
    """The file inflates to more than MAX_DECODED_BYTES."""


def check_flate_streams(pdf: pikepdf.Pdf) -> None:
    """Inflate each Flate stream, keeping nothing. Raises CorruptedStreamError or InflationError.

    Missing final bytes are tolerated: some producers forget them, and readers see the whole content.
    """
    total = 0
    for item in pdf.objects:
        if isinstance(item, Stream) and names_of(item.get("/Filter"))[:1] == ["FlateDecode"]:
            total += _inflated_size(item.read_raw_bytes(), MAX_DECODED_BYTES - total)


def _inflated_size(data: bytes, room: int) -> int:
    inflater = zlib.decompressobj()
    size = 0
    try:
        while data and not inflater.eof:
            size += len(inflater.decompress(data, _CHUNK))
            if size > room:
                raise InflationError
            data = inflater.unconsumed_tail
    except zlib.error:
        raise CorruptedStreamError from None
    return size
