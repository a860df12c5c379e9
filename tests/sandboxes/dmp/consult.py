"""Messages of a hand-written reader (AIR): fixed text with holes, and the caller that sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.sandboxes.dmp import messages
from tests.sandboxes.dmp.base import MIDWIFE, MOTHER, XSS, Edits, edited, new_oid
from tests.sandboxes.dmp.conftest import Caller
from tests.sandboxes.dmp.content import (
    HAS_MEMBER,
    Document,
    association,
    entry,
    slot,
    submission_set,
)
from tests.sandboxes.dmp.plain_client import Answer

AIR = "INDIRECTE_RENFORCEE"
RETRIEVE = "urn:ihe:iti:2007:RetrieveDocumentSet"
SET_AUTHORIZATION = "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization"
LIST_ACCESSES = "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatient"
PATIENT_LIST = "urn:si-dmp-patients:PatientSpecificEndPoint:patientList"
REPOSITORY = "1.2.250.1.213.4.1.1.1.2"
FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
FIND_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
GET_BOTH = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
APPROVED = f"{XSS}StatusType:Approved"
DEPRECATED = f"{XSS}StatusType:Deprecated"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
RESOURCE = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"


def quoted(*values: str) -> str:
    return "(" + ",".join(f"'{value}'" for value in values) + ")"


def query(identifier: str, *slots: str, returns: str = "LeafClass", edit: Edits = ()) -> str:
    text = (
        f'<q:AdhocQueryRequest xmlns:q="{XSS}xsd:query:3.0" xmlns="{XSS}xsd:rim:3.0">'
        f'<q:ResponseOption returnComposedObjects="true" returnType="{returns}"/><AdhocQuery id="{identifier}">'
        f"{''.join(slots)}</AdhocQuery></q:AdhocQueryRequest>"
    )
    return edited(text, edit)


def find_documents(*more: str, patient: str = MOTHER, status: str = APPROVED, edit: Edits = ()) -> str:
    base = (slot("$XDSDocumentEntryPatientId", f"'{patient}'"), slot("$XDSDocumentEntryStatus", quoted(status)))
    return query(FIND_DOCUMENTS, *base, *more, edit=edit)


def find_sets(*more: str, edit: Edits = ()) -> str:
    base = (slot("$XDSSubmissionSetPatientId", f"'{MOTHER}'"), slot("$XDSSubmissionSetStatus", quoted(APPROVED)))
    return query(FIND_SETS, *base, *more, edit=edit)


def retrieve(unique_id: str, *, edit: Edits = ()) -> str:
    text = (
        '<RetrieveDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007"><DocumentRequest>'
        f"<RepositoryUniqueId>{REPOSITORY}</RepositoryUniqueId><DocumentUniqueId>{unique_id}</DocumentUniqueId>"
        "</DocumentRequest></RetrieveDocumentSetRequest>"
    )
    return edited(text, edit)


def authorization(action: str = "AJOUT", role: str = "", *, edit: Edits = ()) -> str:
    written = f"<role>{role}</role>" if role else ""
    text = f'<setAuthorization xmlns="urn:si-dmp-habilitations"><action>{action}</action>{written}</setAuthorization>'
    return edited(text, edit)


def accesses(mode: str = "TOUTE") -> str:
    return (
        f'<listAuthorizationByPatient xmlns="urn:si-dmp-habilitations"><mode>{mode}</mode></listAuthorizationByPatient>'
    )


def patient_list(start: str = "20260101000000", kind: str = "LASTAUTORIZATION", owner: str = MIDWIFE) -> str:
    return (
        f'<patientList xmlns="urn:si-dmp-patients"><startDate>{start}</startDate><dateType>{kind}</dateType>'
        f"<psOwnerId>{owner}</psOwnerId></patientList>"
    )


@dataclass
class Described:
    """ITI-57 of one description, as the registry gave it (`lid`, `version`), with other `masks`."""

    document: Document
    lid: str
    version: int = 1
    masks: tuple[str, ...] = ("N", "MASQUE_PS")
    edit: Edits = ()

    def body(self) -> str:
        written = entry(Document(**{**self.document.__dict__, "confidentiality": self.masks}), 1)
        written = written.replace(
            '<ExtrinsicObject id="Document01"', f'<ExtrinsicObject id="Document01" lid="{self.lid}"'
        )
        written = written.replace("<Name>", slot("repositoryUniqueId", REPOSITORY) + "<Name>", 1)
        member = association(
            HAS_MEMBER,
            "SubmissionSet01",
            "Document01",
            slot("SubmissionSetStatus", "Original"),
            slot("PreviousVersion", str(self.version)),
        )
        text = (
            f'<l:SubmitObjectsRequest xmlns:l="{XSS}xsd:lcm:3.0"><RegistryObjectList xmlns="{XSS}xsd:rim:3.0">'
            f"{submission_set(new_oid(), self.document.patient)}{written}{member}"
            "</RegistryObjectList></l:SubmitObjectsRequest>"
        )
        return edited(text, self.edit)


def status(entry_uuid: str, before: str, after: str, *, edit: Edits = ()) -> str:
    link = association(
        "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus",
        "SubmissionSet01",
        entry_uuid,
        slot("OriginalStatus", before),
        slot("NewStatus", after),
    )
    text = (
        f'<l:SubmitObjectsRequest xmlns:l="{XSS}xsd:lcm:3.0"><RegistryObjectList xmlns="{XSS}xsd:rim:3.0">'
        f"{submission_set(new_oid(), MOTHER)}{link}</RegistryObjectList></l:SubmitObjectsRequest>"
    )
    return edited(text, edit)


class ReaderCaller:
    """Sends consultation messages; a midwife in AIR unless told otherwise."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def send(self, path: str, action: str, body: str, *, assertion: str | None = None, **options: Any) -> Answer:
        signed = assertion or self.caller.vihf(**{"mode": AIR} | options)
        return self.caller.client.post(path, messages.envelope(action, signed, body))

    def ask(self, body: str, **options: Any) -> Answer:
        return self.send("/registry", messages.QUERY, body, **options)

    def update(self, body: str, **options: Any) -> Answer:
        return self.send("/registry", messages.UPDATE, body, **options)

    def read(self, body: str, **options: Any) -> Answer:
        return self.send("/repository", RETRIEVE, body, **options)

    def authorize(self, *args: Any, **options: Any) -> Answer:
        return self.send("/habilitations", SET_AUTHORIZATION, authorization(*args), **options)

    def accesses(self, listed: str = "TOUTE", **options: Any) -> Answer:
        return self.send("/habilitations", LIST_ACCESSES, accesses(listed), **options)

    def patients(self, body: str = "", **options: Any) -> Answer:
        nameless = ((messages.attribute(RESOURCE, messages.text_value(MOTHER.replace("&", "&amp;"))), ""),)
        return self.send("/patients", PATIENT_LIST, body or patient_list(), **{"edit": nameless} | options)

    def describe(self, document: Document, **changes: Any) -> Answer:
        lid = changes.pop("lid", "") or self.caller.entry_uuid(document)
        options = {name: changes.pop(name) for name in ("roles", "mode", "extra") if name in changes}
        return self.update(Described(document, lid, **changes).body(), **options)
