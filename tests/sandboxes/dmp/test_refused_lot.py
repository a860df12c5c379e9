"""Lots that a DMP refuses: patient, MTOM, metadata, signature, document, masks (dmp.md §7 (4) to (9))."""

from __future__ import annotations

from typing import Any

import pytest

from dmp_gateway.sandbox.server import DmpSandbox
from tests.sandboxes.dmp import base, content, messages
from tests.sandboxes.dmp.base import EG, XSS, Edits, new_oid
from tests.sandboxes.dmp.conftest import Caller
from tests.sandboxes.dmp.content import Document
from tests.sandboxes.dmp.messages import Lot
from tests.sandboxes.dmp.signing import sign_lot

METADATA = "XDSRegistryMetadataError"
CREATED = content.slot("creationTime", "20260102103000")
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"


def one(**options: Any) -> Lot:
    return Lot((Document(**options),))


@pytest.mark.parametrize(
    ("patient", "code"),
    [
        (base.NO_DMP, "XDSUnknownPatientId"),
        ("290019999912385^^^&1.2.250.1.213.1.4.10&ISO^NH", "XDSUnknownPatientId"),
        (base.CLOSED, "sandbox:DmpClosed"),
        (base.BLOCKED, "sandbox:AccessForbidden"),
        (base.OPPOSED, "sandbox:AccessForbidden"),
    ],
)
def test_state_of_the_patient(caller: Caller, patient: str, code: str) -> None:
    lot = Lot((Document(patient=patient),), patient=patient)
    assert caller.deposit(lot).codes == [code]
    assert caller.stored() == []


MTOM: list[tuple[str, Edits, set[str]]] = [
    ("include to nowhere", (("cid:Document01%40essai", "cid:absent"),), {"XDSMissingDocument", "sandbox:MtomInvalid"}),
    ("include by http", (("cid:Document01%40essai", "http://x/1"),), {"XDSMissingDocument", "sandbox:MtomInvalid"}),
    (
        "two documents on one part",
        (("cid:Document01%40essai", "cid:Signature01%40essai"),),
        {"sandbox:MtomInvalid"},
    ),
    (
        "document without metadata",
        (('<x:Document id="Document01">', '<x:Document id="Autre">'),),
        {"XDSMissingDocument", "XDSMissingDocumentMetadata"},
    ),
    (
        "same document twice",
        (('<x:Document id="Document01">', '<x:Document id="Signature01">'),),
        {"XDSRepositoryMetadataError", "XDSMissingDocument", "sandbox:MtomInvalid"},
    ),
]


@pytest.mark.parametrize(("edit", "codes"), [case[1:] for case in MTOM], ids=[case[0] for case in MTOM])
def test_mtom_integrity(caller: Caller, edit: Edits, codes: set[str]) -> None:
    answer = caller.deposit(Lot((Document(),), include_edit=edit))
    assert set(answer.codes) == codes
    assert caller.stored() == []


def test_an_extra_part_is_refused(caller: Caller) -> None:
    body, content_type = one().message(caller.vihf(), caller.signer)
    boundary = content_type.split('boundary="')[1].split('"')[0].encode()
    extra = b"--" + boundary + b"\r\nContent-Type: text/xml\r\nContent-ID: <extra>\r\n\r\n<x/>\r\n--" + boundary + b"--"
    body = body.replace(b"--" + boundary + b"--", extra)
    assert caller.client.post("/repository", body, content_type).codes == ["sandbox:MtomInvalid"]


def slot_gone(name: str, *values: str) -> Edits:
    return ((content.slot(name, *values), ""),)


