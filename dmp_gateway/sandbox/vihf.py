"""Reading a VIHF: its signature first, then only what is signed (dmp.md §2)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier
from signxml.exceptions import SignXMLException

from dmp_gateway.sandbox.certificates import CertificateError, TrustAnchor, is_signature_certificate, same_name
from dmp_gateway.sandbox.refusals import SoapRefusal
from dmp_gateway.sandbox.schemas import SAML as SAML_XSD
from dmp_gateway.sandbox.schemas import Schemas
from perinat.standards import oids
from perinat.standards.xml import Element

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
SUBJECT_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
CLAUSE = "dmp §2 (VIHF)"
CLAUSE_CERTIFICATE = "dmp §1.9, §2 (certificat ORG_SIGN, KeyUsage)"
_XSI_TYPE = f"{{{oids.NS_XSI}}}type"
_CONFIGURATION = SignatureConfiguration(
    location="./",
    require_x509=True,
    expect_references=1,
    signature_methods=frozenset({SignatureMethod.RSA_SHA256}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
)


@dataclass(frozen=True, slots=True)
class Coded:
    """A CE value of the VIHF (role, purpose of use)."""

    code: str
    system: str


@dataclass(frozen=True, slots=True)
class Vihf:
    """The signed content. `attributes`: text values by name; coded values apart."""

    identifier: str
    issued_at: datetime
    subject: str
    authn_instant: datetime
    authn_context: str
    authn_declaration: str
    not_before: datetime | None
    not_on_or_after: datetime | None
    attributes: dict[str, list[str]]
    roles: tuple[Coded, ...]
    purpose: Coded | None
    certificate: x509.Certificate

    def first(self, name: str) -> str:
        values = self.attributes.get(name, [])
        return values[0] if values else ""


def read(security: Element | None, *, trust: TrustAnchor, schemas: Schemas, now: datetime) -> Vihf:
    """Verify the signature, the certificate and the issuer; return the signed content.

    Raises SoapRefusal.
    """
    assertion = _assertion(security)
    certificate = _certificate(assertion)
    try:
        trust.check(certificate, now)
    except CertificateError as error:
        raise SoapRefusal("soap:DMPInvalidCertificate", str(error), CLAUSE_CERTIFICATE) from error
    signed = _verified(assertion, certificate)
    if not is_signature_certificate(certificate):
        reason = "Certificat de signature du VIHF invalide : Not a valid signature certificate."
        raise SoapRefusal("soap:DMPInvalidCertificate", reason, CLAUSE_CERTIFICATE)
    issuer = signed.find(f"{{{SAML}}}Issuer")
    if issuer is None or issuer.get("Format") != SUBJECT_NAME or not same_name(issuer.text or "", certificate):
        raise _invalid("VihfIssuer", "L'émetteur du VIHF n'est pas le sujet du certificat de signature.")
    fault = schemas.fault(SAML_XSD, _without_coded_types(assertion))
    if fault:
        raise _invalid("VihfSchema", f"Le VIHF ne respecte pas le schéma SAML 2.0 : {fault}.")
    return _content(signed, certificate)


def _invalid(name: str, reason: str) -> SoapRefusal:
    return SoapRefusal(f"sandbox:{name}", reason, CLAUSE)


def _assertion(security: Element | None) -> Element:
    """The only assertion of the Security header, as a document of its own."""
    if security is None:
        raise _invalid("VihfMissing", "L'en-tête Security avec le VIHF manque.")
    children = [child for child in security if isinstance(child.tag, str)]
    if len(children) != 1 or children[0].tag != f"{{{SAML}}}Assertion":
        raise _invalid("VihfMissing", "L'en-tête Security contient une assertion SAML 2.0 et rien d'autre.")
    assertion = etree.fromstring(etree.tostring(children[0], with_tail=False))
    if assertion.get("Version") != "2.0" or not assertion.get("ID"):
        raise _invalid("VihfSchema", "L'assertion n'est pas une assertion SAML 2.0 identifiée.")
    order = [child.tag for child in assertion if isinstance(child.tag, str)]
    if order[:2] != [f"{{{SAML}}}Issuer", f"{{{DS}}}Signature"]:
        raise _invalid("VihfSignature", "La signature du VIHF ne suit pas immédiatement l'émetteur.")
    return assertion


def _certificate(assertion: Element) -> x509.Certificate:
    found = assertion.findall(f"{{{DS}}}Signature/{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if len(found) != 1:
        raise _invalid("VihfSignature", "La signature du VIHF porte un certificat et un seul.")
    return decode_certificate(found[0].text or "")


@lru_cache(maxsize=256)
def decode_certificate(text: str) -> x509.Certificate:
    """A ds:X509Certificate. Raises SoapRefusal DMPInvalidCertificate: unreadable, or not RSA."""
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise SoapRefusal("soap:DMPInvalidCertificate", "Certificat illisible.", CLAUSE_CERTIFICATE) from error
    if not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        raise SoapRefusal("soap:DMPInvalidCertificate", "Clé du certificat non RSA.", CLAUSE_CERTIFICATE)
    return certificate


def _verified(assertion: Element, certificate: x509.Certificate) -> Element:
    """The tree that the signature covers: the whole assertion, by its ID, exc-c14n, SHA-256."""
    signature = assertion.find(f"{{{DS}}}Signature")
    assert signature is not None  # order checked by _assertion
    method = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}CanonicalizationMethod")
    transforms = [t.get("Algorithm") for t in signature.iter(f"{{{DS}}}Transform")]
    reference = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    if method is None or method.get("Algorithm") != EXC_C14N or transforms != [ENVELOPED, EXC_C14N]:
        raise _invalid("VihfSignature", "Canonicalisation ou transformations de la signature non admises.")
    if reference is None or reference.get("URI") != "#" + assertion.get("ID", ""):
        raise _invalid("VihfSignature", "La signature ne référence pas l'assertion entière.")
    try:
        result = XMLVerifier().verify(
            etree.tostring(assertion), x509_cert=certificate, expect_config=_CONFIGURATION, id_attribute="ID"
        )
    except (SignXMLException, ValueError, etree.LxmlError) as error:
        raise _invalid("VihfSignature", "La signature du VIHF est invalide.") from error
    signed = None if isinstance(result, list) else result.signed_xml
    if signed is None or signed.tag != f"{{{SAML}}}Assertion" or signed.get("ID") != assertion.get("ID"):
        raise _invalid("VihfSignature", "La signature ne couvre pas l'assertion.")
    return signed


def _without_coded_types(assertion: Element) -> Element:
    """The same tree without the xsi:type of HL7 values, whose types the SAML schema does not know."""
    tree = etree.fromstring(etree.tostring(assertion))
    for element in tree.iter(f"{{{oids.NS_HL7}}}*"):
        if element.get(_XSI_TYPE):
            del element.attrib[_XSI_TYPE]
    return tree


def instant(text: str) -> datetime | None:
    """xs:dateTime with a time zone; None when absent or wrong."""
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return value.astimezone(UTC) if value.tzinfo else None


def _content(signed: Element, certificate: x509.Certificate) -> Vihf:
    issued_at = instant(signed.get("IssueInstant", ""))
    statement = signed.find(f"{{{SAML}}}AuthnStatement")
    if issued_at is None or statement is None:
        raise _invalid("VihfSchema", "IssueInstant ou AuthnStatement manque.")
    authn = instant(statement.get("AuthnInstant", ""))
    if authn is None:
        raise _invalid("VihfSchema", "AuthnInstant manque ou n'est pas une date avec fuseau.")
    context = f"{{{SAML}}}AuthnContext/{{{SAML}}}"
    conditions = signed.find(f"{{{SAML}}}Conditions")
    attributes, roles, purpose = _attributes(signed)
    return Vihf(
        identifier=signed.get("ID", ""),
        issued_at=issued_at,
        subject=(signed.findtext(f"{{{SAML}}}Subject/{{{SAML}}}NameID") or "").strip(),
        authn_instant=authn,
        authn_context=(statement.findtext(f"{context}AuthnContextClassRef") or "").strip(),
        authn_declaration=(statement.findtext(f"{context}AuthnContextDecl") or "").strip(),
        not_before=_condition(conditions, "NotBefore"),
        not_on_or_after=_condition(conditions, "NotOnOrAfter"),
        attributes=attributes,
        roles=tuple(roles),
        purpose=purpose,
        certificate=certificate,
    )


def _condition(conditions: Element | None, name: str) -> datetime | None:
    if conditions is None or conditions.get(name) is None:
        return None
    value = instant(conditions.get(name, ""))
    if value is None:
        raise _invalid("VihfSchema", f"Conditions/@{name} n'est pas une date avec fuseau.")
    return value


def _attributes(signed: Element) -> tuple[dict[str, list[str]], list[Coded], Coded | None]:
    texts: dict[str, list[str]] = {}
    roles: list[Coded] = []
    purposes: list[Coded] = []
    for attribute in signed.iterfind(f"{{{SAML}}}AttributeStatement/{{{SAML}}}Attribute"):
        name = attribute.get("Name", "")
        if name in texts:
            raise _invalid("VihfAttribute", f"Attribut {name} présent deux fois.")
        values = texts.setdefault(name, [])
        for value in attribute.iterfind(f"{{{SAML}}}AttributeValue"):
            roles += _coded(value, "Role")
            purposes += _coded(value, "PurposeOfUse")
            values.append((value.text or "").strip())
    if len(purposes) > 1:
        raise _invalid("VihfAttribute", "PurposeOfUse présent deux fois.")
    return texts, roles, purposes[0] if purposes else None


def _coded(value: Element, name: str) -> list[Coded]:
    return [
        Coded(element.get("code", ""), element.get("codeSystem", ""))
        for element in value.iterfind(f"{{{oids.NS_HL7}}}{name}")
        if element.get(_XSI_TYPE, "").split(":")[-1] == "CE"
    ]
