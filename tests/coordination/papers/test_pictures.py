"""Pictures of others: drawn again in a child process, or not shown at all."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from coordination.papers import pictures
from coordination.papers.apart import picture_apart


def made(kind: str, *, size: tuple[int, int] = (300, 200), frames: int = 1, mode: str = "RGB") -> bytes:
    pages = [Image.new(mode, size, color=20 * rank) for rank in range(frames)]
    encoded = io.BytesIO()
    pages[0].save(encoded, kind, **({"save_all": True, "append_images": pages[1:]} if frames > 1 else {}))
    return encoded.getvalue()


@pytest.mark.parametrize(("media_type", "kind"), [("image/png", "PNG"), ("image/jpeg", "JPEG"), ("image/tiff", "TIFF")])
def test_each_safe_kind_is_drawn_in_the_child(media_type: str, kind: str) -> None:
    count, drawn = picture_apart(made(kind), media_type, 1)
    assert count == 1 and Image.open(io.BytesIO(drawn)).format == "WEBP"
    assert Image.open(io.BytesIO(drawn)).size == (300, 200)


def test_each_frame_of_a_tiff() -> None:
    scan = made("TIFF", frames=3)
    assert [bool(picture_apart(scan, "image/tiff", frame)[1]) for frame in (0, 1, 2, 3, 4)] == [
        False, True, True, True, False,
    ]  # fmt: skip


def test_it_is_made_narrower_and_says_nothing_of_where_it_was_taken() -> None:
    image = Image.new("RGB", (4000, 100))
    encoded = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Mme ACACIA"
    image.save(encoded, "JPEG", exif=exif)
    _, drawn = picture_apart(encoded.getvalue(), "image/jpeg", 1)
    assert Image.open(io.BytesIO(drawn)).width == pictures.WIDTH and b"ACACIA" not in drawn


@pytest.mark.parametrize(
    "data",
    [b"", b"rien", made("PNG")[:60], made("GIF"), b"GIF89a" + bytes(50)],
    ids=["empty", "text", "cut", "gif", "x"],
)
def test_what_is_not_what_it_says_is_not_drawn(data: bytes) -> None:
    assert picture_apart(data, "image/jpeg", 1) == (0, b"")


def test_a_bomb_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = made("PNG", size=(12_000, 6_000), mode="1")
    assert len(bomb) < 100_000
    assert picture_apart(bomb, "image/png", 1) == (0, b"")
    assert pictures.webp(made("PNG"), "image/png", 1)[0] == 1
    monkeypatch.setattr(pictures, "MOST_PIXELS", 100)
    assert pictures.webp(made("PNG"), "image/png", 1) == (0, b"")
