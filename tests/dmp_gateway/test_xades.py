"""The XAdES of a lot: digests recomputed here, signature judged by a library that is not ours."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest
import signxml
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier

from dmp_gateway import xades, xmldsig
from perinat.standards.xml import XmlError

DS = "{http://www.w3.org/2000/09/xmldsig#}"
XAD = "{http://uri.etsi.org/01903/v1.1.1#}"
LOT = "2.25.1234567890"
SIGNED_AT = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
CDA = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- en-t\xc3\xaate -->\n'
    b'<ClinicalDocument  xmlns="urn:hl7-org:v3" b="2" a="1">'
    b"<title>Sortie\xc2\xa0: <![CDATA[<b>]]></title><!-- note --></ClinicalDocument>\n<!-- fin -->\n"
)
CANONICAL = (
    "<!-- en-tête -->\n"
    '<ClinicalDocument xmlns="urn:hl7-org:v3" a="1" b="2"><title>Sortie\u00a0: &lt;b&gt;</title><!-- note -->'
    "</ClinicalDocument>\n<!-- fin -->"
).encode()
DOCUMENTS = [xades.Signed("2.25.1", CDA), xades.Signed("2.25.2", b"<a xmlns='urn:x'/>")]


def built(signing, suite=xmldsig.SHA1) -> bytes:
    return xades.build(LOT, DOCUMENTS, signing, suite=suite, signed_at=SIGNED_AT)


def manifest(data: bytes) -> dict[str, etree._Element]:
    return {r.get("URI"): r for r in etree.fromstring(data).find(f".//{DS}Manifest").findall(f"{DS}Reference")}


def value(reference) -> str:
    return reference.findtext(f"{DS}DigestValue")


@pytest.mark.parametrize(
    ("suite", "digest"), [(xmldsig.SHA1, hashlib.sha1), (xmldsig.SHA256, hashlib.sha256)], ids=["sha1", "sha256"]
)
def test_manifest_names_the_lot_and_digests_each_document(signing, suite, digest):
    found = manifest(built(signing, suite))
    assert list(found) == [f"urn:oid:{LOT}", "urn:oid:2.25.1", "urn:oid:2.25.2"]
    assert value(found[f"urn:oid:{LOT}"]) == "AA=="
    assert found[f"urn:oid:{LOT}"].find(f"{DS}Transforms") is None
    assert value(found["urn:oid:2.25.1"]) == base64.b64encode(digest(CANONICAL).digest()).decode()
    assert found["urn:oid:2.25.1"].find(f".//{DS}Transform").get("Algorithm").endswith("20010315#WithComments")


@pytest.mark.parametrize("suite", xmldsig.SUITES.values(), ids=xmldsig.SUITES)
def test_signature_over_manifest_and_properties(signing, suite):
    """By hand, without our primitive: digests of both objects in place, then RSA over SignedInfo."""
    root = etree.fromstring(built(signing, suite))
    info = root.find(f"{DS}SignedInfo")
    for reference in info.findall(f"{DS}Reference"):
        target = next(e for e in root.iter() if f"#{e.get('Id')}" == reference.get("URI"))
        canonical = etree.tostring(target, method="c14n", with_comments=True)
        assert value(reference) == base64.b64encode(hashlib.new(suite.name, canonical).digest()).decode()
    signature = base64.b64decode(root.findtext(f"{DS}SignatureValue"))
    signed = etree.tostring(info, method="c14n", with_comments=True)
    public = signing.certificate.public_key()
    chosen = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}[suite.name]
    public.verify(signature, signed, padding.PKCS1v15(), chosen)


@pytest.mark.parametrize(
    ("suite", "method", "digest"),
    [
        (xmldsig.SHA1, SignatureMethod.RSA_SHA1, DigestAlgorithm.SHA1),
        (xmldsig.SHA256, SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA256),
    ],
    ids=["sha1", "sha256"],
)
def test_signature_is_valid_for_an_independent_verifier(signing, suite, method, digest):
    expected = SignatureConfiguration(
        require_x509=True,
        location="./",
        expect_references=2,
        signature_methods=frozenset({method}),
        digest_algorithms=frozenset({digest}),
        default_reference_c14n_method=signxml.CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    root = etree.fromstring(built(signing, suite))
    # The purpose is text alone, as the DMP's own samples write it: not what the W3C schema of signxml wants.
    root.remove(root.find(f"{DS}Object"))
    wrapped = b"<w>" + etree.tostring(root) + b"</w>"
    checked = XMLVerifier().verify(wrapped, x509_cert=signing.certificate, expect_config=expected)
    assert {etree.QName(c.signed_xml).localname for c in checked} == {"Manifest", "SignedProperties"}
    with pytest.raises(signxml.exceptions.InvalidSignature):
        altered = wrapped.replace(b"urn:oid:2.25.2", b"urn:oid:2.25.3")
        XMLVerifier().verify(altered, x509_cert=signing.certificate, expect_config=expected)


def test_properties_name_the_certificate_and_the_instant(signing):
    root = etree.fromstring(built(signing))
    assert root.tag == f"{DS}Signature" and root.get("Id") == "Signature01"
    assert root.findtext(f".//{XAD}SigningTime") == "2026-03-16T08:00:00Z"
    der = signing.certificate.public_bytes(Encoding.DER)
    assert root.findtext(f".//{XAD}DigestValue") == base64.b64encode(hashlib.sha1(der).digest()).decode()
    assert root.findtext(f".//{DS}X509SerialNumber") == str(signing.certificate.serial_number)
    assert root.find(f".//{DS}SignatureProperty").text == "1.2.840.10065.1.12.1.14"
    assert len(root.find(f".//{XAD}SignedDataObjectProperties")) == 0
    assert root.find(f".//{XAD}SignaturePolicyImplied") is not None


def test_the_same_lot_gives_the_same_bytes(signing):
    assert built(signing) == built(signing)


def test_a_document_that_is_not_xml_cannot_be_signed(signing):
    with pytest.raises(XmlError):
        xades.build(LOT, [xades.Signed("2.25.1", b"%PDF")], signing, suite=xmldsig.SHA1, signed_at=SIGNED_AT)
    with pytest.raises(XmlError):
        xades.build(LOT, [xades.Signed("2.25.1", b"<a xmlns='u'/>")], signing, suite=xmldsig.SHA1, signed_at=SIGNED_AT)
