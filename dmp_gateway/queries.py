"""TD3.1 in consultation: ITI-18 stored queries and what they answer (dmp.md §1.6; IHE ITI TF-2 §3.18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from coordination.ports import RecordAct
from dmp_gateway import xdsb
from dmp_gateway.client import REGISTRY, Call
from dmp_gateway.soap import NS_QUERY
from perinat.standards import ebrim, ebrim_schemes
from perinat.standards.ebrim import ParsedAuthor, ParsedEntry, ParsedSubmission
from perinat.standards.identifiers import Ins
from perinat.standards.shared_record import DocumentStatus, RecordAuthor, RecordDocument
from perinat.standards.xml import Element

FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
FIND_SUBMISSION_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
GET_DOCUMENTS_AND_ASSOCIATIONS = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
BATCH = 20  # identifiers in one request (ANS « Exemples d'usage DMP » V0.3)
_STATUS = {
    ebrim_schemes.APPROVED: DocumentStatus.ACTIVE,
    ebrim_schemes.DEPRECATED: DocumentStatus.REPLACED,
    ebrim_schemes.ARCHIVED: DocumentStatus.ARCHIVED,
    ebrim_schemes.DELETED: DocumentStatus.DELETED,
}


def find_documents(ins: Ins, *, since: datetime, archived: bool) -> Call:
    """TD3.1a: documents whose act began after `since`; active ones always (EX_3.1-1030)."""
    statuses = [ebrim_schemes.APPROVED, *([ebrim_schemes.ARCHIVED] if archived else [])]
    return _query(
        FIND_DOCUMENTS,
        [
            ("$XDSDocumentEntryPatientId", [_text(ins.cx)]),
            ("$XDSDocumentEntryStatus", _list(statuses)),
            ("$XDSDocumentEntryServiceStartTimeFrom", [ebrim.utc(since)]),
        ],
    )


def find_submission_sets(ins: Ins, *, since: datetime) -> Call:
    """The lots received since an instant: their references."""
    slots = [
        ("$XDSSubmissionSetPatientId", [_text(ins.cx)]),
        ("$XDSSubmissionSetStatus", _list([ebrim_schemes.APPROVED])),
        ("$XDSSubmissionSetSubmissionTimeFrom", [ebrim.utc(since)]),
    ]
    return _query(FIND_SUBMISSION_SETS, slots, returns="ObjectRef")


def associations_of(ids: Sequence[str]) -> Call:
    """The links of lots or documents, by entryUUID."""
    return _query(GET_ASSOCIATIONS, [("$uuid", _list(ids))])


def documents_and_associations(ids: Sequence[str]) -> Call:
    """Documents with their links, by entryUUID; at most BATCH of them."""
    return _query(GET_DOCUMENTS_AND_ASSOCIATIONS, [("$XDSDocumentEntryEntryUUID", _list(ids))])


def get_document(unique_id: str) -> Call:
    """The description of one document as it is now."""
    return _query(xdsb.GET_DOCUMENTS, [("$XDSDocumentEntryUniqueId", _list([unique_id]))])


def _query(identifier: str, slots: Sequence[tuple[str, Sequence[str]]], *, returns: str = "LeafClass") -> Call:
    written = "".join(_slot(name, values) for name, values in slots)
    body = (
        f'<query:AdhocQueryRequest xmlns:query="{NS_QUERY}" xmlns:rim="{ebrim_schemes.NS_RIM}">'
        f'<query:ResponseOption returnComposedObjects="true" returnType="{returns}"/>'
        f'<rim:AdhocQuery id="{identifier}">{written}</rim:AdhocQuery></query:AdhocQueryRequest>'
    )
    return Call(RecordAct.SEARCH, REGISTRY, xdsb.STORED_QUERY, body, xdsb.QUERY_RESPONSE)


def _slot(name: str, values: Sequence[str]) -> str:
    lines = "".join(f"<rim:Value>{escape(value)}</rim:Value>" for value in values)
    return f'<rim:Slot name="{name}"><rim:ValueList>{lines}</rim:ValueList></rim:Slot>'


def _text(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def _list(values: Sequence[str]) -> list[str]:
    """A list, one Value for each item: a Value holds 256 characters (rim:LongName; ITI TF-2 §3.18.4.1.2.3.5)."""
    return [f"({_text(value)})" for value in values]


def read(body: Element) -> ParsedSubmission:
    """What an answer holds; nothing at all when it has no list."""
    if body.find(f"{{{ebrim_schemes.NS_RIM}}}RegistryObjectList") is None:
        return ParsedSubmission((), (), (), ())
    return ebrim.read_submission(body)


def documents(found: ParsedSubmission) -> list[RecordDocument]:
    """The documents of an answer, without the signatures of the lots. Never filtered on patientId (EX_3.1-1055)."""
    return [_document(entry) for entry in found.documents]


def _document(entry: ParsedEntry) -> RecordDocument:
    return RecordDocument(
        unique_id=entry.unique_id,
        entry_uuid=entry.entry_uuid,
        logical_id=entry.lid or entry.entry_uuid,
        status=_STATUS.get(entry.status, DocumentStatus.REPLACED),  # a status we do not know is not offered as active
        mime_type=entry.mime_type,
        type_code=entry.type_code,
        class_code=entry.class_code,
        format_code=entry.format_code,
        created_at=entry.created_at,
        service_start=entry.service_start,
        service_stop=entry.service_stop,
        confidentiality=frozenset(code.code for code in entry.confidentiality),
        repository=entry.repository_unique_id,
        hash_sha1=entry.hash_sha1,
        size=entry.size,
        title=entry.title,
        authors=tuple(_author(author) for author in entry.authors),
    )


def _author(author: ParsedAuthor) -> RecordAuthor:
    person, site = author.person, next(iter(author.institutions), None)
    return RecordAuthor(
        ps_idnat=person.identifier if person else "",
        family_name=person.family_name if person else "",
        given_name=person.given_name if person else "",
        specialty=next((code.label for code in author.specialties), ""),
        institution=site.name if site else "",
        struct_idnat=site.struct_idnat if site else "",
    )
