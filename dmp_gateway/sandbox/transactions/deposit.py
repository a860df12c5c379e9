"""TD2.1a and TD2.1b: ITI-41 Provide and Register Document Set-b (dmp.md §1.5), checks (3) to (10)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from dmp_gateway.sandbox import (
    cda_rules,
    entry_rules,
    mask_rules,
    mtom,
    patient_rules,
    registry_answers,
    rights,
    version_rules,
    xades_rules,
    xds_rules,
)
from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.cda_header import CdaHeader
from dmp_gateway.sandbox.complaints import Complaints
from dmp_gateway.sandbox.refusals import RegistryRefusal, SoapRefusal
from dmp_gateway.sandbox.registry_objects import RegistryObject
from dmp_gateway.sandbox.store import NewDocument, Record
from dmp_gateway.sandbox.transactions.common import CLAUSE_SCHEMA, Call
from dmp_gateway.sandbox.xds_rules import Submission
from perinat.standards import xml
from perinat.standards.xml import Element

RESPONSE = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse"
CLAUSE_MTOM = "dmp §1.2, §7 (5) (intégrité MTOM)"
CLAUSE_HASH = "dmp §3.2 (hash et size recalculés par l'entrepôt)"


@dataclass(frozen=True, slots=True)
class Received:
    """One document of the lot with its bytes, its tree and its header."""

    entry: RegistryObject
    data: bytes
    tree: Element
    hash_sha1: str

    @property
    def unique_id(self) -> str:
        return self.entry.external(ro.DE_UNIQUE)


def run(call: Call) -> str:
    """The body of the answer. Raises SoapRefusal or RegistryRefusal."""
    request = call.body.find(f"{{{ro.LCM}}}SubmitObjectsRequest")
    if call.body.tag != f"{{{ro.XDSB}}}ProvideAndRegisterDocumentSetRequest" or request is None:
        raise SoapRefusal("sandbox:SchemaInvalid", "Le corps n'est pas une demande ITI-41.", CLAUSE_SCHEMA)
    lot = ro.read_lot(request)
    call.transaction = "2.1b" if lot.links(ro.RPLC) else "2.1a"
    references = _take_references(call.body)
    call.check_schema()
    rights.check(call.caller, call.transaction)
    patient_rules.check_open(call.world.people, call.caller.patient)
    contents = _contents(call, references, [item.identifier for item in lot.extrinsics])
    submission = xds_rules.check_deposit(lot, call.caller)
    received = [_received(entry, contents[entry.identifier]) for entry in submission.documents]
    _check_hashes(submission, contents, {item.entry.identifier: item.hash_sha1 for item in received})
    signature = contents[submission.signature.identifier]
    xades_rules.check(
        signature,
        lot=submission.unique_id,
        documents={item.unique_id: (item.data, item.tree) for item in received},
        legal=call.caller.legal,
        trust=call.world.trust,
        now=call.now,
    )
    headers = {
        item.unique_id: cda_rules.check(item.entry, item.data, item.tree, call.world.national_rules)
        for item in received
    }
    sizes = {item.unique_id: len(item.data) for item in received}
    mask_rules.check(submission.documents, sizes, call.caller, call.world.limits)
    call.before_storing()
    with call.world.commit:
        _store(call, submission, received, headers, signature)
    return registry_answers.success()


def _take_references(body: Element) -> list[tuple[str, str, str]]:
    """(document id, href, inline text) of each Document; XOP elements are taken out of the tree."""
    found = []
    for document in body.iterfind(f"{{{ro.XDSB}}}Document"):
        include = document.find(mtom.XOP_INCLUDE)
        href = ""
        if include is not None:
            href = include.get("href", "")
            document.remove(include)
        found.append((document.get("id", ""), href, document.text or ""))
    return found


def _contents(call: Call, references: list[tuple[str, str, str]], entries: list[str]) -> dict[str, bytes]:
    """Bytes by ExtrinsicObject id: each has one Document, each Document one part, each part one Document."""
    found = Complaints(CLAUSE_MTOM)
    contents: dict[str, bytes] = {}
    used: list[str] = []
    for identifier, href, inline in references:
        part = mtom.target_of(href)
        if identifier in contents:
            found.add("XDSRepositoryMetadataError", "Deux éléments Document ont le même id.", at=identifier)
        elif not href:
            contents[identifier] = _inline(inline, identifier, found)
        elif part not in call.parts:
            found.add("XDSMissingDocument", "Le XOP Include ne désigne aucune partie du message.", at=identifier)
        else:
            contents[identifier] = call.parts[part]
            used.append(part)
    if len(set(used)) != len(used):
        found.add("sandbox:MtomInvalid", "Deux documents désignent la même partie du message.")
    if call.repeated_parts or set(call.parts) - set(used):
        found.add("sandbox:MtomInvalid", "Une partie du message n'est désignée par aucun document, ou est répétée.")
    for identifier in set(entries) - {name for name, _, _ in references}:
        found.add("XDSMissingDocument", "Des métadonnées n'ont pas de document.", at=identifier)
    for identifier in {name for name, _, _ in references} - set(entries):
        found.add("XDSMissingDocumentMetadata", "Un document n'a pas de métadonnées.", at=identifier)
    found.stop()
    return contents


def _inline(text: str, identifier: str, found: Complaints) -> bytes:
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        data = b""
    if not data:
        found.add("XDSMissingDocument", "Le document est vide ou illisible.", at=identifier)
    return data


def _received(entry: RegistryObject, data: bytes) -> Received:
    try:
        tree = xml.parse(data)
    except xml.XmlError as error:
        reason = f"Le CDA est illisible : {error.message_fr}"
        raise RegistryRefusal.of("InvalidDocumentContent", reason, cda_rules.CLAUSE, entry.identifier) from error
    return Received(entry, data, tree, _sha1(data))


def _sha1(data: bytes) -> str:
    """The hash of XDS metadata, in hexadecimal."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _check_hashes(submission: Submission, contents: dict[str, bytes], hashes: dict[str, str]) -> None:
    """hash and size are optional in the request; given, they are those of the bytes."""
    found = Complaints(CLAUSE_HASH)
    for entry in (*submission.documents, submission.signature):
        data = contents[entry.identifier]
        given = entry.slot("hash").lower()
        if given and given != (hashes.get(entry.identifier) or _sha1(data)):
            found.add(entry_rules.REPOSITORY_METADATA, "hash n'est pas le SHA-1 du document.", at=entry.identifier)
        if entry.slot("size") and entry.slot("size") != str(len(data)):
            found.add(entry_rules.REPOSITORY_METADATA, "size n'est pas la taille du document.", at=entry.identifier)
    found.stop()


