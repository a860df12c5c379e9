"""The words of a piece of narrative, as a person reads them."""

from __future__ import annotations

from coordination.cda.spec.checking import paragraphs
from coordination.cda.spec.lexical import squeeze
from coordination.cda.spec.recognising import HL7
from perinat.standards import xml

_BLOCKS = frozenset(f"{HL7}{tag}" for tag in ("paragraph", "br", "tr", "item", "caption"))


def narrative(element: xml.Element | None) -> str:
    """The words of a piece of narrative, one line per paragraph."""
    if element is None:
        return ""
    pieces: list[str] = []
    _collect(element, pieces)
    return paragraphs("".join(pieces))


def _collect(element: xml.Element, pieces: list[str]) -> None:
    block = element.tag in _BLOCKS
    if block:
        pieces.append("\n")
    pieces.append(_spaced(element.text))
    for child in element:
        if isinstance(child.tag, str):
            _collect(child, pieces)
        pieces.append(_spaced(child.tail))
    if block:
        pieces.append("\n")


def _spaced(words: str | None) -> str:
    """White space of the source is one space; only elements make lines."""
    if not words:
        return ""
    kept = squeeze(words)
    before = " " if words[:1].isspace() else ""
    after = " " if words[-1:].isspace() and kept else ""
    return f"{before}{kept}{after}"
