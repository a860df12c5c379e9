"""Lots in ebRIM: exact values of the French profile, the official schema, and reading them back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from perinat.standards import ebrim, ebrim_schemes, xml
from perinat.standards.xds import DocumentEntry, SubmissionSet

SCHEMA = Path(__file__).parents[3] / "shared" / "xsd" / "xds" / "lcm.xsd"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NS = {"rim": ebrim_schemes.NS_RIM, "lcm": ebrim_schemes.NS_LCM}
OLD = "urn:uuid:0f6a1d3e-6f0e-4b0e-9f5e-2d3c4b5a6978"


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    if not SCHEMA.exists():
        pytest.skip("schémas ebRIM absents : ../shared/xsd n'est pas fourni")
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


@pytest.fixture
def dmp_lot(lot: SubmissionSet, entry: DocumentEntry) -> etree._Element:
    second = replace(entry, unique_id="2.25.1002", service_stop=None, event_codes=())
    signature = ebrim.signature_object(
        entry, unique_id="2.25.3003", created_at=lot.submitted_at, hash_sha1="b" * 40, size=4321
    )
    items = [
        ebrim.EntryItem(entry, "Document01", replaces=OLD),
        ebrim.EntryItem(second, "Document02"),
        signature,
    ]
    return ebrim.submission(lot, items)


def values(root: etree._Element, owner: str, slot: str) -> list[str]:
    path = f".//rim:*[@id='{owner}']/rim:Slot[@name='{slot}']/rim:ValueList/rim:Value/text()"
    return [str(value) for value in root.xpath(path, namespaces=NS)]


def links(root: etree._Element, kind: str) -> list[tuple[str, str]]:
    found = root.iterfind(f".//rim:Association[@associationType='{kind}']", NS)
    return [(str(link.get("sourceObject")), str(link.get("targetObject"))) for link in found]


def test_dmp_lot_is_valid(schema: etree.XMLSchema, dmp_lot: etree._Element) -> None:
    schema.assertValid(dmp_lot)
    for identifier in dmp_lot.iterfind(".//rim:Classification[@id='Document01.cl01']", NS):
        del identifier.attrib["classifiedObject"]
    assert not schema.validate(dmp_lot)


def test_exact_values_of_the_french_profile(dmp_lot: etree._Element, entry: DocumentEntry) -> None:
    ins = entry.patient.ins
    assert ins is not None
    assert values(dmp_lot, "Document01", "creationTime") == ["20260713233005"]
    assert values(dmp_lot, "Document01", "serviceStopTime") == ["20260713140000"]
    assert values(dmp_lot, "Document02", "serviceStopTime") == []
    assert values(dmp_lot, "Document01", "sourcePatientId") == ["IPP0001^^^&1.2.250.1.999.1.1&ISO^PI"]
    assert values(dmp_lot, "Document01", "sourcePatientInfo") == [
        "PID-5|D'EXEMPLE^ALIX^^^^^L",
        "PID-7|19900412",
        "PID-8|F",
    ]
    assert values(dmp_lot, "Document01", "legalAuthenticator") == [
        f"{entry.legal_authenticator.ps_idnat}^GYNECO^Fictif^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    ]
    author = ebrim_schemes.ENTRY_AUTHOR
    slots = dmp_lot.xpath(
        f".//rim:ExtrinsicObject[@id='Document01']/rim:Classification[@classificationScheme='{author}']"
        "/rim:Slot/rim:ValueList/rim:Value/text()",
        namespaces=NS,
    )
    assert slots == [
        f"{entry.author.ps_idnat}^SAGE^Fictive^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",
        "CHI de l'Exemple \\T\\ Associés^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1990000010",
        "G15_50^Sage-Femme^1.2.250.1.213.1.1.4.5",
    ]
    patient = dmp_lot.find(f".//rim:ExternalIdentifier[@identificationScheme='{ebrim_schemes.ENTRY_PATIENT_ID}']", NS)
    assert patient is not None and patient.get("value") == f"{ins.matricule}^^^&1.2.250.1.213.1.4.10&ISO^NH"
    labels = {(label.get("charset"), label.get(LANG)) for label in dmp_lot.iterfind(".//rim:LocalizedString", NS)}
    assert labels == {("UTF8", "FR")}


def test_associations_of_a_dmp_lot(dmp_lot: etree._Element) -> None:
    members = [("SubmissionSet01", owner) for owner in ("Document01", "Document02", "Signature01")]
    assert links(dmp_lot, ebrim_schemes.HAS_MEMBER) == members
    assert links(dmp_lot, ebrim_schemes.SIGNS) == [("Signature01", "SubmissionSet01")]
    assert links(dmp_lot, ebrim_schemes.RPLC) == [("Document01", OLD)]
    status = dmp_lot.xpath(
        "//rim:Association[rim:Slot[@name='SubmissionSetStatus']//rim:Value='Original']", namespaces=NS
    )
    assert len(status) == 4


def test_every_id_is_used_once(dmp_lot: etree._Element) -> None:
    ids = dmp_lot.xpath(".//@id")
    assert len(ids) == len(set(ids))


def test_signature_object_as_the_dmp_wants_it(dmp_lot: etree._Element) -> None:
    signature = ebrim.read_submission(dmp_lot).entries[-1]
    assert signature.is_signature and signature.id == "Signature01"
    assert (signature.mime_type, signature.language, signature.title) == ("text/xml", "art", "Source")
    assert signature.format_code is not None and signature.format_code.system == "URN"
    assert [code.code for code in signature.confidentiality] == ["N", "MASQUE_PS", "INVISIBLE_PATIENT"]
    assert (signature.unique_id, signature.hash_sha1, signature.size) == ("2.25.3003", "b" * 40, 4321)


def test_read_back(dmp_lot: etree._Element, lot: SubmissionSet, entry: DocumentEntry) -> None:
    parsed = ebrim.read_submission(xml.parse(xml.to_bytes(dmp_lot)))
    found = parsed.submission_set
    assert found is not None
    assert (found.unique_id, found.source_id, found.title) == (lot.unique_id, lot.source_id, lot.title)
    assert (found.submitted_at, found.content_type) == (lot.submitted_at, lot.content_type)
    assert found.patient_id is not None and found.patient_id.ins == lot.patient.ins
    assert found.entry_uuid == ""
    first, second = parsed.documents
    assert parsed.replaced_by(first) == OLD and parsed.replaced_by(second) == ""
    for name in [
        "unique_id",
        "title",
        "mime_type",
        "language",
        "created_at",
        "service_start",
        "service_stop",
        "type_code",
        "class_code",
        "format_code",
        "confidentiality",
        "event_codes",
        "facility",
        "practice",
        "hash_sha1",
        "size",
    ]:
        assert getattr(first, name) == getattr(entry, name), name
    assert first.patient_id is not None and first.patient_id.ins == entry.patient.ins
    assert first.source_patient_id == ebrim.Cx("IPP0001", "1.2.250.1.999.1.1", "PI")
    assert first.source_patient == ebrim.PatientInfo("D'EXEMPLE", "ALIX", entry.patient.birth_date, "F")
    author = first.authors[0]
    assert author.person is not None and author.person.identifier == entry.author.ps_idnat
    assert author.institutions == (entry.author.institution,) and author.specialties == (entry.author.specialty,)
    assert first.legal_authenticator is not None and first.legal_authenticator.family_name == "GYNECO"


def test_xdm_metadata(schema: etree.XMLSchema, lot: SubmissionSet, entry: DocumentEntry) -> None:
    item = ebrim.EntryItem(entry, "Document01", uri="DOC0001.XML", action=ebrim_schemes.REPLACE_ACTION)
    root = ebrim.submission(lot, [item])
    schema.assertValid(root)
    read = ebrim.read_submission(root).entries[0]
    assert (read.uri, read.action) == ("DOC0001.XML", "C")
    named = ebrim.submission(lot, [item], action_slot="urn:example:action")
    assert ebrim.read_submission(named).entries[0].action == "C"


def test_newborn_without_ins_travels_under_the_local_identifier(lot: SubmissionSet, entry: DocumentEntry) -> None:
    baby = replace(entry.patient, ins=None)
    root = ebrim.submission(replace(lot, patient=baby), [ebrim.EntryItem(replace(entry, patient=baby), "Document01")])
    read = ebrim.read_submission(root).entries[0]
    assert read.patient_id == ebrim.Cx("IPP0001", "1.2.250.1.999.1.1", "PI")
    assert read.patient_id is not None and read.patient_id.ins is None


def test_status_update_without_document(schema: etree.XMLSchema, lot: SubmissionSet) -> None:
    update = ebrim.status_update(OLD, original=ebrim_schemes.APPROVED, new=ebrim_schemes.DELETED)
    root = ebrim.submission(lot, [], associations=[update])
    schema.assertValid(root)
    (link,) = ebrim.read_submission(root).associations
    assert (link.type, link.source, link.target) == (ebrim_schemes.UPDATE_STATUS, "SubmissionSet01", OLD)
    assert link.slots["NewStatus"] == ("urn:asip:ci-sis:2010:StatusType:Deleted",)


def test_extra_objects_and_slots(schema: etree.XMLSchema, lot: SubmissionSet, entry: DocumentEntry) -> None:
    extra = etree.Element(f"{{{ebrim_schemes.NS_RIM}}}ObjectRef", id=OLD)
    item = ebrim.EntryItem(entry, "Document01", slots={"urn:example:note": ["a", "b"]})
    root = ebrim.submission(lot, [item], extra_objects=[extra])
    schema.assertValid(root)
    parsed = ebrim.read_submission(root)
    assert parsed.references == (OLD,)
    assert parsed.entries[0].slots["urn:example:note"] == ("a", "b")


def test_what_must_not_be_written(lot: SubmissionSet, entry: DocumentEntry) -> None:
    other = replace(entry, patient=replace(entry.patient, ins=None))
    naive = replace(entry, created_at=datetime(2026, 7, 14))  # noqa: DTZ001 - the fault under test
    assert entry.author.institution is not None
    long = replace(entry.author, institution=replace(entry.author.institution, name="x" * 250))
    for items, message in (
        ([ebrim.EntryItem(other, "Document01")], "une seule personne"),
        ([ebrim.EntryItem(entry, "Document01"), ebrim.EntryItem(entry, "Document01")], "identifiant symbolique"),
        ([ebrim.EntryItem(entry, "SubmissionSet01")], "identifiant symbolique"),
        ([ebrim.EntryItem(entry, "Document01", replaces="2.25.1")], "entryUUID"),
        ([ebrim.EntryItem(naive, "Document01")], "fuseau horaire"),
        ([ebrim.EntryItem(replace(entry, author=long), "Document01")], "authorInstitution"),
        ([ebrim.EntryItem(replace(entry, title="x" * 1025), "Document01")], "libellé"),
        ([ebrim.EntryItem(replace(entry, title="a\x0bb"), "Document01")], "caractère"),
    ):
        with pytest.raises(ebrim.EbrimError) as caught:
            ebrim.submission(lot, items)
        assert message in caught.value.message_fr


REGISTRY_ANSWER = f"""
<query:AdhocQueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" xmlns="{ebrim_schemes.NS_RIM}">
 <RegistryObjectList>
  <ExtrinsicObject id="{OLD}" lid="{OLD}" status="{ebrim_schemes.DEPRECATED}" mimeType="text/xml">
   <Slot name="size"><ValueList><Value>many</Value></ValueList></Slot>
   <Slot name="hash"><ValueList><Value> ABCDEF </Value></ValueList></Slot>
   <Slot name="creationTime"><ValueList><Value>202607140130+0200</Value></ValueList></Slot>
   <Slot name="serviceStartTime"><ValueList><Value>20261399</Value></ValueList></Slot>
   <Slot name="URI"><ValueList><Value>2|B.XML</Value><Value>1|A/</Value></ValueList></Slot>
   <Slot name="repositoryUniqueId"><ValueList><Value>1.2.250.1.213.4.1.1.1.2</Value></ValueList></Slot>
   <Slot name="empty"><ValueList/></Slot>
   <VersionInfo versionName="2"/>
  </ExtrinsicObject>
  <RegistryPackage id="Folder01"/>
  <RegistryPackage id="Set01"/>
  <Classification id="c1" classifiedObject="Folder01" classificationNode="{ebrim_schemes.FOLDER_NODE}"/>
  <Classification id="c2" classifiedObject="Set01" classificationScheme="{ebrim_schemes.SET_CONTENT_TYPE}"
    nodeRepresentation="03"/>
 </RegistryObjectList>
