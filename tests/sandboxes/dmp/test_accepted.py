"""Good requests, written by hand, are accepted and do what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from dmp_gateway.sandbox.server import DmpSandbox
from tests.sandboxes.dmp import base, messages
from tests.sandboxes.dmp.conftest import Caller
from tests.sandboxes.dmp.content import Document
from tests.sandboxes.dmp.messages import Lot
from tests.sandboxes.dmp.plain_client import admin


@pytest.mark.parametrize(
    ("patient", "found", "authorisation"),
    [
        (base.MOTHER, "OK", "VALIDE"),
        (base.NEVER_AUTHORISED, "OK", "NON_EXISTE"),
        (base.EXPIRED, "OK", "EXPIRE"),
        (base.BLOCKED, "OK", "INTERDIT"),
        (base.OPPOSED, "OK", "INTERDIT"),
        (base.CLOSED, "OK", "NON_EXISTE"),
        (base.NO_DMP, "NF", "NON_EXISTE"),
    ],
)
def test_existence_of_a_dmp(caller: Caller, patient: str, found: str, authorisation: str) -> None:
    answer = caller.exists(patient)
    assert answer.texts("//h:queryResponseCode/@code") == [found]
    assert answer.texts("//h:acknowledgement/h:typeCode/@code") == ["AA"]
    assert answer.texts("//h:attentionLine[h:keyWordText/@code='AUTORISATION']/h:value/@code") == [authorisation]
    closed = answer.texts("//h:patient/h:statusCode/@code") == ["terminated"]
    assert closed == (patient == base.CLOSED)


def test_reading_administrative_data_is_the_same_message(caller: Caller) -> None:
    answer = caller.exists(edit=(('code="TEST_EXST"', 'code="LECTURE"'),))
    assert answer.texts("//h:patientPerson//h:family/text()") == ["CLEMENT"]
    assert caller.last_request()["transaction"] == "1.3a"


def test_an_answer_relates_to_its_request(caller: Caller) -> None:
    body = messages.envelope(messages.EXISTENCE, caller.vihf(), messages.existence())
    answer = caller.client.post("/patients", body)
    sent = body.decode().split("<a:MessageID>")[1].split("<")[0]
    assert answer.texts("//a:RelatesTo/text()") == [sent]
    assert answer.texts("//a:Action/text()") == ["urn:hl7-org:v3:PRPA_IN201308UV02"]


def test_a_lot_of_two_documents_is_stored_byte_for_byte(caller: Caller, sandbox: DmpSandbox) -> None:
    documents = (Document(), Document(confidentiality=("N", "MASQUE_PS")))
    answer = caller.deposit(Lot(documents))
    assert answer.success, answer.reasons
    assert [row["unique_id"] for row in caller.stored()] == [document.unique_id for document in documents]
    assert [row["sequence"] for row in caller.stored()] == [1, 2]
    for document in documents:
        assert admin(f"{sandbox.admin_url}/documents/{document.unique_id}/bytes") == document.cda()


def test_sha256_is_admitted_in_the_signature_of_the_lot(caller: Caller) -> None:
    answer = caller.deposit(Lot((Document(),), algorithm="sha256"))
    assert answer.success, answer.reasons


def test_feeding_needs_no_authorisation(caller: Caller) -> None:
    for patient in (base.NEVER_AUTHORISED, base.EXPIRED):
        answer = caller.deposit(Lot((Document(patient=patient),), patient=patient))
        assert answer.success, answer.reasons


def test_the_legal_entity_itself_may_feed(caller: Caller) -> None:
    ours = (("^IDNST^^^" + base.EG, "^IDNST^^^" + base.EJ),)
    cda = ((f"extension='{base.EG}'", f"extension='{base.EJ}'"),)
    lot = Lot((Document(cda_edit=cda),), rim_edit=ours)
    assert caller.deposit(lot, structure=base.EJ).success


def test_a_reader_that_imports_nothing_counts_documents(caller: Caller, sandbox: DmpSandbox) -> None:
    for _ in range(3):
        assert caller.deposit(Lot((Document(),))).success
    directory = sandbox.directory
    lines = [json.loads(line) for line in (directory / "documents.jsonl").read_text().splitlines()]
    assert [line["sequence"] for line in lines] == [1, 2, 3]
    assert all((directory / "documents" / f"{line['unique_id']}.xml").is_file() for line in lines)
    assert len((directory / "lots.jsonl").read_text().splitlines()) == 3


def test_reference_is_found_by_unique_id(caller: Caller) -> None:
    document = Document()
    caller.deposit(Lot((document,)))
    answer = caller.find(document.unique_id)
    assert answer.success
    assert answer.texts("//rim:ObjectRef/@id") == [caller.entry_uuid(document)]
    assert caller.find(base.new_oid()).texts("//q:AdhocQueryResponse/@totalResultCount") == ["0"]


def test_leaf_class_gives_status_hash_and_repository(caller: Caller) -> None:
    document = Document()
    caller.deposit(Lot((document,)))
    answer = caller.find(caller.entry_uuid(document), name="EntryUUID", returns="LeafClass")
    slots = "//rim:ExtrinsicObject/rim:Slot[@name='{}']//rim:Value/text()"
    assert answer.texts("//rim:ExtrinsicObject/@status") == [f"{base.XSS}StatusType:Approved"]
    assert answer.texts(slots.format("repositoryUniqueId")) == ["1.2.250.1.213.4.1.1.1.2"]
    assert len(answer.texts(slots.format("hash"))[0]) == 40
    assert answer.texts("//rim:ExtrinsicObject/@lid") == answer.texts("//rim:ExtrinsicObject/@id")


def test_replacement_makes_the_old_version_deprecated(caller: Caller) -> None:
    first = Document()
    caller.deposit(Lot((first,)))
    answer = caller.deposit(Lot((first.next_version(),), replaces=caller.entry_uuid(first)))
    assert answer.success, answer.reasons
    assert [row["status"].split(":")[-1] for row in caller.stored()] == ["Deprecated", "Approved"]
    assert caller.last_request()["transaction"] == "2.1b"


def test_deletion_is_logical(caller: Caller) -> None:
    document = Document()
    caller.deposit(Lot((document,)))
    answer = caller.delete(caller.entry_uuid(document))
    assert answer.success, answer.reasons
    assert caller.stored()[0]["status"] == "urn:asip:ci-sis:2010:StatusType:Deleted"
    found = caller.find(document.unique_id, returns="LeafClass")
    assert found.texts("//rim:ExtrinsicObject/@status") == ["urn:asip:ci-sis:2010:StatusType:Deleted"]


def test_the_same_document_in_another_lot_is_kept_once(caller: Caller) -> None:
    document = Document()
    assert caller.deposit(Lot((document,))).success
    assert caller.deposit(Lot((document,))).success
    assert len(caller.stored()) == 1


def test_a_doctor_with_a_speciality_is_admitted(caller: Caller) -> None:
    roles = messages.role_value("10", label="Médecin") + messages.role_value(
        "SM20", "1.2.250.1.71.4.2.5", "Gynécologie-obstétrique (SM)"
    )
    assert caller.exists(roles=roles).status == 200


def test_a_secretary_is_admitted(caller: Caller) -> None:
    roles = messages.role_value("SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6", "Secrétariat médical")
    assert caller.exists(roles=roles).codes == []


def test_both_spellings_of_the_mode_are_admitted(caller: Caller) -> None:
    assert caller.exists(assertion=caller.vihf(edit=(("Authentification_Mode", "Authentification_mode"),))).codes == []


def test_answers_of_the_registry_respect_their_schema(caller: Caller, xsd_dir: Path | None) -> None:
    if xsd_dir is None:
        pytest.skip("../shared/xsd is absent: answers are not validated")
    schema = etree.XMLSchema(etree.parse(str(xsd_dir / "xds" / "XDS.b_DocumentRepository.xsd")))
    document = Document()
    answers = [
        caller.deposit(Lot((document,))),
        caller.deposit(Lot((Document(entry_edit=(('"SA01"', '"SA99"'),)),))),
        caller.find(document.unique_id),
        caller.find(document.unique_id, returns="LeafClass"),
        caller.find("", edit=(("('", ""),)),
    ]
    for answer in answers:
        body = answer.tree.find("{http://www.w3.org/2003/05/soap-envelope}Body")
        assert body is not None
        schema.assertValid(etree.fromstring(etree.tostring(body[0])))
