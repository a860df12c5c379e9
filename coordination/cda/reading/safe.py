"""From bytes to a ClinicalDocument root that can be walked without danger.

Over what `perinat.standards.xml` already refuses (DTD, entities, size): encodings that hide what they say, crowds of
elements, depth. A self-presenting document (« auto-présentable ») carries its stylesheet: the instruction
`<?xml-stylesheet?>` is never followed, and an XSLT wrapped around the document is never run.
"""

from __future__ import annotations

import re

from lxml import etree

from coordination.cda.errors import CdaReadError
from perinat.standards import oids, xml

MAX_DEPTH = 100  # elements inside one another; the deepest official example has 15
MAX_TAGS = 200_000  # a « < » each; the largest official example has some 6,000
ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "cp1252"})
NOT_A_CDA = "Ce fichier n'est pas un document CDA."
ENCODING = "L'encodage de ce document n'est pas admis : UTF-8 est attendu."
TOO_LARGE = "Ce document contient trop d'éléments pour être lu."
TOO_DEEP = "Ce document contient trop d'éléments imbriqués pour être lu."
_ROOT = f"{{{oids.NS_HL7}}}ClinicalDocument"
_XSLT = "{http://www.w3.org/1999/XSL/Transform}"
_BOM = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"'>]*)[\"']")


def root_of(data: bytes, *, max_bytes: int | None = None) -> xml.Element:
    """The ClinicalDocument of these bytes. Raises CdaReadError, whose sentence holds nothing of the content."""
    _check_encoding(data)
    try:
        root = xml.parse(data, max_bytes=max_bytes)
    except xml.XmlError as error:
        raise CdaReadError(error.message_fr) from error
    if root.tag in (f"{_XSLT}stylesheet", f"{_XSLT}transform"):
        inside = root.findall(_ROOT)
        root = inside[0] if len(inside) == 1 else root
    if root.tag != _ROOT:
        raise CdaReadError(NOT_A_CDA)
    return root


def check_crowd(data: bytes) -> None:
    """Raises CdaReadError when there are more tags than MAX_TAGS: to be called before the tree is built."""
    if data.count(b"<") > MAX_TAGS:
        raise CdaReadError(TOO_LARGE)


def check_depth(root: xml.Element) -> None:
    """Raises CdaReadError when elements are nested beyond MAX_DEPTH: what follows walks by recursion."""
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise CdaReadError(TOO_DEEP)


def _check_encoding(data: bytes) -> None:
    """Only encodings in which « < » is one byte: what a filter sees is then what the parser reads.

    CI-SIS wants UTF-8; UTF-16, UTF-7 and their like are refused, by the declaration as by the first bytes.
    """
    start = data[:1024].removeprefix(_BOM).lstrip()
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in start:
        raise CdaReadError(ENCODING)
    declared = _DECLARED.match(start)
    if declared and declared[1].decode("latin-1").strip().lower() not in ENCODINGS:
        raise CdaReadError(ENCODING)
