"""Signing by hand, for the hand-written client: SAML enveloped signature and XAdES of a lot."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
XA = "http://uri.etsi.org/01903/v1.1.1#"
ALGORITHMS = {
    "sha1": (hashes.SHA1(), f"{DS}sha1", f"{DS}rsa-sha1"),  # what today's DMP messages carry
    "sha256": (
        hashes.SHA256(),
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ),
}


@dataclass(frozen=True)
class Signer:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @classmethod
    def load(cls, pem: Path, key: Path) -> Signer:
        private = serialization.load_pem_private_key(key.read_bytes(), None)
        assert isinstance(private, rsa.RSAPrivateKey)
        return cls(x509.load_pem_x509_certificate(pem.read_bytes()), private)

    @property
    def dn(self) -> str:
        return self.certificate.subject.rfc4514_string()

    @property
    def base64(self) -> str:
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()

    def sign(self, data: bytes, algorithm: str = "sha256") -> str:
        return base64.b64encode(self.key.sign(data, padding.PKCS1v15(), ALGORITHMS[algorithm][0])).decode()


def digest(data: bytes, algorithm: str) -> str:
    return base64.b64encode(hashlib.new(algorithm, data).digest()).decode()


def sign_assertion(text: str, signer: Signer, algorithm: str = "sha256") -> str:
    """Put an enveloped signature just after the Issuer of a SAML assertion."""
    root = etree.fromstring(text.encode())
    _, digest_uri, signature_uri = ALGORITHMS[algorithm]
    value = digest(etree.tostring(root, method="c14n", exclusive=True), algorithm)
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXC}"/>'
        f'<ds:SignatureMethod Algorithm="{signature_uri}"/><ds:Reference URI="#{root.get("ID")}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{DS}enveloped-signature"/><ds:Transform Algorithm="{EXC}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest_uri}"/><ds:DigestValue>{value}</ds:DigestValue></ds:Reference>'
        "</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data>"
        f"<ds:X509Certificate>{signer.base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
    root.insert(1, signature)
    signed_info = etree.tostring(signature[0], method="c14n", exclusive=True)
    signature[1].text = signer.sign(signed_info, algorithm)
    return etree.tostring(root, encoding="unicode")


def sign_lot(
    lot: str,
    documents: list[tuple[str, bytes]],
    signer: Signer,
    *,
    algorithm: str = "sha1",
    lot_digest: str = "AA==",
    purpose: str = "1.2.840.10065.1.12.1.14",
    signing_time: str = "2026-01-01T00:00:00Z",
) -> bytes:
    """The XAdES of a lot: `documents` are (uniqueId, bytes)."""
    _, digest_uri, signature_uri = ALGORITHMS[algorithm]
    references = f'<ds:Reference URI="urn:oid:{lot}"><ds:DigestMethod Algorithm="{digest_uri}"/><ds:DigestValue>'
    references += f"{lot_digest}</ds:DigestValue></ds:Reference>"
    for unique_id, data in documents:
        canonical = etree.tostring(etree.fromstring(data), method="c14n", with_comments=True)
        references += (
            f'<ds:Reference URI="urn:oid:{unique_id}"><ds:Transforms><ds:Transform Algorithm="{C14N}#WithComments"/>'
            f'</ds:Transforms><ds:DigestMethod Algorithm="{digest_uri}"/>'
            f"<ds:DigestValue>{digest(canonical, algorithm)}</ds:DigestValue></ds:Reference>"
        )
    der = signer.certificate.public_bytes(serialization.Encoding.DER)
    text = (
        f'<ds:Signature xmlns:ds="{DS}" Id="S0"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{C14N}#WithComments"/>'
        f'<ds:SignatureMethod Algorithm="{signature_uri}"/>'
        f'<ds:Reference URI="#IHEManifest" Type="{DS}Manifest"><ds:DigestMethod Algorithm="{digest_uri}"/>'
        f'<ds:DigestValue/></ds:Reference><ds:Reference URI="#S0-SignedProperties" Type="{XA}SignedProperties">'
        f'<ds:DigestMethod Algorithm="{digest_uri}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>'
        f"<ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{signer.base64}</ds:X509Certificate>"
        '</ds:X509Data></ds:KeyInfo><ds:Object><ds:SignatureProperties><ds:SignatureProperty Target="#S0" '
        f'Id="purposeOfSignature">{purpose}</ds:SignatureProperty></ds:SignatureProperties></ds:Object>'
        f'<ds:Object><ds:Manifest Id="IHEManifest">{references}</ds:Manifest></ds:Object><ds:Object>'
        f'<xa:QualifyingProperties xmlns:xa="{XA}" Target="#S0"><xa:SignedProperties Id="S0-SignedProperties">'
        f"<xa:SignedSignatureProperties><xa:SigningTime>{signing_time}</xa:SigningTime><xa:SigningCertificate><xa:Cert>"
        f'<xa:CertDigest><xa:DigestMethod Algorithm="{digest_uri}"/><xa:DigestValue>{digest(der, algorithm)}'
        f"</xa:DigestValue></xa:CertDigest><xa:IssuerSerial><ds:X509IssuerName>"
        f"{signer.certificate.issuer.rfc4514_string()}</ds:X509IssuerName><ds:X509SerialNumber>"
        f"{signer.certificate.serial_number}</ds:X509SerialNumber></xa:IssuerSerial></xa:Cert></xa:SigningCertificate>"
        "<xa:SignaturePolicyIdentifier><xa:SignaturePolicyImplied/></xa:SignaturePolicyIdentifier>"
        "</xa:SignedSignatureProperties><xa:SignedDataObjectProperties/></xa:SignedProperties>"
        "</xa:QualifyingProperties></ds:Object></ds:Signature>"
    )
    root = etree.fromstring(text)
    manifest = root.find(f".//{{{DS}}}Manifest")
    properties = root.find(f".//{{{XA}}}SignedProperties")
    assert manifest is not None and properties is not None
    signed_info = root[0]
    for reference, target in zip(signed_info[2:], (manifest, properties), strict=True):
        reference[1].text = digest(etree.tostring(target, method="c14n"), algorithm)
    root[1].text = signer.sign(etree.tostring(signed_info, method="c14n", with_comments=True), algorithm)
    return etree.tostring(root)
