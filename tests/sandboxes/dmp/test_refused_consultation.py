"""Consultation requests that a DMP refuses: rights, authorisation, queries, reading (dmp.md §1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandboxes.dmp import base, consult, messages
from tests.sandboxes.dmp.base import Edits
from tests.sandboxes.dmp.conftest import Caller
from tests.sandboxes.dmp.consult import APPROVED, ARCHIVED, ReaderCaller, quoted
from tests.sandboxes.dmp.content import Document, slot
from tests.sandboxes.dmp.messages import Lot, role_value
from tests.sandboxes.dmp.plain_client import Answer, multipart

SECRETARY = role_value("SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6", "Secrétariat médical")
COLLEAGUE = (("<saml2:NameID>" + base.MIDWIFE, "<saml2:NameID>899700000021"),)  # another professional of the site
NOWHERE = "urn:uuid:00000000-0000-4000-8000-000000000000"


@pytest.fixture
def reader(caller: Caller) -> ReaderCaller:
    return ReaderCaller(caller)


@pytest.fixture
def deposited(caller: Caller) -> Document:
    document = Document()
    assert caller.deposit(Lot((document,))).success
    return document


# --- rights, by mode --------------------------------------------------------------------------------
MODES = {
    "INDIRECTE": {"mode": "INDIRECTE"},
    "AIR, not a professional": {"roles": SECRETARY},
}
DENIED: dict[str, Callable[..., Answer]] = {
    "3.1a": lambda reader, document, **who: reader.ask(consult.find_documents(), **who),
    "3.1a lots": lambda reader, document, **who: reader.ask(consult.find_sets(), **who),
    "3.2": lambda reader, document, **who: reader.read(consult.retrieve(document.unique_id), **who),
    "3.3a": lambda reader, document, **who: reader.describe(document, **who),
    "3.3d": lambda reader, document, **who: reader.update(
        consult.status(reader.caller.entry_uuid(document), APPROVED, ARCHIVED), **who
    ),
    "1.6": lambda reader, document, **who: reader.accesses(**who),
    "0.3 SUPPRESSION": lambda reader, document, **who: reader.authorize("SUPPRESSION", **who),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("act", DENIED)
def test_what_the_matrix_does_not_give(reader: ReaderCaller, deposited: Document, mode: str, act: str) -> None:
    assert DENIED[act](reader, deposited, **MODES[mode]).codes == ["sandbox:RightDenied"]
    assert reader.caller.stored()[0]["status"] == APPROVED


def test_indirect_mode_declares_no_agreement(reader: ReaderCaller) -> None:
    assert reader.authorize(mode="INDIRECTE").codes == ["sandbox:RightDenied"]


@pytest.mark.parametrize("roles", [role_value("50"), SECRETARY], ids=["midwife", "secretary"])
def test_nothing_is_deposited_or_replaced_in_air(caller: Caller, deposited: Document, roles: str) -> None:
    new = Lot((deposited.next_version(),), replaces=caller.entry_uuid(deposited))
    for lot in (Lot((Document(),)), new):
        assert caller.deposit(lot, mode=consult.AIR, roles=roles).codes == ["sandbox:RightDenied"]
    assert len(caller.stored()) == 1


def test_search_without_ins_is_for_emergency_calls_only(reader: ReaderCaller) -> None:
    body = '<PRPA_IN201305UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0"/>'
    assert reader.send("/patients", "urn:hl7-org:v3:PRPA_IN201305UV02", body).codes == ["sandbox:RightDenied"]


# --- VIHF of AIR ------------------------------------------------------------------------------------
VIHF: list[tuple[str, Edits, str]] = [
    (
        "no declaration",
        (("<saml2:AuthnContextDecl>CONF_EXI_PGSSIS</saml2:AuthnContextDecl>", ""),),
        "sandbox:VihfValue",
    ),
    ("signed in after the call", (('AuthnInstant="2', 'AuthnInstant="9'),), "sandbox:VihfExpired"),
    (
        "no patient",
        ((messages.attribute(consult.RESOURCE, messages.text_value(base.MOTHER.replace("&", "&amp;"))), ""),),
        "sandbox:VihfAttribute",
    ),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in VIHF], ids=[case[0] for case in VIHF])
def test_vihf_of_a_reader(reader: ReaderCaller, edit: Edits, code: str) -> None:
    assert reader.ask(consult.find_documents(), edit=edit).codes == [code]


def test_a_doctor_without_speciality_does_not_read(reader: ReaderCaller) -> None:
    assert reader.ask(consult.find_documents(), roles=role_value("10")).codes == ["sandbox:VihfSpeciality"]


# --- authorisation ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("patient", "code"),
    [
        (base.NEVER_AUTHORISED, "sandbox:AuthorizationMissing"),
        (base.EXPIRED, "sandbox:AuthorizationExpired"),
        (base.BLOCKED, "sandbox:AccessForbidden"),
        (base.CLOSED, "sandbox:DmpClosed"),
        (base.NO_DMP, "XDSUnknownPatientId"),
    ],
)
def test_reading_without_an_authorisation(reader: ReaderCaller, patient: str, code: str) -> None:
    assert reader.ask(consult.find_documents(patient=patient), patient=patient).codes == [code]
    assert reader.read(consult.retrieve("2.25.1"), patient=patient).codes == [code]


@pytest.mark.parametrize(
    ("patient", "code"),
    [(base.BLOCKED, "sandbox:AccessForbidden"), (base.CLOSED, "DMPClosed"), (base.NO_DMP, "sandbox:DmpAbsent")],
)
def test_declaring_an_agreement_that_cannot_be(reader: ReaderCaller, patient: str, code: str) -> None:
    assert reader.authorize(patient=patient).codes == [code]


AUTHORISATIONS: list[tuple[str, tuple[str, ...], Edits, str]] = [
    ("unknown action", ("SUSPENSION",), (), "sandbox:SchemaInvalid"),
    ("unknown role", ("AJOUT", "PEDIATRE"), (), "sandbox:SchemaInvalid"),
    ("midwife as treating doctor", ("AJOUT", "MEDECIN_TRAITANT"), (), "sandbox:RoleNotAllowed"),
    ("unknown field", (), (("</setAuthorization>", "<date>1</date></setAuthorization>"),), "sandbox:SchemaInvalid"),
    (
        "field twice",
        (),
        (("</setAuthorization>", "<action>AJOUT</action></setAuthorization>"),),
        "sandbox:SchemaInvalid",
    ),
    ("no namespace", (), ((' xmlns="urn:si-dmp-habilitations"', ""),), "sandbox:SchemaInvalid"),
]


@pytest.mark.parametrize(
    ("given", "edit", "code"), [case[1:] for case in AUTHORISATIONS], ids=[case[0] for case in AUTHORISATIONS]
)
def test_authorisations_refused(reader: ReaderCaller, given: tuple[str, ...], edit: Edits, code: str) -> None:
    body = consult.authorization(*given, edit=edit)
    assert reader.send("/habilitations", consult.SET_AUTHORIZATION, body).codes == [code]


def test_removing_an_authorisation_that_is_not_there(reader: ReaderCaller) -> None:
    answer = reader.authorize("SUPPRESSION", patient=base.NEVER_AUTHORISED)
    assert answer.codes == ["sandbox:AuthorizationMissing"]


def test_list_of_accesses_is_for_who_may_read(reader: ReaderCaller) -> None:
    assert reader.accesses(patient=base.NEVER_AUTHORISED).codes == ["sandbox:AuthorizationMissing"]
    assert reader.accesses("PASSEE").codes == ["sandbox:SchemaInvalid"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"start": "01012026"}, "sandbox:QueryInvalid"),
        ({"kind": "LASTAUTHORIZATION"}, "sandbox:SchemaInvalid"),
        ({"owner": "899700000021"}, "sandbox:OwnerMismatch"),
    ],
)
def test_list_of_patients_refused(reader: ReaderCaller, changes: dict[str, str], code: str) -> None:
    assert reader.patients(consult.patient_list(**changes)).codes == [code]


def test_a_service_has_its_own_endpoint(reader: ReaderCaller) -> None:
    answer = reader.send("/patients", consult.SET_AUTHORIZATION, consult.authorization())
    assert answer.codes == ["wsa:ActionNotSupported"]
    assert reader.send("/registry", consult.RETRIEVE, consult.retrieve("2.25.1")).codes == ["wsa:ActionNotSupported"]


# --- queries ----------------------------------------------------------------------------------------
STATUS = slot("$XDSDocumentEntryStatus", quoted(APPROVED))
PATIENT = slot("$XDSDocumentEntryPatientId", f"'{base.MOTHER}'")
QUERIES: list[tuple[str, str, str]] = [
    ("no patient", consult.query(consult.FIND_DOCUMENTS, STATUS), "XDSStoredQueryMissingParam"),
    ("no status", consult.query(consult.FIND_DOCUMENTS, PATIENT), "XDSStoredQueryMissingParam"),
    (
        "patient in parentheses",
        consult.find_documents(edit=(("<Value>'29", "<Value>('29"), ("ISO^NH'</Value>", "ISO^NH')</Value>"))),
        "XDSRegistryError",
    ),
    (
        "patient without quotes",
        consult.find_documents(edit=(("<Value>'29", "<Value>29"), ("NH'<", "NH<"))),
        "XDSRegistryError",
    ),
    (
        "status without parentheses",
        consult.find_documents(edit=(("('urn", "'urn"), ("Approved')", "Approved'"))),
        "XDSRegistryError",
    ),
    ("another patient", consult.find_documents(patient=base.EXPIRED), "XDSPatientIdDoesNotMatch"),
    ("unknown parameter", consult.find_documents(slot("$XDSDocumentEntryTitle", "'x'")), "XDSStoredQueryParamNumber"),
    (
        "two start times",
        consult.find_documents(slot("$XDSDocumentEntryServiceStartTimeFrom", "20260101", "20250101")),
        "XDSStoredQueryParamNumber",
    ),
    (
        "time that is none",
        consult.find_documents(slot("$XDSDocumentEntryServiceStartTimeFrom", "2026-01-01")),
        "XDSRegistryError",
    ),
    (
        "lots of another patient",
        consult.find_sets(edit=((base.MOTHER[:15], base.EXPIRED[:15]),)),
        "XDSPatientIdDoesNotMatch",
    ),
    ("associations of nothing", consult.query(consult.GET_ASSOCIATIONS), "XDSStoredQueryMissingParam"),
    (
        "more than twenty documents",
        consult.query(consult.GET_BOTH, slot("$XDSDocumentEntryEntryUUID", *(quoted(f"u{n}") for n in range(21)))),
        "XDSTooManyResults",
    ),
    (
        "unknown return type",
        consult.query(consult.FIND_DOCUMENTS, PATIENT, STATUS, returns="RegistryObject"),
        "XDSRegistryError",
    ),
    ("unknown query", consult.query(NOWHERE, PATIENT), "XDSUnknownStoredQuery"),
    (
        "imaging",
        consult.query("urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492", PATIENT, STATUS),
        "sandbox:NotSimulated",
    ),
]


@pytest.mark.parametrize(("body", "code"), [case[1:] for case in QUERIES], ids=[case[0] for case in QUERIES])
def test_queries_refused(reader: ReaderCaller, body: str, code: str) -> None:
    assert reader.ask(body).codes == [code]


def test_a_value_above_what_the_schema_admits(reader: ReaderCaller, xsd_dir: object) -> None:
    if xsd_dir is None:
        pytest.skip("../shared/xsd is absent: XDS.b schemas are not applied")
    long = slot("$XDSDocumentEntryEntryUUID", quoted(*(f"{NOWHERE[:-1]}{n}" for n in range(9))))
    assert reader.ask(consult.query(consult.GET_BOTH, long)).codes == ["sandbox:SchemaInvalid"]


# --- reading ----------------------------------------------------------------------------------------
RETRIEVALS: list[tuple[str, Edits, str]] = [
    ("another repository", ((consult.REPOSITORY, "1.2.3"),), "XDSUnknownRepositoryId"),
    ("entryUUID instead of OID", (("2.25.", NOWHERE),), "XDSDocumentUniqueIdError"),
    ("unknown document", (("2.25.", "2.25.9"),), "XDSDocumentUniqueIdError"),
    ("another body", (("RetrieveDocumentSetRequest", "RetrieveDocument"),), "sandbox:SchemaInvalid"),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in RETRIEVALS], ids=[case[0] for case in RETRIEVALS])
def test_retrievals_refused_in_mtom(reader: ReaderCaller, deposited: Document, edit: Edits, code: str) -> None:
    answer = reader.read(consult.retrieve(deposited.unique_id, edit=edit))
    assert answer.codes == [code]
    assert answer.content_type.startswith("multipart/related") and len(answer.segments) == 1


def test_a_document_of_another_patient_is_not_given(reader: ReaderCaller, deposited: Document) -> None:
    with_documents = "293039999900291^^^&1.2.250.1.213.1.4.10&ISO^NH"
    answer = reader.read(consult.retrieve(deposited.unique_id), patient=with_documents)
    assert answer.codes == ["XDSDocumentUniqueIdError"]
    assert deposited.unique_id in answer.reasons


def test_a_deleted_document_is_not_given(reader: ReaderCaller, deposited: Document) -> None:
    reader.caller.delete(reader.caller.entry_uuid(deposited))
    assert reader.read(consult.retrieve(deposited.unique_id)).codes == ["XDSDocumentUniqueIdError"]


def test_a_retrieval_is_not_sent_in_mtom(caller: Caller) -> None:
    root = messages.envelope(consult.RETRIEVE, caller.vihf(mode=consult.AIR), consult.retrieve("2.25.1"))
    assert caller.client.post("/repository", *multipart(root, [])).codes == ["sandbox:MtomExpected"]
