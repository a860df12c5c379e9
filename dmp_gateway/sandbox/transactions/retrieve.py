"""TD3.2: ITI-43 Retrieve Document Set (dmp.md §1.7). The answer is always MTOM, even when it refuses."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from dmp_gateway.sandbox import access_rules, registry_answers, rights
from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.refusals import Complaint, RegistryRefusal, SoapRefusal
from dmp_gateway.sandbox.registry_answers import RS, SUCCESS
from dmp_gateway.sandbox.store import Record
from dmp_gateway.sandbox.transactions.common import CLAUSE_SCHEMA, Attached, Call
from perinat.standards import oids, xml

RESPONSE = "urn:ihe:iti:2007:RetrieveDocumentSetResponse"
CLAUSE = "dmp §1.7 (TD3.2, ITI-43)"
PARTIAL = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
_XOP = "http://www.w3.org/2004/08/xop/include"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One DocumentRequest."""

    repository: str
    unique_id: str


def run(call: Call) -> Attached:
    """The body of the answer with its parts. Raises SoapRefusal or RegistryRefusal."""
    call.transaction = "3.2"
    if call.body.tag != f"{{{ro.XDSB}}}RetrieveDocumentSetRequest":
        raise SoapRefusal("sandbox:SchemaInvalid", "Le corps n'est pas une demande ITI-43.", CLAUSE_SCHEMA)
    rights.check(call.caller, call.transaction)
    call.check_schema()
    treating = access_rules.check_readable(call.world, call.caller)
    wanted = [
        Wanted(
            (item.findtext(f"{{{ro.XDSB}}}RepositoryUniqueId") or "").strip(),
            (item.findtext(f"{{{ro.XDSB}}}DocumentUniqueId") or "").strip(),
        )
        for item in call.body.iterfind(f"{{{ro.XDSB}}}DocumentRequest")
    ]
    call.before_storing()
    found: list[Record] = []
    complaints: list[Complaint] = []
    for one in wanted:
        record = _find(call, one, complaints, treating=treating)
        if record is not None:
            found.append(record)
    if not found:
        raise RegistryRefusal(complaints or [Complaint("XDSRegistryError", "Aucun document demandé.", CLAUSE)])
    return _answer(call, found, complaints)


def _find(call: Call, wanted: Wanted, complaints: list[Complaint], *, treating: bool) -> Record | None:
    if wanted.repository != oids.DMP_REPOSITORY:
        complaints.append(Complaint("XDSUnknownRepositoryId", "Entrepôt inconnu.", CLAUSE))
        return None
    record = call.world.store.by_unique_id(wanted.unique_id)
    if record is None or not access_rules.is_visible(record, call.caller, treating=treating):
        context = f"uniqueId={wanted.unique_id}"
        complaints.append(Complaint("XDSDocumentUniqueIdError", context, CLAUSE))
        return None
    return record


def _answer(call: Call, found: list[Record], complaints: list[Complaint]) -> Attached:
    parts, documents = [], []
    for record in found:
        name = f"urn:uuid:{uuid.uuid4()}"
        parts.append((name, call.world.store.data(record.unique_id)))
        entry = ro.read_object(xml.parse(call.world.store.metadata(record.unique_id, record.number)))
        documents.append(
            f"<xdsb:DocumentResponse><xdsb:RepositoryUniqueId>{oids.DMP_REPOSITORY}</xdsb:RepositoryUniqueId>"
            f"<xdsb:DocumentUniqueId>{escape(record.unique_id)}</xdsb:DocumentUniqueId>"
            f"<xdsb:mimeType>{escape(entry.mime_type)}</xdsb:mimeType><xdsb:Document>"
            f'<xop:Include xmlns:xop="{_XOP}" href={quoteattr("cid:" + quote(name, safe=""))}/>'
            "</xdsb:Document></xdsb:DocumentResponse>"
        )
    status = PARTIAL if complaints else SUCCESS
    response = registry_answers.response(status, complaints)
    return Attached(
        f'<xdsb:RetrieveDocumentSetResponse xmlns:xdsb="{ro.XDSB}" xmlns:rs="{RS}">{response}{"".join(documents)}'
        "</xdsb:RetrieveDocumentSetResponse>",
        tuple(parts),
    )


def failure(complaints: list[Complaint]) -> str:
    """The body that refuses."""
    return (
        f'<xdsb:RetrieveDocumentSetResponse xmlns:xdsb="{ro.XDSB}">{registry_answers.failure(complaints)}'
        "</xdsb:RetrieveDocumentSetResponse>"
    )
