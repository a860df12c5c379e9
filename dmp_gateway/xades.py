"""XAdES 1.1.1 signature of a lot, deposited with it as Signature01 (dmp.md §1.5; IHE DSG, ITI TF-3 §5.5).

A manifest names the lot (digest AA==) and every document with its digest: canonical form with
comments of each CDA. The bytes depend on nothing but their arguments: an attempt made again carries
the same signature, or the DMP would see another content under the same identifier.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from dmp_gateway import xmldsig
from dmp_gateway.xmldsig import C14N_WITH_COMMENTS, DS, Reference, Suite
from perinat.standards.pki import Credential

XADES = "http://uri.etsi.org/01903/v1.1.1#"
PURPOSE_SOURCE = "1.2.840.10065.1.12.1.14"
SIGNATURE_ID = "Signature01"
MANIFEST_ID = "IHEManifest"
PROPERTIES_ID = "S0-SignedProperties"
LOT_DIGEST = "AA=="  # what both known implementations write for the lot, which has no bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """One document under signature: OID and bytes (XML)."""

    unique_id: str
    data: bytes


def build(
    lot_unique_id: str, documents: Sequence[Signed], pair: Credential, *, suite: Suite, signed_at: datetime
) -> bytes:
    """The signature document. Raises XmlError when a document is not XML."""
    manifest = _manifest(lot_unique_id, documents, suite)
    properties = _signed_properties(pair, suite, signed_at)
    references = [
        _reference(MANIFEST_ID, f"{DS}Manifest", manifest, suite),
        _reference(PROPERTIES_ID, f"{XADES}SignedProperties", properties, suite),
    ]
    objects = (
        f'<ds:Object><ds:SignatureProperties><ds:SignatureProperty Id="purposeOfSignature" Target="#{SIGNATURE_ID}">'
        f"{PURPOSE_SOURCE}</ds:SignatureProperty></ds:SignatureProperties></ds:Object>"
        f"<ds:Object>{manifest}</ds:Object>"
        f'<ds:Object><xad:QualifyingProperties xmlns:xad="{XADES}" Target="#{SIGNATURE_ID}">{properties}'
        "</xad:QualifyingProperties></ds:Object>"
    )
    signature = xmldsig.signature_xml(
        references, pair, suite=suite, c14n=C14N_WITH_COMMENTS, signature_id=SIGNATURE_ID, objects=objects
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>{signature}'.encode()


def _reference(identifier: str, kind: str, fragment: str, suite: Suite) -> Reference:
    return Reference(f"#{identifier}", xmldsig.digest(xmldsig.canonical(fragment, C14N_WITH_COMMENTS), suite), kind)


def _manifest(lot_unique_id: str, documents: Sequence[Signed], suite: Suite) -> str:
    references = [Reference(f"urn:oid:{lot_unique_id}", LOT_DIGEST)]
    for document in documents:
        canonical = xmldsig.canonical_document(document.data)
        references.append(
            Reference(
                f"urn:oid:{document.unique_id}",
                xmldsig.digest(canonical, suite),
                transforms=(C14N_WITH_COMMENTS,),
            )
        )
    lines = "".join(xmldsig.reference_xml(reference, suite) for reference in references)
    return f'<ds:Manifest xmlns:ds="{DS}" Id="{MANIFEST_ID}">{lines}</ds:Manifest>'


def _signed_properties(pair: Credential, suite: Suite, signed_at: datetime) -> str:
    certificate = xmldsig.digest(base64.b64decode(pair.base64), suite)
    return (
        f'<xad:SignedProperties xmlns:ds="{DS}" xmlns:xad="{XADES}" Id="{PROPERTIES_ID}">'
        "<xad:SignedSignatureProperties>"
        f"<xad:SigningTime>{signed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</xad:SigningTime>"
        f'<xad:SigningCertificate><xad:Cert><xad:CertDigest><xad:DigestMethod Algorithm="{suite.digest_uri}"/>'
        f"<xad:DigestValue>{certificate}</xad:DigestValue></xad:CertDigest><xad:IssuerSerial>"
        f"<ds:X509IssuerName>{escape(pair.issuer_dn)}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{pair.serial_number}</ds:X509SerialNumber></xad:IssuerSerial></xad:Cert>"
        "</xad:SigningCertificate><xad:SignaturePolicyIdentifier><xad:SignaturePolicyImplied/>"
        "</xad:SignaturePolicyIdentifier></xad:SignedSignatureProperties><xad:SignedDataObjectProperties/>"
        "</xad:SignedProperties>"
    )
