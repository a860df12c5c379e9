"""Finds what a PDF could do by itself: scripts, launches, embedded files, rich media, dynamic forms.

Every object of the file is read, also those that no page shows: a reader of another brand may show
them. ISO 32000-1 §12.6 (actions), §7.11 (file specifications), §12.5.6, §12.7.8 (XFA).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Object

from coordination.papers.objects import containers, name_of


class ActiveContent(enum.Enum):
    JAVASCRIPT = enum.auto()
    LAUNCH = enum.auto()
    EMBEDDED_FILE = enum.auto()
    RICH_MEDIA = enum.auto()


_ACTIONS = {
    "JavaScript": ActiveContent.JAVASCRIPT,
    "Launch": ActiveContent.LAUNCH,
    "ImportData": ActiveContent.LAUNCH,
    "SubmitForm": ActiveContent.LAUNCH,
    "GoToE": ActiveContent.EMBEDDED_FILE,
    "Rendition": ActiveContent.RICH_MEDIA,
    "Movie": ActiveContent.RICH_MEDIA,
    "Sound": ActiveContent.RICH_MEDIA,
}
_ANNOTATIONS = {
    "FileAttachment": ActiveContent.EMBEDDED_FILE,
    "RichMedia": ActiveContent.RICH_MEDIA,
    "Movie": ActiveContent.RICH_MEDIA,
    "Screen": ActiveContent.RICH_MEDIA,
    "Sound": ActiveContent.RICH_MEDIA,
    "3D": ActiveContent.RICH_MEDIA,
}
_KEYS = {
    "/JS": ActiveContent.JAVASCRIPT,
    "/JavaScript": ActiveContent.JAVASCRIPT,
    "/EmbeddedFiles": ActiveContent.EMBEDDED_FILE,
    "/EF": ActiveContent.EMBEDDED_FILE,
    "/XFA": ActiveContent.RICH_MEDIA,
}


def find_active_content(pdf: pikepdf.Pdf) -> list[ActiveContent]:
    """The kinds found, most dangerous first; empty for an inert file. Raises pikepdf errors on broken objects."""
    found: set[ActiveContent] = set()
    for root in [*pdf.objects, pdf.trailer]:
        for item in containers(root):
            if not isinstance(item, Array):
                found.update(_of(item))
    return sorted(found, key=lambda kind: kind.value)


def _of(dictionary: Object) -> Iterator[ActiveContent]:
    for key, kind in _KEYS.items():
        if key in dictionary and not _is_void(dictionary[key]):
            yield kind
    for key, table in (("/S", _ACTIONS), ("/Subtype", _ANNOTATIONS)):
        kind_found = table.get(name_of(dictionary.get(key)))
        if kind_found is not None:
            yield kind_found


def _is_void(value: Object) -> bool:
    """An empty name tree or array: written by some producers, does nothing."""
    if isinstance(value, Dictionary):
        return all(key == "/Limits" or _is_void(item) for key, item in value.items())
    return isinstance(value, Array) and len(value) == 0
