"""Which volet a document follows, and the case its body says."""

from __future__ import annotations

from typing import Any

from coordination.cda.spec.reading import Reader
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import Volet
from perinat.standards import oids, xml

_HL7 = f"{{{oids.NS_HL7}}}"


def volet_of(root: xml.Element) -> Volet | None:
    """The volet whose model the document declares, whatever its version; None for any other document."""
    declared = {node.get("root") for node in root.iterchildren(f"{_HL7}templateId")}
    return next((volet for volet in VOLETS.values() if volet.templates[-1][0] in declared), None)


def body_of(root: xml.Element) -> tuple[Volet, dict[str, Any]] | None:
    """(volet, body of the case) of a document that perinat knows how to write, by whoever it was written."""
    read = read_body(root)
    return read[:2] if read else None


def read_body(root: xml.Element) -> tuple[Volet, dict[str, Any], dict[str, int]] | None:
    """The same, with how many entries could not be read, by section (« allergies », « newborn.acts »).

    A section named there is not whole: « liste incomplète : voir le document ».
    """
    volet = volet_of(root)
    body = root.find(f"{_HL7}component/{_HL7}structuredBody")
    if volet is None or body is None:
        return None
    reader = Reader(body)
    return volet, reader.values(volet.sections), reader.left
