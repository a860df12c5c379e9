"""What goes on the wire: SOAP envelope, TD0.2, ITI-41, ITI-18, ITI-57, against the published schemas."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from coordination.ports import Action
from dmp_gateway import hl7v3, soap, vihf, xdsb, xmldsig
from dmp_gateway.client import Call
from dmp_gateway.xdsb import Registered
from perinat.standards import codes
from tests.dmp_gateway import parcels

NS = {
    "s": soap.NS_SOAP,
    "a": soap.NS_WSA,
    "w": soap.NS_WSSE,
    "x": "urn:ihe:iti:xds-b:2007",
    "lcm": "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0",
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "h": "urn:hl7-org:v3",
}
REPLACED = "urn:uuid:0b0a4a0e-6a7c-4d43-9f0e-9a3a3b6d4a11"


def deposit(parcel, signing, **known) -> Call:
    return xdsb.deposit(parcel, signing, xmldsig.SHA1, **known)


def links(body: etree._Element, kind: str) -> list[tuple[str, str]]:
    found = body.iterfind(f".//rim:Association[@associationType='{kind}']", NS)
    return [(link.get("sourceObject"), link.get("targetObject")) for link in found]


def test_envelope_holds_four_addressing_headers_and_the_assertion_untouched(signing, schemas):
    parcel = parcels.parcel()
    assertion = vihf.build(parcel, parcel.patient.ins, signing, parcels.config(Path("absent")), now=datetime.now(UTC))
    data = soap.envelope(
        "<b xmlns='urn:b'/>", assertion, action="urn:x?a=1&b", to="https://d/r", message_id="urn:uuid:1"
    )
    assert assertion in data
    root = etree.fromstring(data)
    header = root.find("s:Header", NS)
    assert [etree.QName(e).localname for e in header] == ["Action", "MessageID", "ReplyTo", "To", "Security"]
    assert header.findtext("a:Action", "", NS) == "urn:x?a=1&b"
    assert header.findtext("a:ReplyTo/a:Address", "", NS).endswith("/addressing/anonymous")
    for name in ("Action", "ReplyTo"):
        assert header.find(f"a:{name}", NS).get(f"{{{soap.NS_SOAP}}}mustUnderstand") == "true"
    assert header.find("w:Security", NS)[0].tag == f"{{{vihf.SAML}}}Assertion"
    schema = etree.parse(schemas / "soap-1.2-envelope.xsd")
    for imported in schema.iter("{http://www.w3.org/2001/XMLSchema}import"):
        imported.set("schemaLocation", str(schemas / "xds" / "xml.xsd"))  # its own location is on the network
    for coded in root.iter("{urn:hl7-org:v3}*"):
        del coded.attrib["{http://www.w3.org/2001/XMLSchema-instance}type"]
    etree.XMLSchema(schema).assertValid(root)


def test_td02_asks_for_one_patient_by_its_ins():
    body = etree.fromstring(
        hl7v3.request(parcels.MOTHER.ins, source_id="1.2.3", software="perinat", now=datetime(2026, 3, 16, tzinfo=UTC))
    )
    assert body.tag == "{urn:hl7-org:v3}PRPA_IN201307UV02" and body.get("ITSVersion") == "XML_1.0"
    value = body.find(".//h:parameterList/h:patientIdentifier/h:value", NS)
    assert (value.get("root"), value.get("extension")) == (parcels.MOTHER.ins.oid, parcels.MOTHER.ins.matricule)
    assert body.find(".//h:reasonCode", NS).get("code") == "TEST_EXST"
    assert body.find("h:receiver/h:device/h:id", NS).get("root") == "1.2.250.1.213.4.1.1.1"
    assert body.find("h:sender/h:device/h:id", NS).get("root") == "1.2.3"


def test_deposit_is_valid_and_complete(signing, schemas):
    parcel = parcels.parcel(parcels.document(), parcels.document(codes.ORDONNANCE_PRODUITS))
    call = deposit(parcel, signing)
    body = etree.fromstring(call.body)
    schema = etree.XMLSchema(etree.parse(schemas / "xds" / "XDS.b_DocumentRepository.xsd"))
    inline = etree.fromstring(call.body)
    for include in list(inline.iter("{http://www.w3.org/2004/08/xop/include}Include")):
        document = include.getparent()
        document.remove(include)
        document.text = "AA=="  # the schema speaks of the message before XOP
    schema.assertValid(inline)

    assert [part.data for part in call.parts[:2]] == [d.cda for d in parcel.documents]
    hrefs = {d.get("id"): d[0].get("href") for d in body.iterfind("x:Document", NS)}
    assert hrefs == {
        "Document01": f"cid:{call.parts[0].content_id}",
        "Document02": f"cid:{call.parts[1].content_id}",
        "Signature01": f"cid:{call.parts[2].content_id}",
    }
    members = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
    assert [target for _, target in links(body, members)] == ["Document01", "Document02", "Signature01"]
    assert links(body, "urn:ihe:iti:2007:AssociationType:signs") == [("Signature01", "SubmissionSet01")]
    assert links(body, "urn:ihe:iti:2007:AssociationType:RPLC") == []


def test_signature_metadata_describe_the_signature_bytes(signing):
    call = deposit(parcels.parcel(), signing)
    entry = etree.fromstring(call.body).find(".//rim:ExtrinsicObject[@id='Signature01']", NS)
    slot = {s.get("name"): s.findtext(".//rim:Value", "", NS) for s in entry.findall("rim:Slot", NS)}
    assert slot["hash"] == hashlib.sha1(call.parts[-1].data).hexdigest()
    assert slot["size"] == str(len(call.parts[-1].data))
    assert call.parts[-1].mime_type == "text/xml"


def test_the_sending_site_is_the_institution_of_the_lot(signing):
    """EJ signs, EG is written (EJ/EG doctrine): « Aucun AuthorInstitution… » otherwise."""
    elsewhere = replace(parcels.DOCTOR, organization=replace(parcels.MATERNITY, struct_idnat=parcels.OTHER_EJ))
    parcel = parcels.parcel(sent_by=parcels.sender(elsewhere, "10"))
    package = etree.fromstring(deposit(parcel, signing).body).find(".//rim:RegistryPackage", NS)
    written = package.xpath(".//rim:Slot[@name='authorInstitution']//rim:Value/text()", namespaces=NS)
    assert len(written) == 1 and written[0].endswith(f"^^^{parcels.EG}")


def test_replacement_points_at_the_entry_uuid_of_the_old_version(signing):
    old = parcels.document()
    new = parcels.document(replaces=old)
    call = deposit(parcels.parcel(new, action=Action.REPLACE), signing, replaced={new.unique_id: REPLACED})
    assert links(etree.fromstring(call.body), "urn:ihe:iti:2007:AssociationType:RPLC") == [("Document01", REPLACED)]


def test_two_attempts_carry_the_same_bytes(signing):
    parcel = parcels.parcel()
    first, second = deposit(parcel, signing), deposit(parcel, signing)
    assert first.body == second.body
    assert first.parts == second.parts


def test_lookup_and_deletion_are_valid(schemas):
    query = etree.fromstring(xdsb.find("2.25.1", return_type="ObjectRef").body)
    etree.XMLSchema(etree.parse(schemas / "xds" / "query.xsd")).assertValid(query)
    assert query.findtext(".//rim:Value", "", NS) == "('2.25.1')"
    assert query.find(".//rim:Slot", NS).get("name") == "$XDSDocumentEntryUniqueId"

    parcel = parcels.parcel(action=Action.WITHDRAW)
    entry_uuid = f"urn:uuid:{uuid.uuid4()}"
    body = etree.fromstring(xdsb.delete(parcel, Registered(entry_uuid)).body)
    etree.XMLSchema(etree.parse(schemas / "xds" / "lcm.xsd")).assertValid(body)
    assert links(body, "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus") == [("SubmissionSet01", entry_uuid)]
    slots = {
        s.get("name"): s.findtext(".//rim:Value", "", NS) for s in body.iterfind(".//rim:Association/rim:Slot", NS)
    }
    assert slots == {
        "OriginalStatus": "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved",
        "NewStatus": "urn:asip:ci-sis:2010:StatusType:Deleted",
    }
    assert body.find(".//rim:ExtrinsicObject", NS) is None


def test_found_documents_are_read_by_reference_and_in_full():
    rim = NS["rim"]
    answer = etree.fromstring(
        f'<q:AdhocQueryResponse xmlns:q="{soap.NS_QUERY}" xmlns:rim="{rim}" status="s"><rim:RegistryObjectList>'
        '<rim:ObjectRef id="urn:uuid:1"/><rim:ExtrinsicObject id="urn:uuid:2" lid="urn:uuid:2" mimeType="text/xml" '
        'objectType="o" status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"><rim:Slot name="hash">'
        "<rim:ValueList><rim:Value>ABC</rim:Value></rim:ValueList></rim:Slot></rim:ExtrinsicObject>"
        "</rim:RegistryObjectList></q:AdhocQueryResponse>"
    )
    assert xdsb.read_found(answer) == [
        Registered("urn:uuid:1"),
        Registered("urn:uuid:2", "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved", "abc"),
    ]
    assert xdsb.read_found(etree.fromstring(f'<q:AdhocQueryResponse xmlns:q="{soap.NS_QUERY}" status="s"/>')) == []


def test_an_answer_in_mtom_is_read_like_a_plain_one():
    envelope = f'<s:Envelope xmlns:s="{soap.NS_SOAP}"><s:Body><a/></s:Body></s:Envelope>'.encode()
    body = b"--b\r\nContent-ID: <r>\r\n\r\n" + envelope + b"\r\n--b\r\nContent-ID: <d:1>\r\n\r\nxyz\r\n--b--"
    answer = soap.read('multipart/related; boundary=b; start="<r>"', body, message_id="urn:uuid:1")
    assert answer.body.tag == "a" and answer.parts == {"d:1": b"xyz"} and answer.refusals == ()


@pytest.mark.parametrize("severity", ["Error", "Warning"])
def test_warnings_do_not_refuse(severity):
    data = (
        f'<s:Envelope xmlns:s="{soap.NS_SOAP}"><s:Body><rs:RegistryResponse xmlns:rs="{soap.NS_RS}" '
        f'status="{soap.STATUS_SUCCESS}"><rs:RegistryErrorList><rs:RegistryError errorCode="XDSExtraMetadataNotSaved" '
        f'codeContext="" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:{severity}"/>'
        "</rs:RegistryErrorList></rs:RegistryResponse></s:Body></s:Envelope>"
    ).encode()
    refused = soap.read("application/soap+xml", data, message_id="").refusals
    assert [r.code for r in refused] == ([] if severity == "Warning" else ["XDSExtraMetadataNotSaved"])


def test_a_failure_without_a_list_is_a_refusal():
    data = (
        f'<s:Envelope xmlns:s="{soap.NS_SOAP}"><s:Body><rs:RegistryResponse xmlns:rs="{soap.NS_RS}" '
        'status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"/></s:Body></s:Envelope>'
    ).encode()
    assert [r.code for r in soap.read("application/soap+xml", data, message_id="").refusals] == ["Failure"]
