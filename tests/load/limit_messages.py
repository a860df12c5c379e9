"""The messages of the pipeline limit, as one would write them in an afternoon: templates and nothing more.

Of the same size and kind as what the DMP and an operator accept. They share no code with the product.
"""

from __future__ import annotations

import base64
import hashlib
import io
import uuid
import zipfile
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

ALGORITHMS = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
NOW = "2026-03-16T09:00:00Z"

ASSERTION = (
    '<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" '
    'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'ID="{id}" IssueInstant="{now}" Version="2.0"><saml2:Issuer>CN=1997800016,O=ASIP-SANTE,C=FR</saml2:Issuer>'
    "{signature}<saml2:Subject><saml2:NameID>899900001010</saml2:NameID></saml2:Subject>"
    '<saml2:Conditions NotBefore="{now}" NotOnOrAfter="{now}"></saml2:Conditions>'
    '<saml2:AuthnStatement AuthnInstant="{now}"><saml2:AuthnContext><saml2:AuthnContextClassRef>'
    "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml2:AuthnContextClassRef></saml2:AuthnContext>"
    "</saml2:AuthnStatement><saml2:AttributeStatement>{attributes}</saml2:AttributeStatement></saml2:Assertion>"
)
ATTRIBUTES = "".join(
    f'<saml2:Attribute Name="urn:oasis:names:tc:xspa:1.0:attribute-{number}">'
    f'<saml2:AttributeValue xsi:type="xs:string">valeur {number}</saml2:AttributeValue></saml2:Attribute>'
    for number in range(12)
)
SIGNED_INFO = (
    f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
    f'<ds:SignatureMethod Algorithm="{ALGORITHMS[0]}"></ds:SignatureMethod><ds:Reference URI="#{{id}}">'
    f'<ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"></ds:Transform>'
    f'<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform></ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{ALGORITHMS[1]}"></ds:DigestMethod>'
    "<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
METADATA = (
    '<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" '
    'xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><rim:RegistryObjectList>'
    '<rim:ExtrinsicObject id="{id}" mimeType="text/xml">'
    '<rim:Slot name="hash"><rim:ValueList><rim:Value>{sha1}</rim:Value></rim:ValueList></rim:Slot>'
    '<rim:Slot name="size"><rim:ValueList><rim:Value>{size}</rim:Value></rim:ValueList></rim:Slot>{others}'
    "</rim:ExtrinsicObject></rim:RegistryObjectList></lcm:SubmitObjectsRequest>"
)
SLOTS = "".join(
    f'<rim:Classification id="cl{number}" classificationScheme="urn:uuid:00000000-0000-4000-8000-{number:012d}">'
    f'<rim:Slot name="codingScheme"><rim:ValueList><rim:Value>1.2.250.1.213.{number}</rim:Value></rim:ValueList>'
    f'</rim:Slot><rim:Name><rim:LocalizedString value="libellé de la classification {number}"/></rim:Name>'
    "</rim:Classification>"
    for number in range(16)
)
ENVELOPE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>{assertion}</s:Header>'
    '<s:Body>{metadata}<d:Document xmlns:d="urn:ihe:iti:xds-b:2007" id="{id}">'
    '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:{id}"/></d:Document></s:Body></s:Envelope>'
)
BOUNDARY = "limit"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, and its certificate in base64, loaded once."""

    key: rsa.RSAPrivateKey
    certificate: str


def cda(template: tuple[bytes, bytes], pdf: bytes) -> bytes:
    """N1: what stands before the body, the PDF in base64, what stands after."""
    return template[0] + base64.b64encode(pdf) + template[1]


def assertion(signer: Signer) -> str:
    """A signed SAML assertion: exclusive c14n, SHA-256, RSA."""
    identifier = f"_{uuid.uuid4().hex}"
    unsigned = ASSERTION.format(id=identifier, now=NOW, attributes=ATTRIBUTES, signature="")
    canonical = etree.tostring(etree.fromstring(unsigned), method="c14n", exclusive=True)
    digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
    info = SIGNED_INFO.format(id=identifier, digest=digest)
    value = base64.b64encode(signer.key.sign(info.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    signature = (
        f'<ds:Signature xmlns:ds="{DS}">{info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>'
        f"<ds:X509Certificate>{signer.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
    return ASSERTION.format(id=identifier, now=NOW, attributes=ATTRIBUTES, signature=signature)


def metadata(document: bytes, identifier: str) -> str:
    sha1 = hashlib.sha1(document, usedforsecurity=False).hexdigest()
    return METADATA.format(id=identifier, sha1=sha1, size=len(document), others=SLOTS)


def mtom(document: bytes, identifier: str, signed: str) -> tuple[str, bytes]:
    """Content-Type and body of one deposit."""
    envelope = ENVELOPE.format(assertion=signed, metadata=metadata(document, identifier), id=identifier)
    head = (
        f"--{BOUNDARY}\r\nContent-Type: application/xop+xml\r\nContent-ID: <root>\r\n\r\n{envelope}\r\n"
        f"--{BOUNDARY}\r\nContent-Type: text/xml\r\nContent-ID: <{identifier}>\r\n\r\n"
    )
    body = b"".join((head.encode(), document, f"\r\n--{BOUNDARY}--\r\n".encode()))
    return f'multipart/related; boundary="{BOUNDARY}"; type="application/xop+xml"', body


def xdm(document: bytes, identifier: str) -> bytes:
    """IHE_XDM.zip, members stored."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        package.writestr("README.TXT", "Emetteur : perinat")
        package.writestr("INDEX.HTM", "<html></html>")
        package.writestr("IHE_XDM/SUBSET01/METADATA.XML", metadata(document, identifier))
        package.writestr("IHE_XDM/SUBSET01/DOC0001.XML", document)
    return buffer.getvalue()


def mime(archive: bytes, pdf: bytes, *, sender: str, recipient: str, identifier: str) -> bytes:
    """The mail: the archive and the PDF, in base64 of the standard library."""
    head = (
        f"From: {sender}\r\nTo: {recipient}\r\nSubject: XDM/1.0/DDM\r\nMessage-ID: <{identifier}@limit>\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{BOUNDARY}"\r\n\r\n'
    )
    pieces = [head.encode()]
    for kind, data in (("application/zip", archive), ("application/pdf", pdf)):
        part = f"--{BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        pieces += [part.encode(), base64.encodebytes(data), b"\r\n"]
    pieces.append(f"--{BOUNDARY}--\r\n".encode())
    return b"".join(pieces)
