"""A picture of others (PNG, JPEG, TIFF) drawn again as WebP: what a page shows is what was drawn, never their bytes.

Called in the child process of `apart`: Pillow reads unknown bytes there.
"""

from __future__ import annotations

import io

from PIL import Image

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/jpg": "JPEG", "image/tiff": "TIFF"}
MOST_PIXELS = 60_000_000  # a scan of A3 at 400 dpi; more is a bomb or a film
MOST_FRAMES = 20
WIDTH = 1200


def webp(data: bytes, media_type: str, frame: int) -> tuple[int, bytes]:
    """How many frames it has, and frame `frame`, from 1. No frame when it is not what it says, or is too large."""
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[media_type]]) as image:
            count = min(getattr(image, "n_frames", 1), MOST_FRAMES)
            if not 1 <= frame <= count:
                return count, b""
            image.seek(frame - 1)
            if image.width * image.height > MOST_PIXELS:
                return 0, b""
            return count, _drawn(image)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return 0, b""


def _drawn(image: Image.Image) -> bytes:
    shown = image.convert("RGBA") if image.mode in ("P", "LA", "PA", "RGBA") else image.convert("RGB")
    shown.thumbnail((WIDTH, WIDTH * 4))
    encoded = io.BytesIO()
    shown.save(encoded, "WEBP", quality=80, method=2)
    return encoded.getvalue()
