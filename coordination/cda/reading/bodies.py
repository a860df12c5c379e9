"""The files a document carries: the level 1 body, and what stands in base64 in the entries of a level 3 one.

Level 3: PDF copy of the document (FR-Document-PDF-copie, 1.2.250.1.213.1.1.2.243), attached documents
(FR-Document-attache, 1.2.250.1.213.1.1.3.18), images (observationMedia).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256

from coordination.cda.errors import CdaReadError
from coordination.cda.reading import nodes
from perinat.standards import oids, xml

PDF = "application/pdf"
BROKEN_PDF = "Le PDF contenu dans le document est illisible."
_BODY = "h:component/h:nonXMLBody/h:text"
_STRUCTURED = "h:component/h:structuredBody"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file. `origin`: body or entry; `element_id`: what a renderMultiMedia of the narrative names.

    `readable` is False for a file other than PDF whose base64 is broken: `data` is then empty.
    """

    number: int
    origin: str
    media_type: str
    data: bytes
    element_id: str = ""
    readable: bool = True

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


def quick_bodies(root: xml.Element) -> tuple[str, bytes, bytes]:
    """Media type and bytes of the N1 body, and the first embedded PDF wherever it stands."""
    text = nodes.first(root, _BODY)
    if text is not None:
        media_type, body = _media_type(text), _body(text)
        return media_type, body, body if media_type == PDF else b""
    structured = nodes.first(root, _STRUCTURED)
    for node in structured.iter(f"{{{oids.NS_HL7}}}value") if structured is not None else ():
        if _encoded(node) and _media_type(node) == PDF:
            return "", b"", decode(node)
    return "", b"", b""


def read_attachments(root: xml.Element) -> tuple[tuple[Attachment, ...], dict[xml.Element, int]]:
    """Every file, and which element holds which number. Raises CdaReadError for a PDF that is broken."""
    found: list[Attachment] = []
    holders: dict[xml.Element, int] = {}
    text = nodes.first(root, _BODY)
    if text is not None:
        found.append(Attachment(1, "body", _media_type(text), _body(text)))
        holders[text] = 1
    structured = nodes.first(root, _STRUCTURED)
    for node in structured.iter(f"{{{oids.NS_HL7}}}value", f"{{{oids.NS_HL7}}}text") if structured is not None else ():
        if _encoded(node):
            holders[node] = len(found) + 1
            found.append(_attachment(node, len(found) + 1))
    return tuple(found), holders


def decode(node: xml.Element) -> bytes:
    """Base64 of an element, spaces and lines allowed. Raises CdaReadError."""
    encoded = "".join(str(piece) for piece in node.itertext())
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except ValueError as error:  # binascii.Error, or characters that are not ASCII
        raise CdaReadError(BROKEN_PDF) from error


def _attachment(node: xml.Element, number: int) -> Attachment:
    parent = node.getparent()
    identifier = nodes.attribute(parent, "ID") or nodes.attribute(node, "ID")
    media_type = _media_type(node)
    try:
        return Attachment(number, "entry", media_type, decode(node), identifier)
    except CdaReadError:
        if media_type == PDF:
            raise
        return Attachment(number, "entry", media_type, b"", identifier, readable=False)


def _body(text: xml.Element) -> bytes:
    return decode(text) if _encoded(text) else nodes.text(text).encode()


def _media_type(node: xml.Element) -> str:
    return nodes.attribute(node, "mediaType").lower()


def _encoded(node: xml.Element) -> bool:
    return nodes.attribute(node, "representation") == "B64"
