"""Finds what a PDF could do by itself: scripts, launches, embedded files, rich media, dynamic forms.

Every object of the file is read, also those that no page shows: a reader of another brand may show
them. ISO 32000-1 §12.6 (actions), §7.11 (file specifications), §12.5.6, §12.7.8 (XFA).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

MAX_DEPTH = 60


class ActiveContent(enum.Enum):
    JAVASCRIPT = enum.auto()
    LAUNCH = enum.auto()
    EMBEDDED_FILE = enum.auto()
    RICH_MEDIA = enum.auto()


_ACTIONS = {
    "/JavaScript": ActiveContent.JAVASCRIPT,
    "/Launch": ActiveContent.LAUNCH,
    "/ImportData": ActiveContent.LAUNCH,
    "/SubmitForm": ActiveContent.LAUNCH,
    "/GoToE": ActiveContent.EMBEDDED_FILE,
    "/Rendition": ActiveContent.RICH_MEDIA,
    "/Movie": ActiveContent.RICH_MEDIA,
    "/Sound": ActiveContent.RICH_MEDIA,
}
_ANNOTATIONS = {
    "/FileAttachment": ActiveContent.EMBEDDED_FILE,
    "/RichMedia": ActiveContent.RICH_MEDIA,
    "/Movie": ActiveContent.RICH_MEDIA,
    "/Screen": ActiveContent.RICH_MEDIA,
    "/Sound": ActiveContent.RICH_MEDIA,
    "/3D": ActiveContent.RICH_MEDIA,
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
        for dictionary in dictionaries(root):
            found.update(_of(dictionary))
    return sorted(found, key=lambda kind: kind.value)


def _of(dictionary: Object) -> Iterator[ActiveContent]:
    for key, kind in _KEYS.items():
        if key in dictionary and not _is_void(dictionary[key]):
            yield kind
    for key, table in (("/S", _ACTIONS), ("/Subtype", _ANNOTATIONS)):
        value = dictionary.get(key)
        if isinstance(value, Name) and str(value) in table:
            yield table[str(value)]


def _is_void(value: Object) -> bool:
    """An empty name tree or array: written by some producers, does nothing."""
    if isinstance(value, Dictionary):
        return all(_is_void(value[key]) for key in value.keys() if key in ("/Names", "/Kids")) and not (  # noqa: SIM118
            set(value.keys()) - {"/Names", "/Kids", "/Limits"}
        )
    return isinstance(value, Array) and len(value) == 0


def dictionaries(root: object, depth: int = 0) -> Iterator[Object]:
    """The dictionaries written inside `root`, itself included, without following references."""
    if depth > MAX_DEPTH:
        raise ValueError("objects nested too deep")
    if isinstance(root, Stream | Dictionary):
        yield root
        children: list[object] = [value for _, value in root.items()]
    elif isinstance(root, Array):
        children = list(root)
    else:
        return
    for child in children:
        if isinstance(child, Stream | Dictionary | Array) and not child.is_indirect:
            yield from dictionaries(child, depth + 1)
