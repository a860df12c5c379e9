"""XDS.b transactions of the deposit profile: ITI-41 (TD2.1a, 2.1b), ITI-18 GetDocuments (TD3.1b), ITI-57 (TD3.3c).

IHE ITI TF-2 §3.41, §3.18, §3.57 as the DMP profiles them (dmp.md §1.5, §1.6, §1.8). Metadata are
written by `perinat.standards.ebrim`.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from lxml import etree

from coordination.ports import Parcel, RecordAct
from dmp_gateway import xades, xmldsig
from dmp_gateway.client import REGISTRY, REPOSITORY, Call
from dmp_gateway.mtom import Part
from dmp_gateway.soap import NS_QUERY, NS_RS
from perinat.standards import ebrim, ebrim_schemes
from perinat.standards.identifiers import oid_from_uuid
from perinat.standards.pki import Credential
from perinat.standards.xds import Institution, SubmissionSet
from perinat.standards.xml import Element

PROVIDE_AND_REGISTER = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
STORED_QUERY = "urn:ihe:iti:2007:RegistryStoredQuery"
UPDATE_DOCUMENT_SET = "urn:ihe:iti:2010:UpdateDocumentSet"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
REGISTRY_RESPONSE = f"{{{NS_RS}}}RegistryResponse"
QUERY_RESPONSE = f"{{{NS_QUERY}}}AdhocQueryResponse"
_XDS_B = "urn:ihe:iti:xds-b:2007"
_XOP = "http://www.w3.org/2004/08/xop/include"


@dataclass(frozen=True, slots=True)
class Registered:
    """A document as the registry refers to it. `status` and `hash_sha1` are empty in an ObjectRef answer."""

    entry_uuid: str
    status: str = ""
    hash_sha1: str = ""


def lot(parcel: Parcel) -> SubmissionSet:
    """The lot with the sending site as its author's institution: the DMP compares it with the VIHF."""
    site = Institution(parcel.sender.name, parcel.sender.struct_idnat)
    author = replace(parcel.submission_set.author, institution=site)
    return replace(parcel.submission_set, author=author)


def signature_unique_id(lot_unique_id: str) -> str:
    """OID of the signature of a lot: the same over all attempts, drawn from the lot's own."""
    return oid_from_uuid(uuid.uuid5(uuid.NAMESPACE_OID, f"{lot_unique_id}/signature"))


def deposit(
    parcel: Parcel, pair: Credential, suite: xmldsig.Suite, *, replaced: Mapping[str, str] | None = None
) -> Call:
    """TD2.1: the documents and the XAdES of the lot. `replaced`: uniqueId → entryUUID of the version it replaces.

    Raises EbrimError or XmlError when a document or its metadata cannot be written.
    """
    known = replaced or {}
    submission_set = lot(parcel)
    items = [
        ebrim.EntryItem(document.entry, f"Document{number:02d}", replaces=known.get(document.unique_id, ""))
        for number, document in enumerate(parcel.documents, start=1)
    ]
    signed = [xades.Signed(document.unique_id, document.cda) for document in parcel.documents]
    signature = xades.build(submission_set.unique_id, signed, pair, suite=suite, signed_at=submission_set.submitted_at)
    items.append(
        ebrim.signature_object(
            parcel.documents[0].entry,
            unique_id=signature_unique_id(submission_set.unique_id),
            created_at=submission_set.submitted_at,
            hash_sha1=hashlib.sha1(signature, usedforsecurity=False).hexdigest(),
            size=len(signature),
            author=submission_set.author,
        )
    )
    contents = [*(document.cda for document in parcel.documents), signature]
    parts = [
        Part(f"{item.symbolic_id}@perinat", item.entry.mime_type, data)
        for item, data in zip(items, contents, strict=True)
    ]
    body = _provide_and_register(ebrim.submission(submission_set, items), items, parts)
    return Call(RecordAct.DEPOSIT, REPOSITORY, PROVIDE_AND_REGISTER, body, REGISTRY_RESPONSE, parts)


def _provide_and_register(request: Element, items: Sequence[ebrim.EntryItem], parts: Sequence[Part]) -> str:
    documents = "".join(
        f'<xdsb:Document id="{item.symbolic_id}">'
        f'<xop:Include xmlns:xop="{_XOP}" href="cid:{part.content_id}"/></xdsb:Document>'
        for item, part in zip(items, parts, strict=True)
    )
    return (
        f'<xdsb:ProvideAndRegisterDocumentSetRequest xmlns:xdsb="{_XDS_B}">{_text(request)}{documents}'
        "</xdsb:ProvideAndRegisterDocumentSetRequest>"
    )


def find(unique_id: str, *, return_type: str) -> Call:
    """TD3.1b: the reference of one document. One call for each: an ObjectRef does not say whose it is."""
    body = (
        f'<query:AdhocQueryRequest xmlns:query="{NS_QUERY}" xmlns:rim="{ebrim_schemes.NS_RIM}">'
        f'<query:ResponseOption returnComposedObjects="true" returnType="{escape(return_type)}"/>'
        f'<rim:AdhocQuery id="{GET_DOCUMENTS}"><rim:Slot name="$XDSDocumentEntryUniqueId"><rim:ValueList>'
        f"<rim:Value>('{escape(unique_id)}')</rim:Value></rim:ValueList></rim:Slot></rim:AdhocQuery>"
        "</query:AdhocQueryRequest>"
    )
    return Call(RecordAct.FIND_REFERENCE, REGISTRY, STORED_QUERY, body, QUERY_RESPONSE)


def read_found(body: Element) -> list[Registered]:
    """The documents of a TD3.1b answer, in the order of the registry; empty when it knows none."""
    if body.find(f"{{{ebrim_schemes.NS_RIM}}}RegistryObjectList") is None:
        return []
    answer = ebrim.read_submission(body)
    return [
        *(Registered(reference) for reference in answer.references),
        *(Registered(entry.id, entry.status, entry.hash_sha1) for entry in answer.entries),
    ]


def delete(parcel: Parcel, document: Registered) -> Call:
    """TD3.3c: a lot of one association that moves one document to Deleted. No XAdES (dmp.md §1.8).

    The identifier of the lot is drawn from the shipment's and the document's: a deletion sent twice is
    answered as a lot already received.
    """
    whole = lot(parcel)
    own = oid_from_uuid(uuid.uuid5(uuid.NAMESPACE_OID, f"{whole.unique_id}/delete/{document.entry_uuid}"))
    update = ebrim.status_update(
        document.entry_uuid,
        original=document.status or ebrim_schemes.APPROVED,
        new=ebrim_schemes.DELETED,
    )
    body = _text(ebrim.submission(replace(whole, unique_id=own), [], associations=[update]))
    return Call(RecordAct.DELETE, REGISTRY, UPDATE_DOCUMENT_SET, body, REGISTRY_RESPONSE)


def _text(element: Element) -> str:
    return etree.tostring(element, encoding="unicode")