# (what is broken, edits on the ExtrinsicObject of the document, code)
ENTRY: list[tuple[str, Edits, str]] = [
    ("no language", slot_gone("languageCode", "fr-FR"), METADATA),
    ("no creation time", ((CREATED, ""),), METADATA),
    ("local time", ((CREATED, CREATED.replace("103000", "113000+0100")),), METADATA),
    ("no service start", slot_gone("serviceStartTime", "20260101070000"), METADATA),
    ("stop before start", (("20260101070000", "20260103070000"),), METADATA),
    ("no legal authenticator", slot_gone("legalAuthenticator", content.person()), METADATA),
    ("no source patient", slot_gone("sourcePatientId", "IPP1^^^&1.2.250.1.999.2&ISO^PI"), METADATA),
    ("untyped source patient", (("ISO^PI", "ISO^XX"),), METADATA),
    ("no name in source patient", (("PID-5|CLEMENT^Aline^^^^^L", "PID-9|CLEMENT"),), METADATA),
    ("person without authority", (("1.2.250.1.71.4.2.1&amp;ISO", "1.2.3&amp;ISO"),), METADATA),
    ("person without type", (("^D^^^IDNPS", "^D"),), METADATA),
    ("RPPS with a wrong key", ((base.MIDWIFE, "899700000012"),), METADATA),
    ("structure without authority", (("1.2.250.1.71.4.2.2&amp;ISO", "1.2.3&amp;ISO"),), METADATA),
    ("structure without type", (("^IDNST^", "^^"),), METADATA),
    ("speciality", (("G15_50^Sage-Femme", "G99^Autre"),), METADATA),
    ("facility", (('"SA01"', '"SA99"'),), METADATA),
    ("practice", (('"ETABLISSEMENT"', '"HOPITAL"'),), METADATA),
    ("type", (('"15508-5"', '"00000-0"'),), METADATA),
    ("type absent from the DMP", (('"15508-5"', '"89233-1"'),), METADATA),
    ("class", (('nodeRepresentation="10"', 'nodeRepresentation="99"'),), METADATA),
    ("class of another type", (('nodeRepresentation="10"', 'nodeRepresentation="42"'),), METADATA),
    ("format", (("xds-sd:pdf:2008", "xds-sd:pdf:1999"),), METADATA),
    ("code system as urn", (("<Value>2.16.840.1.113883.6.1<", "<Value>urn:oid:2.16.840.1.113883.6.1<"),), METADATA),
    ("unknown slot", (('name="sourcePatientInfo"', 'name="autre"'),), METADATA),
    ("hash", (('name="hash"><ValueList><Value>', 'name="hash"><ValueList><Value>0'),), "XDSRepositoryMetadataError"),
    ("size", (('name="size"><ValueList><Value>', 'name="size"><ValueList><Value>9'),), "XDSRepositoryMetadataError"),
    ("mime type", (('mimeType="text/xml"', 'mimeType="application/pdf"'),), METADATA),
    ("object type", (("7edca82f-054d", "34268e47-fdf5"),), METADATA),
    ("unique id with extension", (('value="2.25.', 'value="2.25.^1.'),), METADATA),
    ("name of identifier", (("XDSDocumentEntry.uniqueId", "XDSDocumentEntry.id"),), METADATA),
    ("classification of another object", (('classifiedObject="Document01"', 'classifiedObject="X"'),), METADATA),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in ENTRY], ids=[case[0] for case in ENTRY])
def test_document_metadata(caller: Caller, edit: Edits, code: str) -> None:
    answer = caller.deposit(one(entry_edit=edit))
    assert set(answer.codes) == {code}, answer.reasons
    assert caller.stored() == []


def test_confidentiality_begins_with_normal(caller: Caller) -> None:
    for wrong in (("MASQUE_PS", "N"), ("MASQUE_PS",), ("N", "N"), ("N", "R")):
        assert set(caller.deposit(one(confidentiality=wrong)).codes) == {METADATA}


MEMBER = f'associationType="{content.HAS_MEMBER}" sourceObject="SubmissionSet01" targetObject="Document01"'
SET: list[tuple[str, Edits, str]] = [
    ("no submission time", slot_gone("submissionTime", "20260102110000"), METADATA),
    ("content type", (('nodeRepresentation="03"', 'nodeRepresentation="99"'),), METADATA),
    ("source id", ((base.SOURCE, "perinat"),), METADATA),
    ("not classified", (("urn:uuid:a54d6aa5", "urn:uuid:b54d6aa5"),), METADATA),
    ("no link to a document", (('targetObject="Document01"', 'targetObject="Signature01"'),), METADATA),
    ("link without status", ((f">{content.ORIGINAL}</Association>", "></Association>"),), METADATA),
    ("no link from the signature", (("AssociationType:signs", "AssociationType:APND"),), METADATA),
    ("signature shown to the patient", (('"INVISIBLE_PATIENT"', '"INVISIBLE_REPRESENTANTS_LEGAUX"'),), METADATA),
    ("signature of another type", (('"E1762"', '"11490-0"'),), METADATA),
    ("replaced object that is no entryUUID", ((MEMBER, MEMBER.replace(content.HAS_MEMBER, RPLC)),), METADATA),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in SET], ids=[case[0] for case in SET])
def test_structure_of_the_lot(caller: Caller, edit: Edits, code: str) -> None:
    answer = caller.deposit(Lot((Document(),), rim_edit=edit))
    assert code in answer.codes, answer.reasons
    assert caller.stored() == []