</query:AdhocQueryResponse>"""


def test_reader_tolerates_and_invents_nothing() -> None:
    parsed = ebrim.read_submission(xml.parse(REGISTRY_ANSWER.encode()))
    (entry,) = parsed.entries
    assert (entry.entry_uuid, entry.lid, entry.version) == (OLD, OLD, "2")
    assert entry.status == ebrim_schemes.DEPRECATED
    assert (entry.size, entry.hash_sha1, entry.uri) == (None, "abcdef", "A/B.XML")
    assert entry.created_at == datetime(2026, 7, 13, 23, 30, tzinfo=UTC)
    assert entry.service_start is None and entry.type_code is None and entry.patient_id is None
    assert entry.source_patient == ebrim.PatientInfo() and entry.authors == () and entry.title == ""
    assert entry.repository_unique_id == "1.2.250.1.213.4.1.1.1.2" and entry.slots["empty"] == ()
    assert [found.id for found in parsed.sets] == ["Set01"]
    assert parsed.sets[0].content_type is not None and parsed.sets[0].content_type.code == "03"
    assert "ABCDEF" not in repr(entry)


def test_reader_refuses_what_is_not_ebrim_3() -> None:
    with pytest.raises(ebrim.EbrimError, match="ebRIM 3.0"):
        ebrim.read_submission(etree.fromstring('<x xmlns="urn:oasis:names:tc:ebxml-regrep:rim:xsd:2.1"/>'))
