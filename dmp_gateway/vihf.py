"""VIHF: the SAML 2.0 assertion that says who calls, for whom and from where (dmp.md §2), INDIRECTE and AIR.

VIHF 3.0 as the DMP v2 endpoints expect it. The legal entity (EJ) signs with ORG_SIGN; the site (EG)
is traced in Identifiant_Structure (EJ/EG doctrine, 2023). RSA-SHA256, exclusive c14n, ds:Signature
right after Issuer.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from coordination.ports import Parcel, Reader, Sender
from dmp_gateway import xmldsig
from dmp_gateway.conf import DmpConfig
from dmp_gateway.rights import Mode
from perinat.standards import oids
from perinat.standards.codes import INVISIBLE_REPRESENTANTS_LEGAUX, Code
from perinat.standards.identifiers import Ins
from perinat.standards.pki import Credential

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DN_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
MEDECIN, PHARMACIEN = "10", "21"

# JDV_J65 (subject role): display names of TRE_G15 and TRE_A00 for the users perinat has
_ROLES = {
    "10": "Médecin",
    "21": "Pharmacien",
    "37": "Auxiliaire de puériculture",
    "50": "Sage-Femme",
    "60": "Infirmier",
    "70": "Masseur-Kinésithérapeute",
    "SECRETARIAT_MEDICAL": "Secrétariat médical",
}
_PURPOSE = Code("normal", "1.2.250.1.213.1.1.4.248", "Accès normal")


class SpecialtyMissingError(ValueError):
    """A doctor or pharmacist without the speciality that the VIHF must carry as second role."""


def roles(sender: Sender) -> tuple[Code, ...]:
    """Profession, then the speciality that doctors and pharmacists must show (JDV_J01 `G15_10/SM20` → SM20).

    Raises SpecialtyMissingError.
    """
    profession = sender.user_role
    system = oids.TRE_G15_PROFESSION if profession.isdigit() else oids.TRE_A00_ACTEUR_NON_PS
    first = Code(profession, system, _ROLES.get(profession, ""))
    if profession not in (MEDECIN, PHARMACIEN):
        return (first,)
    _, slash, specialty = sender.user.specialty.code.partition("/")
    if not slash:
        raise SpecialtyMissingError
    label = sender.user.specialty.label.partition(" - ")[2]
    return first, Code(specialty, oids.TRE_R01_SPECIALITE, label)


@dataclass(frozen=True, slots=True)
class Caller:
    """In whose name a call is made. `signed_in_at`: None for a worker, which authenticates as it calls."""

    sender: Sender
    mode: Mode = Mode.INDIRECTE
    signed_in_at: datetime | None = None
    secret: bool = False

    @classmethod
    def of_parcel(cls, parcel: Parcel) -> Caller:
        """The worker that deposits for the site."""
        return cls(parcel.sender, secret=parcel.secret)

    @classmethod
    def of_reader(cls, reader: Reader) -> Caller:
        """The person who consults: AIR when she is strongly authenticated."""
        mode = Mode.AIR if reader.strong else Mode.INDIRECTE
        return cls(reader.sender, mode, reader.signed_in_at, reader.secret)


def build(parcel: Parcel, ins: Ins, pair: Credential, config: DmpConfig, *, now: datetime) -> bytes:
    """The assertion of a deposit. Raises SpecialtyMissingError."""
    return assertion(Caller.of_parcel(parcel), ins, pair, config, now=now)


def assertion(caller: Caller, ins: Ins | None, pair: Credential, config: DmpConfig, *, now: datetime) -> bytes:
    """The signed assertion, ready to be pasted into an envelope: no XML declaration, never to be re-serialised.

    A new one for each call: `ID` is random and its life is short. `ins`: None for what names no patient
    (TD0.4). Raises SpecialtyMissingError.
    """
    identifier = f"_{uuid.uuid4().hex}"
    issuer, rest = _unsigned(caller, ins, pair.subject_dn, config, identifier, now)
    body = xmldsig.canonical(f"{issuer}{rest}", xmldsig.EXCLUSIVE_C14N)
    reference = xmldsig.Reference(
        f"#{identifier}",
        xmldsig.digest(body, xmldsig.SHA256),
        transforms=(xmldsig.ENVELOPED, xmldsig.EXCLUSIVE_C14N),
    )
    signature = xmldsig.signature_xml([reference], pair, suite=xmldsig.SHA256, c14n=xmldsig.EXCLUSIVE_C14N)
    return f"{issuer}{signature}{rest}".encode()


def _unsigned(
    caller: Caller, ins: Ins | None, issuer_dn: str, config: DmpConfig, identifier: str, now: datetime
) -> tuple[str, str]:
    """The assertion cut where its signature goes: up to the end of Issuer, and the rest."""
    issued = _instant(now)
    until = _instant(now + timedelta(seconds=config.vihf_lifetime))
    head = (
        f'<saml2:Assertion xmlns:saml2="{SAML}" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="{oids.NS_XSI}" ID="{identifier}" IssueInstant="{issued}" Version="2.0">'
        f'<saml2:Issuer Format="{DN_FORMAT}">{escape(issuer_dn)}</saml2:Issuer>'
    )
    rest = (
        f"<saml2:Subject><saml2:NameID>{escape(caller.sender.user.ps_idnat)}</saml2:NameID></saml2:Subject>"
        f'<saml2:Conditions NotBefore="{issued}" NotOnOrAfter="{until}"/>'
        f'<saml2:AuthnStatement AuthnInstant="{_instant(caller.signed_in_at or now)}"><saml2:AuthnContext>'
        f"{_authn_context(caller, config)}</saml2:AuthnContext></saml2:AuthnStatement>"
        f"<saml2:AttributeStatement>{_attributes(caller, ins, config)}</saml2:AttributeStatement></saml2:Assertion>"
    )
    return head, rest


def _authn_context(caller: Caller, config: DmpConfig) -> str:
    """How the user was authenticated (EX_0.1-1020); AuthnContextDecl in AIR only (EX_AIR-050)."""
    strong = caller.mode is Mode.AIR
    reference = config.air_authn_context if strong else config.authn_context
    declaration = f"<saml2:AuthnContextDecl>{escape(config.air_declaration)}</saml2:AuthnContextDecl>" if strong else ""
    return f"<saml2:AuthnContextClassRef>{escape(reference)}</saml2:AuthnContextClassRef>{declaration}"


def _attributes(caller: Caller, ins: Ins | None, config: DmpConfig) -> str:
    sender = caller.sender
    texts = [
        ("VIHF_Version", config.vihf_version),
        (config.vihf_mode_attribute, caller.mode.value),
        ("Identifiant_Structure", sender.struct_idnat),
        ("Secteur_Activite", f"{sender.facility_code}^{oids.TRE_R02_SECTEUR_ACTIVITE}"),
        ("urn:oasis:names:tc:xspa:1.0:subject:subject-id", f"{sender.user.given_name} {sender.user.family_name}"),
        ("Ressource_URN", "urn:dmp"),
        ("LPS_Nom", config.lps_name),
        ("LPS_Version", config.lps_version),
        ("LPS_ID_HOMOLOGATION_DMP", config.lps_homologation),
    ]
    if config.lps_id:
        texts.append(("LPS_ID", config.lps_id))
    if ins is not None:
        texts.append(("urn:oasis:names:tc:xacml:2.0:resource:resource-id", ins.cx))
    if caller.secret:
        secret = f"{INVISIBLE_REPRESENTANTS_LEGAUX.code}^{INVISIBLE_REPRESENTANTS_LEGAUX.system}"
        texts.append(("urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code", secret))
    role_values = "".join(_coded("Role", code) for code in roles(sender))
    return (
        "".join(_attribute(name, _text(value)) for name, value in texts)
        + _attribute("urn:oasis:names:tc:xacml:2.0:subject:role", role_values)
        + _attribute(
            "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse",
            _coded("PurposeOfUse", _PURPOSE, system_name="mode acces VIHF 2.0"),
        )
    )


def _attribute(name: str, values: str) -> str:
    return f"<saml2:Attribute Name={quoteattr(name)}>{values}</saml2:Attribute>"


def _text(value: str) -> str:
    return f'<saml2:AttributeValue xsi:type="xs:string">{escape(value)}</saml2:AttributeValue>'


def _coded(element: str, code: Code, *, system_name: str = "") -> str:
    name = f" codeSystemName={quoteattr(system_name)}" if system_name else ""
    label = f" displayName={quoteattr(code.label)}" if code.label else ""
    return (
        f'<saml2:AttributeValue><{element} xmlns="{oids.NS_HL7}" xsi:type="CE" code={quoteattr(code.code)} '
        f'codeSystem="{code.system}"{name}{label}/></saml2:AttributeValue>'
    )


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
