"""The XAdES of a lot: IHE manifest, digests, signature, certificate (dmp.md §1.5; XAdES 1.1.1; IHE DSG).

Computed here with lxml and cryptography: a general verifier refuses SHA-1, which both known
implementations of this signature use.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dmp_gateway.sandbox.certificates import (
    CertificateError,
    TrustAnchor,
    is_signature_certificate,
    same_name,
    structures_of,
)
from dmp_gateway.sandbox.refusals import RegistryRefusal, SoapRefusal
from dmp_gateway.sandbox.vihf import decode_certificate, instant
from perinat.standards import xml
from perinat.standards.xml import Element

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.1.1#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_COMMENTS = f"{C14N}#WithComments"
MANIFEST_TYPE = f"{DS}Manifest"
PROPERTIES_TYPE = f"{XADES}SignedProperties"
PURPOSE = "1.2.840.10065.1.12.1.14"
CLAUSE = "dmp §1.5 (XAdES du lot)"
_SIGNATURES: dict[str, hashes.HashAlgorithm] = {
    f"{DS}rsa-sha1": hashes.SHA1(),  # noqa: S303 - what the DMP of today receives (dmp.md §1.5)
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
}
_DIGESTS = {f"{DS}sha1": "sha1", "http://www.w3.org/2001/04/xmlenc#sha256": "sha256"}


def check(
    data: bytes,
    *,
    lot: str,
    documents: dict[str, tuple[bytes, Element]],
    legal: str,
    trust: TrustAnchor,
    now: datetime,
) -> None:
    """`lot`: uniqueId of the lot; `documents`: uniqueId → bytes and tree; `legal`: EJ of the caller.

    Raises RegistryRefusal.
    """
    try:
        root = xml.parse(data)
    except xml.XmlError as error:
        raise _refuse("XadesInvalid", "La signature du lot est illisible.") from error
    if root.tag != _ds("Signature") or not root.get("Id"):
        raise _refuse("XadesInvalid", "Le document de signature n'est pas une ds:Signature identifiée.")
    certificate = _certificate(root, trust, legal, now)
    manifest = _signed_parts(root)
    _signature_value(root, certificate)
    _manifest(manifest, lot, documents)
    _properties(root, certificate)


def _ds(path: str) -> str:
    return "/".join(f"{{{DS}}}{name}" for name in path.split("/"))


def _xa(path: str) -> str:
    return "/".join(f"{{{XADES}}}{name}" for name in path.split("/"))


def _refuse(name: str, reason: str) -> RegistryRefusal:
    return RegistryRefusal.of(f"sandbox:{name}", reason, CLAUSE, "Signature01")


def _certificate(root: Element, trust: TrustAnchor, legal: str, now: datetime) -> x509.Certificate:
    found = root.findall(_ds("KeyInfo/X509Data/X509Certificate"))
    if len(found) != 1:
        raise _refuse("XadesInvalid", "La signature du lot porte un certificat et un seul.")
    try:
        certificate = decode_certificate(found[0].text or "")
        trust.check(certificate, now)
    except (SoapRefusal, CertificateError) as error:
        raise RegistryRefusal.of("DMPInvalidCertificate", "Certificat du lot refusé.", CLAUSE) from error
    if not is_signature_certificate(certificate):
        reason = "Certificat du lot : Not a valid signature certificate."
        raise RegistryRefusal.of("DMPInvalidCertificate", reason, CLAUSE)
    if legal not in structures_of(certificate):
        raise _refuse("XadesSigner", "Le lot n'est pas signé par la structure du VIHF.")
    return certificate


def _signed_parts(root: Element) -> Element:
    """Check the two references of SignedInfo; return the manifest they cover."""
    method = root.find(_ds("SignedInfo/CanonicalizationMethod"))
    if method is None or method.get("Algorithm") not in (C14N, C14N_COMMENTS):
        raise _refuse("XadesInvalid", "Canonicalisation de la signature du lot non admise.")
    references = root.findall(_ds("SignedInfo/Reference"))
    if [reference.get("Type") for reference in references] != [MANIFEST_TYPE, PROPERTIES_TYPE]:
        raise _refuse("XadesInvalid", "La signature du lot référence le manifeste puis les propriétés signées.")
    manifests = root.findall(_ds("Object/Manifest"))
    properties = root.findall(f"{_ds('Object')}/{_xa('QualifyingProperties/SignedProperties')}")
    if len(manifests) != 1 or len(properties) != 1:
        raise _refuse("XadesInvalid", "La signature du lot a un manifeste et un bloc de propriétés signées.")
    if manifests[0].get("Id") != "IHEManifest":
        raise _refuse("XadesInvalid", "Le manifeste du lot s'appelle IHEManifest.")
    identifiers = [item.get("Id") for item in root.iter()]
    for reference, target in zip(references, (manifests[0], properties[0]), strict=True):
        identifier = target.get("Id", "")
        if reference.get("URI") != f"#{identifier}" or identifiers.count(identifier) != 1:
            raise _refuse("XadesInvalid", "Une référence de la signature du lot ne désigne pas son objet.")
        if _digest(reference, xml.c14n(target)) != _expected(reference):
            raise _refuse("XadesDigest", "Empreinte du manifeste ou des propriétés signées fausse.")
    return manifests[0]


def _expected(reference: Element) -> bytes:
    return _decode(reference.findtext(_ds("DigestValue")) or "")


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise _refuse("XadesInvalid", "Une valeur base64 de la signature est illisible.") from error


def _algorithm(reference: Element) -> str:
    method = reference.find(_ds("DigestMethod"))
    name = _DIGESTS.get(method.get("Algorithm", "")) if method is not None else None
    if name is None:
        raise _refuse("XadesInvalid", "Algorithme d'empreinte non admis.")
    return name


def _digest(reference: Element, data: bytes) -> bytes:
    return hashlib.new(_algorithm(reference), data, usedforsecurity=False).digest()


def _signature_value(root: Element, certificate: x509.Certificate) -> None:
    signed_info = root.find(_ds("SignedInfo"))
    method = root.find(_ds("SignedInfo/SignatureMethod"))
    algorithm = _SIGNATURES.get(method.get("Algorithm", "")) if method is not None else None
    if signed_info is None or algorithm is None:
        raise _refuse("XadesInvalid", "Algorithme de signature non admis.")
    comments = any(item.get("Algorithm") == C14N_COMMENTS for item in signed_info)
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)  # checked by decode_certificate
    try:
        key.verify(
            _decode(root.findtext(_ds("SignatureValue")) or ""),
            xml.c14n(signed_info, with_comments=comments),
            padding.PKCS1v15(),
            algorithm,
        )
    except InvalidSignature as error:
        raise _refuse("XadesSignature", "La signature du lot est invalide.") from error


def _manifest(manifest: Element, lot: str, documents: dict[str, tuple[bytes, Element]]) -> None:
    """The lot first (its digest is the constant AA==), then every document, once each, nothing else."""
    references = manifest.findall(_ds("Reference"))
    names = [reference.get("URI", "") for reference in references]
    wanted = [f"urn:oid:{lot}", *(f"urn:oid:{name}" for name in documents)]
    if names[:1] != wanted[:1] or sorted(names) != sorted(wanted):
        raise _refuse("XadesManifest", "Le manifeste ne liste pas le lot puis chacun de ses documents.")
    if (references[0].findtext(_ds("DigestValue")) or "").strip() != "AA==":
        raise _refuse("XadesManifest", "L'empreinte du lot dans le manifeste est la constante AA==.")
    for reference in references[1:]:
        transforms = [item.get("Algorithm") for item in reference.findall(_ds("Transforms/Transform"))]
        if transforms != [C14N_COMMENTS]:
            raise _refuse("XadesManifest", "Un CDA est référencé avec la transformation c14n#WithComments.")
        _, tree = documents[reference.get("URI", "").removeprefix("urn:oid:")]
        if _digest(reference, xml.c14n(tree, with_comments=True)) != _expected(reference):
            raise _refuse("XadesDigest", "L'empreinte d'un document diffère de celle du manifeste.")


def _properties(root: Element, certificate: x509.Certificate) -> None:
    purposes = [item for item in root.iter(_ds("SignatureProperty")) if item.get("Id") == "purposeOfSignature"]
    if len(purposes) != 1 or "".join(str(text) for text in purposes[0].itertext()).strip() != PURPOSE:
        raise _refuse("XadesInvalid", "La propriété purposeOfSignature manque ou est fausse.")
    signed = root.find(f"{_ds('Object')}/{_xa('QualifyingProperties/SignedProperties')}")
    assert signed is not None  # counted by _signed_parts
    properties = signed.find(_xa("SignedSignatureProperties"))
    if properties is None or signed.find(_xa("SignedDataObjectProperties")) is None:
        raise _refuse("XadesInvalid", "Les propriétés signées sont incomplètes.")
    if instant(properties.findtext(_xa("SigningTime")) or "") is None:
        raise _refuse("XadesInvalid", "SigningTime manque ou n'est pas une date avec fuseau.")
    if properties.find(_xa("SignaturePolicyIdentifier/SignaturePolicyImplied")) is None:
        raise _refuse("XadesInvalid", "SignaturePolicyImplied manque.")
    described = properties.find(_xa("SigningCertificate/Cert"))
    if described is None:
        raise _refuse("XadesInvalid", "SigningCertificate manque.")
    _signing_certificate(described, certificate)


def _signing_certificate(described: Element, certificate: x509.Certificate) -> None:
    digest = described.find(_xa("CertDigest"))
    name = described.findtext(f"{_xa('IssuerSerial')}/{_ds('X509IssuerName')}") or ""
    serial = described.findtext(f"{_xa('IssuerSerial')}/{_ds('X509SerialNumber')}") or ""
    if digest is None:
        raise _refuse("XadesInvalid", "CertDigest manque.")
    # XAdES 1.1.1 puts DigestMethod and DigestValue in its own namespace; xmldsig's is seen as well
    method = next((item for item in digest if str(item.tag).endswith("}DigestMethod")), None)
    value = next((item for item in digest if str(item.tag).endswith("}DigestValue")), None)
    algorithm = _DIGESTS.get(method.get("Algorithm", "")) if method is not None else None
    if algorithm is None or value is None:
        raise _refuse("XadesInvalid", "CertDigest est incomplet.")
    der = certificate.public_bytes(serialization.Encoding.DER)
    if hashlib.new(algorithm, der, usedforsecurity=False).digest() != _decode(value.text or ""):
        raise _refuse("XadesSigner", "CertDigest ne désigne pas le certificat de signature.")
    same_issuer = same_name(name, certificate, issuer=True)
    if not same_issuer or serial.strip() != str(certificate.serial_number):
        raise _refuse("XadesSigner", "IssuerSerial ne désigne pas le certificat de signature.")
