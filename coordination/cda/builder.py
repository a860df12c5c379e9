"""DocumentContent → bytes of a CDA R2 level 1 document (PDF embedded in nonXMLBody).

Sources: « Structuration minimale » V1.16.8; IHE XDS-SD (templateId 1.3.6.1.4.1.19376.1.2.20).
Pure: identifiers and clock are given, so the same content always gives the same bytes.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime

from coordination.cda import header
from coordination.cda.completeness import require_complete
from coordination.cda.errors import CdaContentError
from coordination.cda.markup import ILLEGAL
from coordination.cda.model import DocumentContent
from perinat.standards import oids

_BODY_OPEN = '<component><nonXMLBody><text mediaType="application/pdf" representation="B64">'
_BODY_CLOSE = b"</text></nonXMLBody></component></ClinicalDocument>"


def build(content: DocumentContent, *, unique_id: str, now: datetime) -> bytes:
    """UTF-8 bytes of the document. `unique_id`: OID for id@root; `now`: aware, becomes effectiveTime.

    Raises CdaContentError (message in French) naming every datum that is missing or wrong.
    """
    require_complete(content, unique_id=unique_id, now=now)
    head = build_header(content, unique_id=unique_id, now=now, template=oids.TEMPLATE_XDS_SD)
    return b"".join(((head + _BODY_OPEN).encode(), b64encode(content.pdf), _BODY_CLOSE))


def build_header(content: DocumentContent, *, unique_id: str, now: datetime, template: str) -> str:
    """From the XML declaration to componentOf, root element left open for a body."""
    patient = content.patient
    text = "".join(
        (
            header.opening(sdtc=patient.birth_order is not None),
            header.document(content, unique_id, now, template),
            header.record_target(patient),
            header.author(content),
            header.custodian(content.custodian),
            header.legal_authenticator(content),
            header.documentation_of(content),
            header.related_document(content.replaces_unique_id),
            header.component_of(content.encounter),
        )
    )
    if ILLEGAL.search(text):
        raise CdaContentError((), ("un texte contient un caractère de commande invisible, à effacer",))
    return text
