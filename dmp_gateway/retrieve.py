"""TD3.2: ITI-43 Retrieve Document Set, and the verification of what comes back (dmp.md §1.7)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from xml.sax.saxutils import escape

from coordination.ports import RecordAct
from dmp_gateway import mtom
from dmp_gateway.client import REPOSITORY, Call
from dmp_gateway.soap import Answer
from perinat.standards import oids, xml
from perinat.standards.shared_record import RecordDocument
from perinat.standards.xml import XmlError

RETRIEVE = "urn:ihe:iti:2007:RetrieveDocumentSet"
_XDS_B = "urn:ihe:iti:xds-b:2007"
_NS = {"x": _XDS_B, "xop": "http://www.w3.org/2004/08/xop/include"}
RESPONSE = f"{{{_XDS_B}}}RetrieveDocumentSetResponse"


class AlteredError(ValueError):
    """What came back is not the document that the registry describes. The message names the first difference."""


def request(document: RecordDocument) -> Call:
    """One document, by its uniqueId (an OID, never an entryUUID)."""
    repository = document.repository or oids.DMP_REPOSITORY
    body = (
        f'<RetrieveDocumentSetRequest xmlns="{_XDS_B}"><DocumentRequest>'
        f"<RepositoryUniqueId>{escape(repository)}</RepositoryUniqueId>"
        f"<DocumentUniqueId>{escape(document.unique_id)}</DocumentUniqueId>"
        "</DocumentRequest></RetrieveDocumentSetRequest>"
    )
    return Call(RecordAct.READ, REPOSITORY, RETRIEVE, body, RESPONSE)


def content(answer: Answer, document: RecordDocument) -> bytes:
    """The bytes of `document`. Raises AlteredError: identifier, part, size, hash or CDA that differ."""
    found = answer.body.findall("x:DocumentResponse", _NS)
    if len(found) != 1:
        raise AlteredError("count")
    if found[0].findtext("x:DocumentUniqueId", "", _NS).strip() != document.unique_id:
        raise AlteredError("uniqueId")
    holder = found[0].find("x:Document", _NS)
    if holder is None:
        raise AlteredError("no document")
    include = holder.find("xop:Include", _NS)
    if include is None:
        data = _inline(holder.text or "")
    else:
        part = answer.parts.get(mtom.content_id(include.get("href", "")))
        if part is None:
            raise AlteredError("missing part")
        data = part
    _check(data, document)
    return data


def _inline(text: str) -> bytes:
    """xs:base64Binary: what a server that does not optimise sends (MTOM 1.0 §3.1)."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise AlteredError("not base64") from error


def _check(data: bytes, document: RecordDocument) -> None:
    if document.size is not None and len(data) != document.size:
        raise AlteredError("size")
    digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    if document.hash_sha1 and digest != document.hash_sha1:
        raise AlteredError("hash")
    if document.mime_type == "text/xml" and _cda_identifier(data) not in ("", document.unique_id):
        raise AlteredError("CDA id")


def _cda_identifier(data: bytes) -> str:
    """id@root of a CDA, empty when this is not one or when its id has an extension (older documents)."""
    try:
        tree = xml.parse(data)
    except XmlError:
        return ""
    identifier = tree.find(f"{{{oids.NS_HL7}}}id")
    if tree.tag != f"{{{oids.NS_HL7}}}ClinicalDocument" or identifier is None or identifier.get("extension"):
        return ""
    return identifier.get("root", "")
