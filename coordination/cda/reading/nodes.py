"""Small steps in an XML tree: everything absent is empty, never an error."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from perinat.standards import oids, xml

NS = {"h": oids.NS_HL7, "sdtc": oids.NS_SDTC}
_HL7_CHILDREN = f"{{{oids.NS_HL7}}}*"
XSI_TYPE = f"{{{oids.NS_XSI}}}type"


def first(node: xml.Element | None, path: str) -> xml.Element | None:
    return None if node is None else node.find(path, NS)


def every(node: xml.Element | None, path: str) -> list[xml.Element]:
    return [] if node is None else node.findall(path, NS)


def attribute(node: xml.Element | None, name: str) -> str:
    return "" if node is None else str(node.get(name, "")).strip()


def value(node: xml.Element | None, path: str) -> str:
    return attribute(first(node, path), "value")


def text(node: xml.Element | None) -> str:
    """The words of an element and of what it holds, in one line. Comments are not words."""
    return "" if node is None else " ".join("".join(str(piece) for piece in node.itertext()).split())


def integer(written: str) -> int | None:
    return int(written) if len(written) <= 18 and written.isascii() and written.isdigit() else None


def name(node: xml.Element) -> str:
    """Local name of an element, empty for a comment or a processing instruction."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def children(node: xml.Element | None) -> Iterator[xml.Element]:
    """Child elements: comments and processing instructions are not among them."""
    return iter(()) if node is None else node.iterchildren("{*}*")


def parts(node: xml.Element) -> dict[str, list[xml.Element]]:
    """HL7 child elements by local name, in one pass: for what has many possible children and holds few."""
    found: dict[str, list[xml.Element]] = {}
    for child in node.iterchildren(_HL7_CHILDREN):
        found.setdefault(str(child.tag)[len(_HL7_CHILDREN) - 1 :], []).append(child)
    return found


def typed(node: xml.Element) -> str:
    """xsi:type without its prefix, or empty."""
    return attribute(node, XSI_TYPE).rpartition(":")[2]
