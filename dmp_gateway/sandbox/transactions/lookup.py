"""TD3.1a and TD3.1b: ITI-18 Registry Stored Query (dmp.md §1.6)."""

from __future__ import annotations

from dmp_gateway.sandbox import access_rules, grammar, patient_rules, registry_answers, rights
from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox import stored_queries as sq
from dmp_gateway.sandbox.refusals import RegistryRefusal, SoapRefusal
from dmp_gateway.sandbox.registry_answers import QUERY
from dmp_gateway.sandbox.registry_objects import RegistryObject
from dmp_gateway.sandbox.store import Record, Version
from dmp_gateway.sandbox.stored_queries import CLAUSE
from dmp_gateway.sandbox.transactions.common import CLAUSE_SCHEMA, Call
from dmp_gateway.sandbox.vihf_rules import Mode
from perinat.standards import xml

RESPONSE = "urn:ihe:iti:2007:RegistryStoredQueryResponse"
_CODED = {
    "$XDSDocumentEntryClassCode": ro.DE_CLASS,
    "$XDSDocumentEntryTypeCode": ro.DE_TYPE,
    "$XDSDocumentEntryFormatCode": ro.DE_FORMAT,
    "$XDSDocumentEntryPracticeSettingCode": ro.DE_PRACTICE,
    "$XDSDocumentEntryHealthcareFacilityTypeCode": ro.DE_FACILITY,
    "$XDSDocumentEntryConfidentialityCode": ro.DE_CONFIDENTIALITY,
}
_TIMED = {
    "$XDSDocumentEntryCreationTime": "creationTime",
    "$XDSDocumentEntryServiceStartTime": "serviceStartTime",
    "$XDSDocumentEntryServiceStopTime": "serviceStopTime",
}


def run(call: Call) -> str:
    """The body of the answer. Raises SoapRefusal or RegistryRefusal."""
    query = call.body.find(ro.rim("AdhocQuery"))
    option = call.body.find(f"{{{QUERY}}}ResponseOption")
    if call.body.tag != f"{{{QUERY}}}AdhocQueryRequest" or query is None or option is None:
        raise SoapRefusal("sandbox:SchemaInvalid", "Le corps n'est pas une demande ITI-18.", CLAUSE_SCHEMA)
    identifier = query.get("id", "")
    call.transaction = "3.1b" if identifier == sq.GET_DOCUMENTS else "3.1a"
    call.check_schema()
    if identifier not in sq.QUERIES and identifier != sq.FIND_BY_REFERENCE:
        raise RegistryRefusal.of("XDSUnknownStoredQuery", "Requête inconnue.", CLAUSE)
    right = rights.check(call.caller, call.transaction)
    if identifier == sq.FIND_BY_REFERENCE:
        reason = "Le bac à sable ne simule pas FindDocumentsByReferenceId (imagerie)."
        raise SoapRefusal("sandbox:NotSimulated", reason, CLAUSE, party="Receiver")
    if call.transaction == "3.1b":
        patient_rules.check_open(call.world.people, call.caller.patient)
        treating = True  # a reference is given to who may delete, not to who reads
    else:
        treating = access_rules.check_readable(call.world, call.caller)
    given = sq.parameters(query)
    leaf = option.get("returnType") == "LeafClass"
    if not leaf and option.get("returnType") != "ObjectRef":
        raise RegistryRefusal.of("XDSRegistryError", "returnType : ObjectRef ou LeafClass.", CLAUSE)
    call.before_storing()
    match identifier:
        case sq.GET_DOCUMENTS:
            versions = [found for found in _named(call, given) if rights.reaches(right, found.record, call.caller)]
            if leaf and call.caller.mode is not Mode.INDIRECTE:
                versions = _shown(call, versions, treating=access_rules.check_readable(call.world, call.caller))
            return _documents(call, versions, leaf=leaf)
        case sq.FIND_DOCUMENTS:
            _check_patient(call, given["$XDSDocumentEntryPatientId"])
            return _documents(call, _find(call, given, treating=treating), leaf=leaf)
        case sq.FIND_SUBMISSION_SETS:
            _check_patient(call, given["$XDSSubmissionSetPatientId"])
            return _lots(call, given, leaf=leaf)
        case sq.GET_ASSOCIATIONS:
            return _associations(call, given["$uuid"], leaf=leaf)
        case _:
            return _documents_and_associations(call, given, leaf=leaf, treating=treating)


def _check_patient(call: Call, written: list[str]) -> None:
    if grammar.cx(written[0]) != call.caller.patient:
        reason = "Le patient demandé diffère du resource-id du VIHF."
        raise RegistryRefusal.of("XDSPatientIdDoesNotMatch", reason, CLAUSE)