def test_two_documents_do_not_share_an_identifier(caller: Caller) -> None:
    shared = new_oid()
    answer = caller.deposit(Lot((Document(unique_id=shared), Document(unique_id=shared))))
    assert "XDSRepositoryDuplicateUniqueIdInMessage" in answer.codes


def test_a_lot_names_one_patient(caller: Caller) -> None:
    lot = Lot((Document(patient=base.EXPIRED),))
    assert caller.deposit(lot).codes == ["XDSPatientIdDoesNotMatch"]


def test_the_patient_of_the_lot_is_the_one_of_the_vihf(caller: Caller) -> None:
    assert caller.deposit(one(), patient=base.EXPIRED).codes == ["XDSPatientIdDoesNotMatch"]


def test_an_author_of_the_lot_is_the_structure_of_the_vihf(caller: Caller) -> None:
    answer = caller.deposit(one(), structure=base.EJ)
    assert answer.codes == ["sandbox:AuthorInstitutionMismatch"]
    assert "Aucun AuthorInstitution ne correspond à l'utilisateur du VIHF" in answer.reasons


def test_schema_is_applied_when_present(caller: Caller, sandbox: DmpSandbox) -> None:
    if not sandbox.world.schemas.present:
        pytest.skip("../shared/xsd is absent: XDS.b schemas are not applied")
    edit = (('<Classification id="cl-set"', '<Inconnu/><Classification id="cl-set"'),)
    assert caller.deposit(Lot((Document(),), rim_edit=edit)).codes == ["sandbox:SchemaInvalid"]