def _store(
    call: Call,
    submission: Submission,
    received: list[Received],
    headers: dict[str, CdaHeader],
    signature: bytes,
) -> None:
    """Checks that read the store, then the store itself: one lot at a time (World.commit)."""
    store, caller = call.world.store, call.caller
    patient = caller.patient_key
    version_rules.check_lot(store, submission.unique_id)
    fresh = []
    known = []
    for item in received:
        if version_rules.is_known(store, item.unique_id, item.hash_sha1, patient):
            known.append(item.unique_id)
        else:
            fresh.append(item)
    documents = []
    for offset, item in enumerate(fresh):
        header = headers[item.unique_id]
        target = submission.replaces.get(item.entry.identifier, "")
        if target:
            version_rules.check_replacement(store, item.entry, header, target, patient=patient, caller=caller)
        else:
            version_rules.check_first_deposit(store, item.entry, header)
        version_rules.check_version(store, item.entry, header)
        entry_uuid = f"urn:uuid:{uuid.uuid4()}"
        record = Record(
            sequence=store.next_sequence + offset,
            at=datetime.now(UTC).isoformat(timespec="microseconds"),
            lot_unique_id=submission.unique_id,
            lot_size=len(fresh),
            unique_id=item.unique_id,
            entry_uuid=entry_uuid,
            patient=patient,
            structure=caller.structure,
            legal=caller.legal,
            mode=caller.mode.value,
            hash_sha1=item.hash_sha1,
            size=len(item.data),
            set_id=header.set_identifier[0],
            version=int(header.version),
            type_code=header.code[0],
            title=item.entry.title,
            confidentiality=[value.code for value in item.entry.classified(ro.DE_CONFIDENTIALITY)],
            replaces=target,
            authors=item.entry.author_ids,
            submitted=submission.package.slot("submissionTime"),
        )
        metadata = registry_answers.registered(
            item.entry, entry_uuid=entry_uuid, hash_sha1=item.hash_sha1, size=len(item.data)
        )
        documents.append(NewDocument(record, item.data, metadata))
    store.register(
        submission.unique_id,
        documents,
        known=known,
        signature=signature,
        package=registry_answers.package(submission.package),
        structure=caller.structure,
    )
