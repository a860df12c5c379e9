"""Stored queries of ITI-18: their identifiers and their parameters (dmp.md §1.6; ITI TF-2 §3.18.4.1.2.3)."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field

from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.refusals import RegistryRefusal
from perinat.standards.xml import Element

CLAUSE = "dmp §1.6 (TD3.1, ITI-18)"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
FIND_SUBMISSION_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
GET_DOCUMENTS_AND_ASSOCIATIONS = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
FIND_BY_REFERENCE = "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492"  # imaging: known, not simulated
UNIQUE_ID, ENTRY_UUID = "$XDSDocumentEntryUniqueId", "$XDSDocumentEntryEntryUUID"
MOST = 20  # identifiers in one GetDocumentsAndAssociations
_QUOTED = r"'((?:[^']|'')+)'"
_ONE = re.compile(_QUOTED)
_LIST = re.compile(rf"\(\s*{_QUOTED}(?:\s*,\s*{_QUOTED})*\s*\)")
_TIME = re.compile(r"'?([0-9]{4}(?:[0-9]{2}){0,5})'?")


class Kind(enum.Enum):
    """How a value is written."""

    ONE = "'a'"
    LIST = "('a','b')"
    TIME = "AAAAMMJJHHMMSS"


@dataclass(frozen=True, slots=True)
class Query:
    """`required` parameters, `one_of` (exactly one is given), `optional`."""

    required: dict[str, Kind] = field(default_factory=dict)
    one_of: dict[str, Kind] = field(default_factory=dict)
    optional: dict[str, Kind] = field(default_factory=dict)


def _times(*names: str) -> dict[str, Kind]:
    return {f"${name}{end}": Kind.TIME for name in names for end in ("From", "To")}


_EITHER = {UNIQUE_ID: Kind.LIST, ENTRY_UUID: Kind.LIST}
_ANYWHERE = {"$MetadataLevel", "$homeCommunityId"}
_CODES = ("ClassCode", "TypeCode", "FormatCode", "PracticeSettingCode", "HealthcareFacilityTypeCode")
QUERIES = {
    GET_DOCUMENTS: Query(one_of=_EITHER),
    GET_DOCUMENTS_AND_ASSOCIATIONS: Query(one_of=_EITHER),
    GET_ASSOCIATIONS: Query(required={"$uuid": Kind.LIST}),
    FIND_DOCUMENTS: Query(
        required={"$XDSDocumentEntryPatientId": Kind.ONE, "$XDSDocumentEntryStatus": Kind.LIST},
        optional={f"$XDSDocumentEntry{name}": Kind.LIST for name in (*_CODES, "ConfidentialityCode")}
        | _times(*(f"XDSDocumentEntry{name}Time" for name in ("Creation", "ServiceStart", "ServiceStop"))),
    ),
    FIND_SUBMISSION_SETS: Query(
        required={"$XDSSubmissionSetPatientId": Kind.ONE, "$XDSSubmissionSetStatus": Kind.LIST},
        optional=_times("XDSSubmissionSetSubmissionTime") | {"$XDSSubmissionSetSourceId": Kind.LIST},
    ),
}


def parameters(query: Element) -> dict[str, list[str]]:
    """The values of a query, by parameter. Raises RegistryRefusal: unknown query, wrong parameters."""
    spec = QUERIES[query.get("id", "")]
    written: dict[str, list[str]] = {}
    for slot in query.iterfind(ro.rim("Slot")):
        values = [(value.text or "").strip() for value in slot.iter(ro.rim("Value"))]
        written.setdefault(slot.get("name", ""), []).extend(values)
    missing = [name for name in spec.required if name not in written]
    chosen = [name for name in spec.one_of if name in written]
    if missing or (spec.one_of and not chosen):
        reason = f"Paramètre obligatoire absent : {', '.join(missing or spec.one_of)}."
        raise RegistryRefusal.of("XDSStoredQueryMissingParam", reason, CLAUSE)
    known = spec.required | spec.one_of | spec.optional
    if len(chosen) > 1 or set(written) - set(known) - _ANYWHERE:
        raise RegistryRefusal.of("XDSStoredQueryParamNumber", "Paramètres de requête en trop.", CLAUSE)
    return {name: _values(kind, written[name]) for name, kind in known.items() if name in written}


def _values(kind: Kind, written: list[str]) -> list[str]:
    if kind is not Kind.LIST and len(written) != 1:
        raise RegistryRefusal.of("XDSStoredQueryParamNumber", "Une seule valeur est attendue.", CLAUSE)
    found: list[str] = []
    for text in written:
        pattern = {Kind.ONE: _ONE, Kind.LIST: _LIST, Kind.TIME: _TIME}[kind]
        match = pattern.fullmatch(text)
        if match is None:
            raise RegistryRefusal.of("XDSRegistryError", f"Une valeur s'écrit {kind.value}.", CLAUSE)
        found += [match[1]] if kind is Kind.TIME else [value.replace("''", "'") for value in _ONE.findall(text)]
    return found
