"""The one signing primitive of the gateway: XML Signature, W3C Recommendation (second edition), RSA.

The signature is written as text and never re-serialised: what is signed is what is sent. Used by
the VIHF (enveloped, exclusive c14n) and by the XAdES of a lot (objects inside, inclusive c14n).
Why not a library: docs/adr/0008-dmp-signatures.md.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from perinat.standards import xml
from perinat.standards.xml import XmlError

DS = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = f"{DS}enveloped-signature"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
C14N_WITH_COMMENTS = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"


class SigningPair(Protocol):
    """What signing needs of a certificate (`perinat.standards.pki.Credential` has it)."""

    @property
    def key(self) -> rsa.RSAPrivateKey: ...

    @property
    def base64(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Suite:
    """A digest with the RSA signature method that goes with it, and their XML names."""

    name: str
    digest_uri: str
    signature_uri: str
    hash: hashes.HashAlgorithm


SHA1 = Suite("sha1", f"{DS}sha1", f"{DS}rsa-sha1", hashes.SHA1())  # nosec B303: what DMP lots carry today
SHA256 = Suite(
    "sha256",
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    hashes.SHA256(),
)
SUITES = {suite.name: suite for suite in (SHA1, SHA256)}


@dataclass(frozen=True, slots=True)
class Reference:
    """One ds:Reference: `digest` in base64, `transforms` as algorithm URIs in order."""

    uri: str
    digest: str
    type: str = ""
    transforms: tuple[str, ...] = ()


def digest(data: bytes, suite: Suite) -> str:
    """Base64 digest of `data`."""
    return base64.b64encode(hashlib.new(suite.name, data, usedforsecurity=False).digest()).decode("ascii")


def canonical(fragment: str, algorithm: str) -> bytes:
    """Canonical form of a fragment that declares its own namespaces (EXCLUSIVE_C14N or C14N_WITH_COMMENTS)."""
    element = xml.parse(fragment.encode("utf-8"))
    return xml.c14n(element, exclusive=algorithm == EXCLUSIVE_C14N, with_comments=algorithm == C14N_WITH_COMMENTS)


def canonical_document(data: bytes) -> bytes:
    """Canonical form with comments of a whole document, with what stands outside its root.

    Raises XmlError when `data` is not XML, or names a namespace by a relative URI.
    """
    tree = xml.parse(data).getroottree()
    try:
        return etree.tostring(tree, method="c14n", with_comments=True)
    except etree.C14NError as error:
        raise XmlError("Le document XML n'a pas de forme canonique.", str(error)) from error


def reference_xml(reference: Reference, suite: Suite) -> str:
    """ds:Reference, as SignedInfo and Manifest hold it (prefix ds in scope)."""
    kind = f' Type="{reference.type}"' if reference.type else ""
    steps = "".join(f'<ds:Transform Algorithm="{uri}"></ds:Transform>' for uri in reference.transforms)
    transforms = f"<ds:Transforms>{steps}</ds:Transforms>" if steps else ""
    return (
        f'<ds:Reference{kind} URI="{reference.uri}">{transforms}'
        f'<ds:DigestMethod Algorithm="{suite.digest_uri}"></ds:DigestMethod>'
        f"<ds:DigestValue>{reference.digest}</ds:DigestValue></ds:Reference>"
    )


def signature_xml(
    references: Sequence[Reference],
    pair: SigningPair,
    *,
    suite: Suite,
    c14n: str,
    signature_id: str = "",
    objects: str = "",
) -> str:
    """ds:Signature over `references`, with the certificate in KeyInfo.

    SignedInfo is written in its canonical form (the same for both algorithms: one namespace, no
    comment), so it is signed as it stands; `uri` and `type` of a reference hold no character to
    escape. `objects`: ready ds:Object elements, which must declare every namespace they use, so that
    their canonical form is the same alone and in place.
    """
    info = (
        f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{c14n}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{suite.signature_uri}"></ds:SignatureMethod>'
        f"{''.join(reference_xml(reference, suite) for reference in references)}</ds:SignedInfo>"
    )
    value = pair.key.sign(info.encode(), padding.PKCS1v15(), suite.hash)
    identifier = f' Id="{signature_id}"' if signature_id else ""
    return (
        f'<ds:Signature xmlns:ds="{DS}"{identifier}>{info}'
        f"<ds:SignatureValue>{base64.b64encode(value).decode('ascii')}</ds:SignatureValue>"
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{pair.base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        f"{objects}</ds:Signature>"
    )