# --- signature of the lot ---------------------------------------------------------------------------
XADES: list[tuple[str, Edits, str]] = [
    ("transform changed", (('#WithComments"/></ds:Transforms>', '"/></ds:Transforms>'),), "sandbox:XadesDigest"),
    ("signature value", (("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),), "sandbox:XadesSignature"),
    ("purpose", (("1.2.840.10065.1.12.1.14<", "1.2.840.10065.1.12.1.1<"),), "sandbox:XadesInvalid"),
    ("reference type", (('xmldsig#Manifest"', 'xmldsig#Object"'),), "sandbox:XadesInvalid"),
    ("manifest name", (('Id="IHEManifest"', 'Id="Manifest"'),), "sandbox:XadesInvalid"),
    ("signing time changed", (("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),), "sandbox:XadesDigest"),
    ("not a signature", (("ds:Signature ", "ds:Signed "), ("</ds:Signature>", "</ds:Signed>")), "sandbox:XadesInvalid"),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in XADES], ids=[case[0] for case in XADES])
def test_signature_of_the_lot(caller: Caller, edit: Edits, code: str) -> None:
    lot = Lot((Document(),), xades_edit=edit)
    assert caller.deposit(lot).codes == [code]
    assert caller.stored() == []


def test_manifest_lists_the_lot_and_every_document(caller: Caller) -> None:
    document = Document()
    contents = [(document.unique_id, document.cda())]
    lot = Lot((document,))
    for xades in (
        sign_lot(new_oid(), contents, caller.signer),
        sign_lot(lot.lot, [], caller.signer),
        sign_lot(lot.lot, [*contents, (new_oid(), b"<x/>")], caller.signer),
        sign_lot(lot.lot, contents, caller.signer, lot_digest="AAA="),
    ):
        wrong = Lot((document,), lot=lot.lot, xades=xades)
        assert caller.deposit(wrong).codes == ["sandbox:XadesManifest"]


def test_digest_of_another_document_is_refused(caller: Caller) -> None:
    document = Document()
    lot = Lot((document,))
    xades = sign_lot(lot.lot, [(document.unique_id, Document().cda())], caller.signer)
    assert caller.deposit(Lot((document,), xades=xades)).codes == ["sandbox:XadesManifest"]
    assert caller.deposit(Lot((document,), lot=lot.lot, xades=xades)).codes == ["sandbox:XadesDigest"]


def test_the_lot_is_signed_by_the_structure_that_calls(caller: Caller, other: Caller) -> None:
    document = Document()
    lot = Lot((document,))
    xades = sign_lot(lot.lot, [(document.unique_id, document.cda())], other.signer)
    assert caller.deposit(Lot((document,), lot=lot.lot, xades=xades)).codes == ["sandbox:XadesSigner"]


# --- the document -----------------------------------------------------------------------------------
AUTHOR = f'<assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="{base.MIDWIFE}"'
CDA: list[tuple[str, Edits, str]] = [
    ("no set id", (("<setId ", "<setIdentifier "),), "InvalidDocumentContent"),
    ("no version", (('versionNumber value="1"', 'versionNumber value="un"'),), "InvalidDocumentContent"),
    (
        "date without offset",
        (('effectiveTime value="20260102113000+0100"', 'effectiveTime value="20260102113000"'),),
        "InvalidDocumentContent",
    ),
    ("template", (('<templateId root="1.2.250.1.213.1.1.1.1"/>', ""),), "InvalidDocumentContent"),
    ("not a CDA", (("ClinicalDocument", "Document"),), "InvalidDocumentContent"),
    (
        "extension in the id",
        (('"/>\n<code code="15508-5"', '" extension="1"/>\n<code code="15508-5"'),),
        "InvalidDocumentContent",
    ),
    ("title", (("<title>CR d'accouchement", "<title>Autre titre"),), "sandbox:MetadataMismatch"),
    ("type", (('code code="15508-5"', 'code code="34112-3"'),), "sandbox:MetadataMismatch"),
    ("patient", (("290019999900113", "295049999900407"),), "sandbox:MetadataMismatch"),
    ("local identifier", (('extension="IPP1"', 'extension="IPP2"'),), "sandbox:MetadataMismatch"),
    ("birth date", (('birthTime value="19900112"', 'birthTime value="19900113"'),), "sandbox:MetadataMismatch"),
    ("author", ((AUTHOR, AUTHOR.replace('13"', '21"')),), "sandbox:MetadataMismatch"),
    ("created", (("20260102113000+0100", "20260102113000+0200"),), "sandbox:MetadataMismatch"),
    ("facility", (('code code="SA01"', 'code code="SA04"'),), "sandbox:MetadataMismatch"),
    ("practice", (('code="ETABLISSEMENT"', 'code="AMBULATOIRE"'),), "sandbox:MetadataMismatch"),
    ("media type", (("application/pdf", "text/plain"),), "sandbox:MetadataMismatch"),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in CDA], ids=[case[0] for case in CDA])
def test_document_and_its_metadata(caller: Caller, edit: Edits, code: str) -> None:
    answer = caller.deposit(one(cda_edit=edit))
    assert set(answer.codes) == {code}, answer.reasons
    assert caller.stored() == []


@pytest.mark.parametrize("unsafe", [b"", b"<x", b"<!DOCTYPE x><x/>", b"%PDF-1.4"])
def test_bytes_that_are_not_safe_xml(caller: Caller, unsafe: bytes) -> None:
    document = Document()
    body, content_type = Lot((document,)).message(caller.vihf(), caller.signer)
    body = body.replace(document.cda(), unsafe)
    assert caller.client.post("/repository", body, content_type).codes == ["InvalidDocumentContent"]


# --- masks and sizes --------------------------------------------------------------------------------
def test_two_masks_do_not_go_together(caller: Caller, sandbox: DmpSandbox) -> None:
    lot = one(confidentiality=("N", "MASQUE_PS", "INVISIBLE_PATIENT"))
    assert caller.deposit(lot).codes == ["sandbox:MasksExclusive"]
    sandbox.limit(masks_together=True)
    assert caller.deposit(lot).success


def test_secret_connection_takes_only_hidden_documents(caller: Caller) -> None:
    secret = messages.attribute(
        "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code",
        messages.text_value("INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"),
    )
    assert caller.deposit(one(), extra=secret).codes == ["sandbox:SecretConnection"]
    assert caller.deposit(one(confidentiality=("N", "INVISIBLE_REPRESENTANTS_LEGAUX")), extra=secret).success


def test_a_document_above_the_limit(caller: Caller, sandbox: DmpSandbox) -> None:
    sandbox.limit(document_bytes=2000)
    assert caller.deposit(one()).codes == ["sandbox:DocumentTooLarge"]
    sandbox.limit(document_bytes=10**6, lot_bytes=2000)
    assert caller.deposit(one()).codes == ["sandbox:LotTooLarge"]


def test_every_refusal_names_its_clause(caller: Caller) -> None:
    caller.deposit(one(confidentiality=("N", "MASQUE_PS", "INVISIBLE_PATIENT")))
    last = caller.last_request()
    assert last["verdict"] == "refused"
    assert last["clause"].startswith("EX_2.1-1050")
    assert last["transaction"] == "2.1a"
    assert EG not in str(last) and XSS not in str(last)