def _named(call: Call, given: dict[str, list[str]]) -> list[Version]:
    """Documents by uniqueId (as they are now) or by entryUUID (that description), of the patient of the VIHF."""
    store = call.world.store
    records = [store.by_unique_id(value) for value in given.get(sq.UNIQUE_ID, [])]
    found = [store.version(record.entry_uuid) for record in records if record]
    found += [store.version(value) for value in given.get(sq.ENTRY_UUID, [])]
    return [version for version in found if version and version.record.patient == call.caller.patient_key]


def _shown(call: Call, versions: list[Version], *, treating: bool) -> list[Version]:
    """Those that this reader may see; that one was deleted may be known."""

    def shown(record: Record) -> bool:
        return record.status == ro.DELETED or access_rules.is_visible(record, call.caller, treating=treating)

    return [version for version in versions if shown(version.record)]


def _find(call: Call, given: dict[str, list[str]], *, treating: bool) -> list[Version]:
    store = call.world.store
    found = []
    for record in store.all():
        wanted = record.status in given["$XDSDocumentEntryStatus"]
        if wanted and access_rules.is_visible(record, call.caller, treating=treating) and _matches(call, record, given):
            version = store.version(record.entry_uuid)
            assert version is not None  # every record has its current description
            found.append(version)
    return found


def _matches(call: Call, record: Record, given: dict[str, list[str]]) -> bool:
    if set(given) <= {"$XDSDocumentEntryPatientId", "$XDSDocumentEntryStatus"}:
        return True
    entry = ro.read_object(xml.parse(call.world.store.metadata(record.unique_id, record.number)))
    coded = all(_has_code(entry, scheme, given[name]) for name, scheme in _CODED.items() if name in given)
    return coded and all(_within(entry.slot(slot), given, name) for name, slot in _TIMED.items())


def _has_code(entry: RegistryObject, scheme: str, wanted: list[str]) -> bool:
    return any(f"{item.code}^^{item.system}" in wanted for item in entry.classified(scheme))


def _within(moment: str, given: dict[str, list[str]], name: str) -> bool:
    """From ≤ moment < To, on the digits that are written (ITI TF-2 §3.18.4.1.2.3.3)."""
    low, high = given.get(f"{name}From", [""])[0], given.get(f"{name}To", ["9"])[0]
    return low <= moment < high


def _documents(call: Call, versions: list[Version], *, leaf: bool) -> str:
    if not leaf:
        return registry_answers.query_success([registry_answers.object_reference(v.entry_uuid) for v in versions])
    return registry_answers.query_success([_leaf(call, version) for version in versions])


def _leaf(call: Call, version: Version) -> str:
    metadata = call.world.store.metadata(version.record.unique_id, version.number)
    return registry_answers.leaf_class(metadata, version.status)


def _lots(call: Call, given: dict[str, list[str]], *, leaf: bool) -> str:
    store = call.world.store
    wanted = ro.APPROVED in given["$XDSSubmissionSetStatus"]
    lots = [
        lot
        for lot in store.lots(call.caller.patient_key)
        if wanted and _within(lot.submitted, given, "$XDSSubmissionSetSubmissionTime")
    ]
    if not leaf:
        return registry_answers.query_success([registry_answers.object_reference(lot.entry_uuid) for lot in lots])
    return registry_answers.query_success(
        [registry_answers.package_leaf(store.package(lot.unique_id), lot.entry_uuid) for lot in lots]
    )


def _associations(call: Call, wanted: list[str], *, leaf: bool) -> str:
    links = [link for ends, link in _links(call) if ends & set(wanted)]
    return registry_answers.query_success(links) if leaf else registry_answers.query_success([])


def _links(call: Call) -> list[tuple[set[str], str]]:
    """Every association of the patient, with its two ends."""
    store = call.world.store
    found = []
    for lot in store.lots(call.caller.patient_key):
        for member in lot.members:
            link = registry_answers.association(ro.HAS_MEMBER, lot.entry_uuid, member, SubmissionSetStatus="Original")
            found.append(({lot.entry_uuid, member}, link))
    for record in store.all():
        if record.replaces and record.patient == call.caller.patient_key:
            first = record.logical_id
            link = registry_answers.association(ro.RPLC, first, record.replaces)
            found.append(({first, record.replaces}, link))
    return found


def _documents_and_associations(call: Call, given: dict[str, list[str]], *, leaf: bool, treating: bool) -> str:
    asked = [*given.get(sq.ENTRY_UUID, []), *given.get(sq.UNIQUE_ID, [])]
    if len(asked) > sq.MOST:
        raise RegistryRefusal.of("XDSTooManyResults", f"Au plus {sq.MOST} identifiants par demande.", CLAUSE)
    versions = _shown(call, _named(call, given), treating=treating)
    if not leaf:
        return _documents(call, versions, leaf=False)
    ids = {version.entry_uuid for version in versions}
    links = [link for ends, link in _links(call) if ends & ids]
    return registry_answers.query_success([*(_leaf(call, version) for version in versions), *links])
