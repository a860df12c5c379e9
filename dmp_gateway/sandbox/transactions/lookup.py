"""TD3.1b: ITI-18 GetDocuments by uniqueId or entryUUID (dmp.md §1.6). Other queries are refused."""

from __future__ import annotations

import re

from dmp_gateway.sandbox import patient_rules, registry_answers, rights
from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.refusals import RegistryRefusal, SoapRefusal
from dmp_gateway.sandbox.registry_answers import QUERY
from dmp_gateway.sandbox.rights import Right
from dmp_gateway.sandbox.store import Record
from dmp_gateway.sandbox.transactions.common import CLAUSE_SCHEMA, Call
from perinat.standards.xml import Element

RESPONSE = "urn:ihe:iti:2007:RegistryStoredQueryResponse"
CLAUSE = "dmp §1.6 (TD3.1b, GetDocuments)"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
KNOWN_QUERIES = {
    f"urn:uuid:{value}"
    for value in (
        "14d4debf-8f97-4251-9a74-a90016b0af0d",
        "f26abbcb-ac74-4422-8a30-edb644bbc1a9",
        "a7ae438b-4bc2-4642-93e9-be891f7bb155",
        "bab9529a-4a10-40b3-a01f-f68a615d247a",
        "12941a89-e02e-4be5-967c-ce4bfc8fe492",
    )
}
UNIQUE_ID, ENTRY_UUID = "$XDSDocumentEntryUniqueId", "$XDSDocumentEntryEntryUUID"
_LIST = re.compile(r"\(\s*'([^']+)'(?:\s*,\s*'([^']+)')*\s*\)")


def run(call: Call) -> str:
    """The body of the answer. Raises SoapRefusal or RegistryRefusal."""
    query = call.body.find(ro.rim("AdhocQuery"))
    option = call.body.find(f"{{{QUERY}}}ResponseOption")
    if call.body.tag != f"{{{QUERY}}}AdhocQueryRequest" or query is None or option is None:
        raise SoapRefusal("sandbox:SchemaInvalid", "Le corps n'est pas une demande ITI-18.", CLAUSE_SCHEMA)
    identifier = query.get("id", "")
    call.transaction = "3.1b" if identifier == GET_DOCUMENTS else "3.1a"
    call.check_schema()
    if identifier != GET_DOCUMENTS and identifier not in KNOWN_QUERIES:
        raise RegistryRefusal.of("XDSUnknownStoredQuery", "Requête inconnue.", CLAUSE)
    right = rights.check(call.caller, call.transaction)
    if identifier != GET_DOCUMENTS:
        reason = "Le bac à sable ne simule que GetDocuments."
        raise SoapRefusal("sandbox:NotSimulated", reason, CLAUSE, party="Receiver")
    patient_rules.check_open(call.world.people, call.caller.patient)
    name, values = _parameter(query)
    call.before_storing()
    records = [_find(call, name, value) for value in values]
    found = [record for record in records if record is not None and _visible(call, record, right)]
    if option.get("returnType") == "LeafClass":
        store = call.world.store
        return registry_answers.query_success(
            [registry_answers.leaf_class(store.metadata(record.unique_id), record.status) for record in found]
        )
    if option.get("returnType") != "ObjectRef":
        raise RegistryRefusal.of("XDSRegistryError", "returnType : ObjectRef ou LeafClass.", CLAUSE)
    return registry_answers.query_success([registry_answers.object_reference(r.entry_uuid) for r in found])


def _parameter(query: Element) -> tuple[str, list[str]]:
    """Which identifier is asked, and its values written `('a','b')` (ITI TF-2 3.18.4.1.2.3.5)."""
    slots = {
        slot.get("name", ""): [value.text or "" for value in slot.iter(ro.rim("Value"))]
        for slot in query.iterfind(ro.rim("Slot"))
    }
    given = [name for name in (UNIQUE_ID, ENTRY_UUID) if name in slots]
    if not given:
        reason = "Ni uniqueId ni entryUUID n'est donné."
        raise RegistryRefusal.of("XDSStoredQueryMissingParam", reason, CLAUSE)
    if len(given) > 1 or set(slots) - {UNIQUE_ID, ENTRY_UUID, "$MetadataLevel", "$homeCommunityId"}:
        reason = "Paramètres de requête en trop."
        raise RegistryRefusal.of("XDSStoredQueryParamNumber", reason, CLAUSE)
    values: list[str] = []
    for written in slots[given[0]]:
        if not _LIST.fullmatch(written.strip()):
            reason = "Une liste de valeurs s'écrit ('a','b')."
            raise RegistryRefusal.of("XDSRegistryError", reason, CLAUSE)
        values += re.findall(r"'([^']+)'", written)
    return given[0], values


def _find(call: Call, name: str, value: str) -> Record | None:
    store = call.world.store
    return store.by_unique_id(value) if name == UNIQUE_ID else store.by_entry_uuid(value)


def _visible(call: Call, record: Record, right: Right) -> bool:
    """In the DMP of the patient of the VIHF, and of the structure when the right says so."""
    patient = f"{call.caller.patient.identifier}^{call.caller.patient.oid}"
    return record.patient == patient and (right is Right.YES or record.legal == call.caller.legal)
