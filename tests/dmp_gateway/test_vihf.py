"""The VIHF: what it says, its schema, and its signature judged by a library that is not ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import signxml
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier

from coordination.ports import Reader
from dmp_gateway import vihf
from dmp_gateway.vihf import Caller
from perinat.standards import codes
from perinat.standards.pki import Credential
from tests.dmp_gateway import parcels

NOW = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
NS = {"s": vihf.SAML, "ds": "http://www.w3.org/2000/09/xmldsig#", "h": "urn:hl7-org:v3"}
STRICT = SignatureConfiguration(
    require_x509=True,
    location="./",
    expect_references=1,
    signature_methods=frozenset({SignatureMethod.RSA_SHA256}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
)


def built(signing: Credential, parcel=None, **changes) -> bytes:
    parcel = parcel or parcels.parcel()
    settings = replace(parcels.config(Path("absent")), **changes)
    return vihf.build(parcel, parcel.patient.ins, signing, settings, now=NOW)


def values(assertion: bytes, name: str) -> list[str]:
    found = etree.fromstring(assertion).findall(f".//s:Attribute[@Name='{name}']/s:AttributeValue", NS)
    return [value.text or value[0].get("code") for value in found]


def verify(assertion: bytes, signing: Credential) -> etree._Element:
    return XMLVerifier().verify(assertion, x509_cert=signing.certificate, expect_config=STRICT).signed_xml


def test_signature_is_valid_for_an_independent_verifier(signing):
    signed = verify(built(signing), signing)
    assert signed.tag == f"{{{vihf.SAML}}}Assertion"
    assert len(signed.findall(".//s:Attribute", NS)) == 12


def test_signature_is_valid_for_xmlsec(signing):
    xmlsec = pytest.importorskip("xmlsec", reason="xmlsec is not installed: second opinion not asked")
    root = etree.fromstring(built(signing))
    context = xmlsec.SignatureContext()
    context.register_id(root, "ID")
    context.key = xmlsec.Key.from_memory(signing.pem_path.read_bytes(), xmlsec.KeyFormat.CERT_PEM)
    context.verify(root.find("ds:Signature", NS))
    root.find(".//s:NameID", NS).text = "899000000000"
    with pytest.raises(xmlsec.Error):
        context.verify(root.find("ds:Signature", NS))


def test_signature_stays_valid_inside_an_envelope_with_other_namespaces(signing):
    assertion = built(signing)
    envelope = b'<e:Envelope xmlns:e="urn:e" xmlns:xs="urn:other"><e:Header>' + assertion + b"</e:Header></e:Envelope>"
    inner = etree.fromstring(envelope).find(".//s:Assertion", NS)
    verify(etree.tostring(inner), signing)


@pytest.mark.parametrize("target", [b"INDIRECTE<", b"urn:dmp", parcels.EG.encode(), b'ID="_'])
def test_any_change_breaks_the_signature(signing, target):
    assertion = built(signing)
    assert target in assertion
    altered = assertion.replace(target, target[:-1] + b"x" + target[-1:], 1)
    with pytest.raises(signxml.exceptions.SignXMLException):
        verify(altered, signing)


def test_signature_stands_right_after_issuer_and_schema_holds(signing, schemas):
    root = etree.fromstring(built(signing))
    assert [etree.QName(child).localname for child in root] == [
        "Issuer", "Signature", "Subject", "Conditions", "AuthnStatement", "AttributeStatement",
    ]  # fmt: skip
    for coded in root.iter("{urn:hl7-org:v3}*"):  # xsi:type="CE" names a type of HL7 v3, unknown to the SAML schema
        del coded.attrib["{http://www.w3.org/2001/XMLSchema-instance}type"]
    etree.XMLSchema(etree.parse(schemas / "saml" / "saml-assertion-2.0.xsd")).assertValid(root)


def test_attributes_of_the_reference(signing):
    assertion = built(signing)
    mother = parcels.MOTHER.ins
    assert values(assertion, "VIHF_Version") == ["3.0"]
    assert values(assertion, "Authentification_Mode") == ["INDIRECTE"]
    assert values(assertion, "Identifiant_Structure") == [parcels.EG]
    assert values(assertion, "Secteur_Activite") == ["SA01^1.2.250.1.71.4.2.4"]
    assert values(assertion, "Ressource_URN") == ["urn:dmp"]
    assert values(assertion, "urn:oasis:names:tc:xspa:1.0:subject:subject-id") == ["Claire ESSAI"]
    assert values(assertion, "urn:oasis:names:tc:xacml:2.0:resource:resource-id") == [
        f"{mother.matricule}^^^&{mother.oid}&ISO^NH"
    ]
    assert values(assertion, "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse") == ["normal"]
    assert values(assertion, "LPS_ID_HOMOLOGATION_DMP") == ["PERINAT-ESSAI"]
    root = etree.fromstring(assertion)
    assert root.findtext("s:Issuer", "", NS) == signing.subject_dn
    assert f"OU={parcels.EJ}" in signing.subject_dn and "ST=" in signing.subject_dn
    assert root.findtext("s:Subject/s:NameID", "", NS) == parcels.MIDWIFE.ps_idnat
    assert root.find(".//s:AudienceRestriction", NS) is None
    assert root.find(".//s:AuthnContextDecl", NS) is None


def test_a_midwife_has_one_role_a_doctor_shows_the_speciality(signing):
    role = "urn:oasis:names:tc:xacml:2.0:subject:role"
    assert values(built(signing), role) == ["50"]
    doctor = parcels.parcel(sent_by=parcels.sender(parcels.DOCTOR, "10"))
    assert values(built(signing, doctor), role) == ["10", "SM20"]
    codings = etree.fromstring(built(signing, doctor)).findall(".//h:Role", NS)
    assert [c.get("codeSystem") for c in codings] == ["1.2.250.1.71.1.2.7", "1.2.250.1.71.4.2.5"]
    secretary = parcels.parcel(sent_by=parcels.sender(role="SECRETARIAT_MEDICAL"))
    assert values(built(signing, secretary), role) == ["SECRETARIAT_MEDICAL"]


def test_a_doctor_without_speciality_is_refused(signing):
    nobody = parcels.parcel(sent_by=parcels.sender(parcels.MIDWIFE, "10"))
    with pytest.raises(vihf.SpecialtyMissingError):
        built(signing, nobody)


def test_secret_connection_only_when_it_was_chosen(signing):
    name = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
    hidden = parcels.document(masks=(codes.INVISIBLE_REPRESENTANTS_LEGAUX,))
    assert values(built(signing, replace(parcels.parcel(hidden), secret=True)), name) == [
        "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
    ]
    assert values(built(signing, parcels.parcel(hidden)), name) == []


def test_contradicted_facts_are_settings(signing):
    assertion = built(signing, vihf_version="4.0", vihf_mode_attribute="Authentification_mode", lps_id="7")
    assert values(assertion, "VIHF_Version") == ["4.0"]
    assert values(assertion, "Authentification_mode") == ["INDIRECTE"]
    assert values(assertion, "LPS_ID") == ["7"]


def test_two_assertions_never_share_an_identifier(signing):
    assert etree.fromstring(built(signing)).get("ID") != etree.fromstring(built(signing)).get("ID")


def test_text_with_markup_stays_text(signing):
    odd = replace(parcels.MIDWIFE, family_name='<O\'Neil> & "Fils"')
    assertion = built(signing, parcels.parcel(sent_by=parcels.sender(odd)))
    verify(assertion, signing)
    assert values(assertion, "urn:oasis:names:tc:xspa:1.0:subject:subject-id") == ['Claire <O\'Neil> & "Fils"']


# --- AIR ------------------------------------------------------------------------------------------
def strong(signing: Credential, ins=parcels.MOTHER.ins, *, user=parcels.MIDWIFE, role: str = "50", **changes) -> bytes:
    reader = Reader(parcels.sender(user, role), NOW - timedelta(minutes=40), **changes)
    return vihf.assertion(Caller.of_reader(reader), ins, signing, parcels.config(Path("absent")), now=NOW)


def test_a_reader_signed_in_with_pro_sante_connect(signing):
    found = verify(strong(signing), signing)
    statement = found.find("s:AuthnStatement", NS)
    assert statement.get("AuthnInstant") == "2026-03-16T07:20:00Z"  # when she signed in, not when she calls
    assert found.get("IssueInstant") == "2026-03-16T08:00:00Z"
    assert statement.findtext("s:AuthnContext/s:AuthnContextDecl", "", NS) == "CONF_EXI_PGSSIS"
    assert values(strong(signing), "Authentification_Mode") == ["INDIRECTE_RENFORCEE"]
    assert found.findtext("s:Subject/s:NameID", "", NS) == parcels.MIDWIFE.ps_idnat


def test_a_reader_authenticated_by_the_site_alone(signing):
    found = strong(signing, strong=False)
    assert values(found, "Authentification_Mode") == ["INDIRECTE"]
    assert b"AuthnContextDecl" not in found


def test_a_call_that_names_nobody(signing):
    assert values(strong(signing, None), "urn:oasis:names:tc:xacml:2.0:resource:resource-id") == []


def test_secret_connection_of_a_reader(signing):
    name = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
    assert values(strong(signing, secret=True), name) == ["INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"]
    assert values(strong(signing), name) == []


def test_the_assertion_of_a_reader_respects_the_saml_schema(signing, schemas):
    tree = etree.fromstring(strong(signing))
    for element in tree.iter("{urn:hl7-org:v3}*"):  # types of HL7, unknown to SAML
        element.attrib.pop("{http://www.w3.org/2001/XMLSchema-instance}type", "")
    etree.XMLSchema(etree.parse(schemas / "saml" / "saml-assertion-2.0.xsd")).assertValid(tree)
