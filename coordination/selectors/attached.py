"""The files that a received document carries: drawn when that is safe, shown as text, or only ever downloaded.

Pictures (PNG, JPEG, TIFF) are drawn again in a child process; a text is printed as text. Anything else (RTF, DICOM, a
second PDF…) is downloaded, with a sentence that says so: nothing of others is opened by our pages.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from coordination.cda.reader import Attachment
from coordination.papers import pictures
from coordination.papers.apart import picture_apart

PDF, TEXT = "application/pdf", "text/plain"
MOST_FILES = 10  # drawn in one page; the others are downloaded
LONGEST_TEXT = 200_000
EXTENSIONS = {
    PDF: "pdf", TEXT: "txt", "text/rtf": "rtf", "application/rtf": "rtf", "text/html": "html", "image/png": "png",
    "image/jpeg": "jpg", "image/jpg": "jpg", "image/tiff": "tif", "image/gif": "gif", "application/dicom": "dcm",
}  # fmt: skip
BROKEN = "Ce fichier est abîmé : son contenu ne se lit pas. Demandez-le à l’auteur du document."
NOT_SHOWN = "Ce fichier ne s’affiche pas ici, par sûreté : téléchargez-le pour l’ouvrir avec un autre logiciel."
NOT_DRAWN = "Cette image n’a pas pu être affichée. Téléchargez-la pour l’ouvrir avec un autre logiciel."


@dataclass(frozen=True, slots=True)
class File:
    """`pictures`: what was drawn, as addresses of data; `sentence`: why nothing is shown; `url`: its download."""

    number: int
    name: str
    pictures: tuple[str, ...] = ()
    text: str = ""
    sentence: str = ""
    url: str = ""

    @property
    def is_shown(self) -> bool:
        return bool(self.pictures or self.text)


def files(attachments: Iterable[Attachment], pdf: bytes, where: Callable[[int], str]) -> tuple[File, ...]:
    """Each file but `pdf`, which the page shows by itself. `where`: the address that downloads one."""
    others = [one for one in attachments if not (pdf and one.data == pdf)]
    return tuple(_file(one, where(one.number), draw=rank < MOST_FILES) for rank, one in enumerate(others))


def found(attachments: Iterable[Attachment], number: int) -> tuple[str, bytes] | None:
    """(name, bytes) of the file of that number."""
    one = next((one for one in attachments if one.number == number and one.readable), None)
    return (name_of(one), one.data) if one is not None else None


def name_of(one: Attachment) -> str:
    return f"piece-jointe-{one.number}.{EXTENSIONS.get(one.media_type, 'bin')}"


def _file(one: Attachment, url: str, *, draw: bool) -> File:
    name = name_of(one)
    if not one.readable or not one.data:
        return File(one.number, name, sentence=BROKEN)
    if one.media_type == TEXT and draw:
        return File(one.number, name, text=_plain(one.data), url=url)
    if one.media_type in pictures.FORMATS and draw:
        drawn = _drawn(one)
        return File(one.number, name, drawn, sentence="" if drawn else NOT_DRAWN, url=url)
    return File(one.number, name, sentence=NOT_SHOWN, url=url)


def _drawn(one: Attachment) -> tuple[str, ...]:
    count, first = picture_apart(one.data, one.media_type, 1)
    if not first:
        return ()
    others = (picture_apart(one.data, one.media_type, frame)[1] for frame in range(2, count + 1))
    return tuple(_address(picture) for picture in (first, *others) if picture)


def _address(picture: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(picture).decode()}"


def _plain(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    kept = (char for char in text[:LONGEST_TEXT] if char in "\n\t" or not unicodedata.category(char).startswith("C"))
    return "".join(kept).strip()
