"""Good consultation requests, written by hand, do what they say: TD0.3, 0.4, 1.6, 3.1a, 3.2, 3.3a, b, d."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from dmp_gateway.sandbox.authorizations import Authorizations
from dmp_gateway.sandbox.server import DmpSandbox
from dmp_gateway.sandbox.store import Store
from tests.sandboxes.dmp import base, consult, messages
from tests.sandboxes.dmp.base import EG, OTHER_EJ, new_oid
from tests.sandboxes.dmp.conftest import Caller
from tests.sandboxes.dmp.consult import APPROVED, ARCHIVED, DEPRECATED, ReaderCaller, quoted
from tests.sandboxes.dmp.content import Document, slot
from tests.sandboxes.dmp.messages import Lot, role_value
from tests.sandboxes.dmp.plain_client import admin

ENTRIES = "//rim:ExtrinsicObject/@id"
DOCTOR = role_value("10", label="Médecin") + role_value("SM20", "1.2.250.1.71.4.2.5", "Gynécologie-obstétrique (SM)")


@pytest.fixture
def reader(caller: Caller) -> ReaderCaller:
    return ReaderCaller(caller)


@pytest.fixture
def deposited(caller: Caller) -> Document:
    document = Document()
    assert caller.deposit(Lot((document,))).success
    return document


def test_authorisation_is_declared_then_removed(caller: Caller, reader: ReaderCaller) -> None:
    patient = base.NEVER_AUTHORISED
    ask = consult.find_documents(patient=patient)
    assert reader.ask(ask, patient=patient).codes == ["sandbox:AuthorizationMissing"]
    first = reader.authorize(patient=patient)
    assert first.texts("//*[local-name()='status']/text()") == ["DMPOk"]
    assert first.texts("//a:Action/text()") == [f"{consult.SET_AUTHORIZATION}Response"]
    assert "Autorisation déjà présente" in reader.authorize(patient=patient).reasons
    assert caller.exists(patient, mode=consult.AIR).texts("//h:value[@xsi:type='CV']/@code") == ["VALIDE"]
    assert reader.ask(ask, patient=patient).success
    assert reader.authorize("SUPPRESSION", patient=patient).codes == []
    assert reader.ask(ask, patient=patient).codes == ["sandbox:AuthorizationMissing"]


def test_authorisations_outlive_the_process(reader: ReaderCaller, sandbox: DmpSandbox) -> None:
    reader.authorize(patient=base.NEVER_AUTHORISED)
    again = Authorizations(sandbox.directory / "authorizations.jsonl")
    assert [row["holder"] for row in again.all()] == [base.MIDWIFE]


def test_a_doctor_becomes_treating_doctor(caller: Caller, reader: ReaderCaller) -> None:
    reader.authorize("AJOUT", "MEDECIN_TRAITANT", roles=DOCTOR)
    found = caller.exists(mode=consult.AIR, roles=DOCTOR)
    assert found.texts("//h:attentionLine[h:keyWordText/@code='STATUT_MT']/h:value/@value") == ["true"]


def test_a_secretary_authorises_her_structure(reader: ReaderCaller) -> None:
    secretary = role_value("SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6", "Secrétariat médical")
    assert reader.authorize(patient=base.NEVER_AUTHORISED, roles=secretary).codes == []
    assert [row["holder"] for row in admin(f"{reader.caller.admin_url}/authorizations")] == [EG]


def test_lists_of_authorisations(reader: ReaderCaller) -> None:
    reader.authorize(patient=base.NEVER_AUTHORISED)
    names = reader.patients().texts("//*[local-name()='patientlistData']/*[local-name()='lastName']/text()")
    assert names == ["FAVRE"]
    assert reader.patients(consult.patient_list(kind="LASTDOC")).texts("//*[local-name()='lastName']/text()") == []
    who = reader.accesses(patient=base.NEVER_AUTHORISED).texts("//*[local-name()='nationalId']/text()")
    assert who == [base.MIDWIFE]
    assert reader.accesses("INTERDITE", patient=base.NEVER_AUTHORISED).texts("//*[local-name()='nationalId']") == []


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ((), True),
        ((slot("$XDSDocumentEntryServiceStartTimeFrom", "20260101000000"),), True),
        ((slot("$XDSDocumentEntryServiceStartTimeFrom", "20260101070001"),), False),
        ((slot("$XDSDocumentEntryServiceStartTimeTo", "20260101070000"),), False),
        ((slot("$XDSDocumentEntryCreationTimeFrom", "'2026'"),), True),
        ((slot("$XDSDocumentEntryTypeCode", quoted("15508-5^^2.16.840.1.113883.6.1")),), True),
        ((slot("$XDSDocumentEntryTypeCode", quoted("34133-9^^2.16.840.1.113883.6.1")),), False),
        ((slot("$XDSDocumentEntryClassCode", quoted("11^^1.2.250.1.213.1.1.4.1", "10^^1.2.250.1.213.1.1.4.1")),), True),
        ((slot("$XDSDocumentEntryConfidentialityCode", quoted("N^^2.16.840.1.113883.5.25")),), True),
    ],
)
def test_search_by_criteria(reader: ReaderCaller, deposited: Document, more: tuple[str, ...], found: bool) -> None:
    answer = reader.ask(consult.find_documents(*more))
    assert answer.success, answer.reasons
    assert bool(answer.texts(ENTRIES)) == found


def test_search_by_status(caller: Caller, reader: ReaderCaller, deposited: Document) -> None:
    caller.deposit(Lot((deposited.next_version(),), replaces=caller.entry_uuid(deposited)))
    for status, count in ((APPROVED, 1), (DEPRECATED, 1), (ARCHIVED, 0)):
        assert len(reader.ask(consult.find_documents(status=status)).texts(ENTRIES)) == count


def test_incremental_queries(caller: Caller, reader: ReaderCaller, deposited: Document) -> None:
    """FindSubmissionSets → GetAssociations → GetDocumentsAndAssociations, as the ANS algorithm chains them."""
    since = slot("$XDSSubmissionSetSubmissionTimeFrom", "20260101000000")
    lots = reader.ask(consult.find_sets(since)).texts("//rim:RegistryPackage/@id")
    assert len(lots) == 1
    later = slot("$XDSSubmissionSetSubmissionTimeFrom", "20260102110001")
    assert reader.ask(consult.find_sets(later)).texts("//rim:RegistryPackage/@id") == []
    links = reader.ask(consult.query(consult.GET_ASSOCIATIONS, slot("$uuid", quoted(*lots))))
    assert links.texts("//rim:Association/@targetObject") == [caller.entry_uuid(deposited)]
    both = consult.query(consult.GET_BOTH, slot("$XDSDocumentEntryEntryUUID", quoted(caller.entry_uuid(deposited))))
    answer = reader.ask(both)
    assert answer.texts(ENTRIES) == [caller.entry_uuid(deposited)]
    assert answer.texts("//rim:Association/@sourceObject") == lots


def test_a_replacement_is_linked(caller: Caller, reader: ReaderCaller, deposited: Document) -> None:
    old = caller.entry_uuid(deposited)
    caller.deposit(Lot((deposited.next_version(),), replaces=old))
    both = consult.query(consult.GET_BOTH, slot("$XDSDocumentEntryEntryUUID", quoted(old)))
    answer = reader.ask(both)
    assert answer.texts("//rim:ExtrinsicObject/@status") == [DEPRECATED]
    assert answer.texts("//rim:Association[contains(@associationType,'RPLC')]/@targetObject") == [old]


def test_a_document_is_read_byte_for_byte_in_mtom(reader: ReaderCaller, deposited: Document) -> None:
    answer = reader.read(consult.retrieve(deposited.unique_id))
    assert answer.content_type.startswith("multipart/related")
    (href,) = answer.texts("//*[local-name()='Include']/@href")
    assert "%3A" in href  # percent-encoded, as the DMP writes it
    head, data = answer.segments[1]
    assert href.removeprefix("cid:").replace("%3A", ":") in head
    assert data == deposited.cda()
    assert answer.texts("//rs:RegistryResponse/@status") == [f"{base.XSS}ResponseStatusType:Success"]


def test_one_document_found_and_one_not(reader: ReaderCaller, deposited: Document) -> None:
    request = f"<DocumentRequest><RepositoryUniqueId>{consult.REPOSITORY}</RepositoryUniqueId>"
    more = f"{request}<DocumentUniqueId>2.25.1</DocumentUniqueId></DocumentRequest></RetrieveDocumentSetRequest>"
    answer = reader.read(consult.retrieve(deposited.unique_id, edit=(("</RetrieveDocumentSetRequest>", more),)))
    assert answer.texts("//rs:RegistryResponse/@status") == ["urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"]
    assert answer.codes == ["XDSDocumentUniqueIdError"] and len(answer.segments) == 2


def test_masking_makes_a_new_description(caller: Caller, reader: ReaderCaller, deposited: Document) -> None:
    first = caller.entry_uuid(deposited)
    assert reader.describe(deposited).success
    second = caller.entry_uuid(deposited)
    assert second != first
    now = reader.ask(consult.find_documents())
    assert now.texts(ENTRIES) == [second] and now.texts("//rim:ExtrinsicObject/@lid") == [first]
    assert now.texts("//rim:VersionInfo/@versionName") == ["2"]
    old = reader.ask(consult.query(consult.GET_BOTH, slot("$XDSDocumentEntryEntryUUID", quoted(first))))
    assert old.texts("//rim:ExtrinsicObject/@status") == [DEPRECATED]
    assert reader.describe(deposited, lid=first, version=2, masks=("N",)).success
    assert caller.last_request()["transaction"] == "3.3a"


def test_a_masked_document_is_not_everybody_s(caller: Caller, reader: ReaderCaller) -> None:
    document = Document(confidentiality=("N", "MASQUE_PS"))
    caller.deposit(Lot((document,)))
    stranger = ((f"<saml2:NameID>{base.MIDWIFE}", "<saml2:NameID>899700000021"),)
    assert len(reader.ask(consult.find_documents()).texts(ENTRIES)) == 1
    assert reader.ask(consult.find_documents(), edit=stranger).texts(ENTRIES) == []
    assert reader.read(consult.retrieve(document.unique_id), edit=stranger).codes == ["XDSDocumentUniqueIdError"]


def test_revealing_to_the_patient(caller: Caller, reader: ReaderCaller) -> None:
    document = Document(confidentiality=("N", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"))
    caller.deposit(Lot((document,)))
    lid = caller.entry_uuid(document)
    assert reader.describe(document, masks=("N", "INVISIBLE_REPRESENTANTS_LEGAUX")).success
    assert caller.last_request()["transaction"] == "3.3b"
    assert reader.describe(document, lid=lid, version=2, masks=("N",)).success
    assert caller.stored()[0]["confidentiality"] == ["N"]


def test_archiving_and_back(caller: Caller, reader: ReaderCaller, deposited: Document) -> None:
    target = caller.entry_uuid(deposited)
    assert reader.update(consult.status(target, APPROVED, ARCHIVED)).success
    assert caller.stored()[0]["status"] == ARCHIVED
    assert reader.update(consult.status(target, ARCHIVED, APPROVED)).success
    assert caller.last_request()["transaction"] == "3.3d"


def test_changes_outlive_the_process(caller: Caller, reader: ReaderCaller, sandbox: DmpSandbox) -> None:
    """Masked, then replaced on its new description, then archived: read again in the order of events."""
    document = Document()
    caller.deposit(Lot((document,)))
    lid = caller.entry_uuid(document)
    reader.describe(document)
    new = document.next_version()
    assert caller.deposit(Lot((new,), replaces=caller.entry_uuid(document))).success
    reader.update(consult.status(caller.entry_uuid(new), APPROVED, ARCHIVED))
    again = Store(sandbox.directory)
    assert [row.status for row in again.all()] == [DEPRECATED, ARCHIVED]
    assert again.all() == sandbox.world.store.all()
    assert [lot.members for lot in again.lots(again.all()[0].patient)] == [
        lot.members for lot in sandbox.world.store.lots(again.all()[0].patient)
    ]
    version = again.version(lid)
    assert version is not None and version.status == DEPRECATED


def test_another_structure_reads_with_the_right_of_its_professional(other: Caller, deposited: Document) -> None:
    answer = ReaderCaller(other).ask(consult.find_documents(), structure=OTHER_EJ)
    assert len(answer.texts(ENTRIES)) == 1


def test_every_persona_has_its_answer(caller: Caller) -> None:
    """The categories of the CNAM test base (dmp.md §1.10), with fictitious identities."""
    people = admin(f"{caller.admin_url}/people")
    notes = " ".join(person["note"] for person in people)
    for category in (
        "documents",
        "expirée",
        "bloqu",
        "opposition",
        "fermé",
        "Pas de DMP",
        "mineure",
        "rattach",
        "démo",
    ):
        assert category in notes, category
    assert {person["oid"] for person in people} == {"1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"}
    for person in people:
        cx = f"{person['matricule']}^^^&{person['oid']}&ISO^NH"
        attached = caller.exists(cx).texts(
            "//h:administrativeObservation[h:code/@code='RATTACHEMENT_ENS']/h:value/@value"
        )
        expected = (
            [] if person["state"] == "NONE" else [str(person["attached"] and person["state"] != "CLOSED").lower()]
        )
        assert attached == expected


def test_answers_respect_their_schema(caller: Caller, reader: ReaderCaller, xsd_dir: Path | None) -> None:
    if xsd_dir is None:
        pytest.skip("../shared/xsd is absent: answers are not validated")
    schema = etree.XMLSchema(etree.parse(str(xsd_dir / "xds" / "XDS.b_DocumentRepository.xsd")))
    document = Document()
    caller.deposit(Lot((document,)))
    reader.describe(document)
    answers = [
        reader.ask(consult.find_documents()),
        reader.ask(consult.find_sets()),
        reader.ask(consult.query(consult.GET_ASSOCIATIONS, slot("$uuid", quoted(caller.entry_uuid(document))))),
        reader.ask(consult.query(consult.GET_BOTH, slot("$XDSDocumentEntryUniqueId", quoted(document.unique_id)))),
        reader.read(consult.retrieve(new_oid())),
        reader.update(consult.status(messages.GET_DOCUMENTS, APPROVED, ARCHIVED)),
    ]
    for answer in answers:
        body = answer.tree.find("{http://www.w3.org/2003/05/soap-envelope}Body")
        assert body is not None
        schema.assertValid(etree.fromstring(etree.tostring(body[0])))
