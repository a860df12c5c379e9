"""The words that entries point to: `#id` → the plain text of that element of the narrative."""

from __future__ import annotations

from lxml import etree

from coordination.cda.reading import nodes
from perinat.standards import xml

MAX_WORDS = 10_000  # characters of one resolved reference
MAX_TOTAL = 4_000_000  # of all of them: a thousand pointers to one long text must not swell
DROPPED = frozenset(  # what a browser would run, load or draw: neither the element nor its words are kept
    {
        *("script", "style", "iframe", "frame", "object", "embed", "applet", "svg", "math", "video", "audio", "img"),
        *("link", "meta", "base", "head", "template", "noscript", "textarea", "select", "option"),
    }
)
_APART = frozenset({"td", "th", "tr", "item", "paragraph", "br", "caption", "list", "table"})


def plain(node: xml.Element) -> str:
    """The words of a narrative in one line, cells and items apart."""
    pieces: list[str] = []
    walk = etree.iterwalk(node, events=("start", "end", "comment", "pi"))
    for event, item in walk:
        kind = nodes.name(item)
        if event == "start":
            if kind in DROPPED:
                walk.skip_subtree()
            else:
                pieces += [" " if kind in _APART else "", item.text or ""]
            continue
        pieces += [" " if kind in _APART else "", "" if item is node else item.tail or ""]
    return " ".join("".join(pieces).split())


def _own(node: xml.Element) -> str:
    """What stands in the element itself, its children left out: reading nested elements stays linear."""
    pieces = [node.text or "", *(child.tail or "" for child in node)]
    return " ".join("".join(pieces).split())


class Texts:
    """Where every `ID` of one document stands, and the number of every attached file.

    `attachments`: the element that holds a file → its number in the document.
    """

    def __init__(self, root: xml.Element, attachments: dict[xml.Element, int] | None = None) -> None:
        self.attachments = attachments or {}
        self.elements: dict[str, xml.Element] = {}
        self._words: dict[str, str] = {}
        self._left = MAX_TOTAL
        for node in root.iter("{*}*"):
            identifier = node.get("ID")
            if identifier:
                self.elements.setdefault(str(identifier), node)

    def resolve(self, reference: str) -> str:
        """The words behind « #id » (or « id », as official examples write too); empty when it leads nowhere here."""
        identifier = reference.removeprefix("#")
        if identifier not in self.elements:
            return ""
        if identifier not in self._words:
            self._words[identifier] = plain(self.elements[identifier])[:MAX_WORDS]
        words = self._words[identifier]
        self._left -= len(words)
        return words if self._left >= 0 else ""

    def words(self, node: xml.Element | None) -> tuple[str, str]:
        """(words, reference) of an ED: what it says itself, else what it points to."""
        if node is None:
            return "", ""
        reference = nodes.attribute(nodes.first(node, "h:reference"), "value")
        own = "" if node.get("representation") == "B64" else _own(node)
        return own or self.resolve(reference), reference
