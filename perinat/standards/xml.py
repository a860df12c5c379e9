"""The only XML parser of the product: no DTD, no entity, no network, bounded size and depth.

libxml2 stops expansion bombs itself; a document type declaration has no place in CDA, ebRIM or
SOAP, so any DOCTYPE is refused outright (OWASP XXE; an unresolved entity node would otherwise
stay in the tree).
"""

from __future__ import annotations

from lxml import etree

MAX_DEPTH = 256  # libxml2's own limit without huge_tree; OBP documents stay under 40
Element = etree._Element


class XmlError(ValueError):
    """The bytes are not XML that perinat accepts. `message_fr` holds nothing of the document."""

    def __init__(self, message_fr: str, detail: str = "") -> None:
        super().__init__(detail or message_fr)
        self.message_fr = message_fr
        self.detail = detail


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_pis=False,
    )


def parse(data: bytes, *, max_bytes: int | None = None) -> Element:
    """Parse `data` (UTF-8 or as its XML declaration says) and return the root element.

    Raises XmlError: too large, not well formed, a DOCTYPE present.
    """
    if max_bytes is not None and len(data) > max_bytes:
        raise XmlError("Le document XML dépasse la taille admise.", f"{len(data)} > {max_bytes}")
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmlError("Le document XML est illisible.", str(error)) from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs do not know it
        raise XmlError("Le document XML contient une déclaration DOCTYPE, ce qui est refusé.")
    return root


def c14n(element: Element, *, exclusive: bool = False, with_comments: bool = False) -> bytes:
    """Canonical XML 1.0 (or exclusive) of an element, as signature digests need it."""
    return etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=with_comments)


def to_bytes(element: Element) -> bytes:
    """Serialise with a UTF-8 declaration. Never indented: a signed tree must not change."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")
