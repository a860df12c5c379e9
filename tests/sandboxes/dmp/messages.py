"""Messages of a hand-written DMP client: fixed text with holes. Fictitious people only.

Every function takes `edit`, pairs (old, new) applied to the text before it is signed or sent; an
`old` that is not there is an error of the test.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tests.sandboxes.dmp import plain_client
from tests.sandboxes.dmp.signing import Signer, sign_assertion, sign_lot

EJ = "1990000127"  # legal entity, whose certificates are used
EG = "1990000135"  # its maternity site
OTHER_EJ = "1990000143"
MOTHER = "290019999900113^^^&1.2.250.1.213.1.4.10&ISO^NH"
CLOSED = "287099999900887^^^&1.2.250.1.213.1.4.10&ISO^NH"
NO_DMP = "292089999900919^^^&1.2.250.1.213.1.4.10&ISO^NH"
OPPOSED = "289029999900673^^^&1.2.250.1.213.1.4.10&ISO^NH"
BLOCKED = "291119999900523^^^&1.2.250.1.213.1.4.10&ISO^NH"
EXPIRED = "295049999900407^^^&1.2.250.1.213.1.4.10&ISO^NH"
NEVER_AUTHORISED = "288079999900311^^^&1.2.250.1.213.1.4.10&ISO^NH"
MIDWIFE = "899700000013"  # 8 + RPPS
SOURCE = "1.2.250.1.999.1.1"
XSS = "urn:oasis:names:tc:ebxml-regrep:"
Edits = tuple[tuple[str, str], ...]


def edited(text: str, edit: Edits) -> str:
    for old, new in edit:
        assert old in text, f"nothing to edit: {old}"
        text = text.replace(old, new)
    return text


def new_oid() -> str:
    return f"2.25.{uuid.uuid4().int}"


def attribute(name: str, value: str) -> str:
    return f'<saml2:Attribute Name="{name}">{value}</saml2:Attribute>'


def text_value(value: str) -> str:
    return f'<saml2:AttributeValue xsi:type="xs:string">{value}</saml2:AttributeValue>'


def role_value(code: str, system: str = "1.2.250.1.71.1.2.7", label: str = "Sage-Femme") -> str:
    return (
        f'<saml2:AttributeValue><Role xmlns="urn:hl7-org:v3" xsi:type="CE" code="{code}" codeSystem="{system}" '
        f'displayName="{label}"/></saml2:AttributeValue>'
    )


def vihf(
    signer: Signer,
    *,
    patient: str = MOTHER,
    structure: str = EG,
    mode: str = "INDIRECTE",
    roles: str = role_value("50"),
    issued: datetime | None = None,
    issuer: str | None = None,
    extra: str = "",
    edit: Edits = (),
    algorithm: str = "sha256",
) -> str:
    """A signed VIHF assertion."""
    moment = issued or datetime.now(UTC)
    instant, login = (t.strftime("%Y-%m-%dT%H:%M:%SZ") for t in (moment, moment - timedelta(minutes=3)))
    declaration = "<saml2:AuthnContextDecl>CONF_EXI_PGSSIS</saml2:AuthnContextDecl>"
    text = (
        '<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'ID="_{uuid.uuid4().hex}" IssueInstant="{instant}" Version="2.0"><saml2:Issuer '
        f'Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName">{issuer or signer.dn}</saml2:Issuer>'
        f"<saml2:Subject><saml2:NameID>{MIDWIFE}</saml2:NameID></saml2:Subject>"
        f'<saml2:AuthnStatement AuthnInstant="{login}"><saml2:AuthnContext><saml2:AuthnContextClassRef>'
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml2:AuthnContextClassRef>"
        f"{declaration if mode == 'INDIRECTE_RENFORCEE' else ''}</saml2:AuthnContext></saml2:AuthnStatement>"
        "<saml2:AttributeStatement>"
        + attribute("VIHF_Version", text_value("3.0"))
        + attribute("Authentification_Mode", text_value(mode))
        + attribute("Identifiant_Structure", text_value(structure))
        + attribute("Secteur_Activite", text_value("SA01^1.2.250.1.71.4.2.4"))
        + attribute("urn:oasis:names:tc:xspa:1.0:subject:subject-id", text_value("Ada MARTIN"))
        + attribute("urn:oasis:names:tc:xacml:2.0:subject:role", roles)
        + attribute("urn:oasis:names:tc:xacml:2.0:resource:resource-id", text_value(patient.replace("&", "&amp;")))
        + attribute("Ressource_URN", text_value("urn:dmp"))
        + attribute(
            "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse",
            '<saml2:AttributeValue><PurposeOfUse xmlns="urn:hl7-org:v3" xsi:type="CE" code="normal" '
            'codeSystem="1.2.250.1.213.1.1.4.248" codeSystemName="mode acces VIHF 2.0" displayName="Accès normal"/>'
            "</saml2:AttributeValue>",
        )
        + attribute("LPS_Nom", text_value("Essai"))
        + attribute("LPS_Version", text_value("1.0"))
        + attribute("LPS_ID_HOMOLOGATION_DMP", text_value("ESSAI-0000"))
        + f"{extra}</saml2:AttributeStatement></saml2:Assertion>"
    )
    return sign_assertion(edited(text, edit), signer, algorithm)


def envelope(action: str, assertion: str, body: str, *, edit: Edits = ()) -> bytes:
    """A SOAP 1.2 request with its four WS-Addressing headers."""
    text = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{action}</a:Action><a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>'
        '<a:ReplyTo s:mustUnderstand="1"><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address>'
        "</a:ReplyTo><a:To/>"
        '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
        f"{assertion}</w:Security></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    return edited(text, edit).encode()


# --- TD0.2 ------------------------------------------------------------------------------------------
EXISTENCE = "urn:hl7-org:v3:PRPA_IN201307UV02"


def existence(patient: str = MOTHER, *, edit: Edits = ()) -> str:
    matricule, oid = patient.split("^")[0], patient.split("&")[1]
    text = (
        '<PRPA_IN201307UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0">'
        f'<id root="{new_oid()}"/><creationTime value="20260102101112"/>'
        '<interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201307UV02"/><processingCode code="P"/>'
        '<processingModeCode code="T"/><acceptAckCode code="AL"/><receiver typeCode="RCV"><device classCode="DEV" '
        'determinerCode="INSTANCE"><id root="1.2.250.1.213.4.1.1.1"/><softwareName>DMP</softwareName></device>'
        '</receiver><sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">'
        f'<id root="{SOURCE}"/><softwareName>Essai</softwareName></device></sender>'
        '<controlActProcess classCode="CACT" moodCode="EVN"><code code="PRPA_TE201307UV02"/>'
        '<reasonCode code="TEST_EXST" codeSystem="1.2.250.1.213.1.1.4.11"/><queryByParameter>'
        '<queryId root="1.2.250.1.999.7" extension="1"/><statusCode code="new"/><parameterList><patientIdentifier>'
        f'<value root="{oid}" extension="{matricule}"/><semanticsText>Patient.id</semanticsText>'
        "</patientIdentifier></parameterList></queryByParameter></controlActProcess></PRPA_IN201307UV02>"
    )
    return edited(text, edit)


# --- CDA --------------------------------------------------------------------------------------------
CDA_PERSON = (
    "<assignedPerson><name><prefix>MME</prefix><given>Ada</given><family>MARTIN</family></name></assignedPerson>"
)
CDA_PLACE = (
    "<telecom value='tel:0100000000' use='WP'/><addr><houseNumber>1</houseNumber><streetName>rue des Essais"
    "</streetName><postalCode>78000</postalCode><city>VERSAILLES</city></addr>"
)
CDA_ORG = f"<id root='1.2.250.1.71.4.2.2' extension='{EG}'/><name>Maternité des Essais</name>"


@dataclass(frozen=True)
class Document:
    """A CDA N1 and what its metadata must repeat. `cda_edit` and `entry_edit` break one or the other."""

    unique_id: str = field(default_factory=new_oid)
    set_id: str = field(default_factory=new_oid)
    version: int = 1
    patient: str = MOTHER
    related: str = ""
    confidentiality: tuple[str, ...] = ("N",)
    cda_edit: Edits = ()
    entry_edit: Edits = ()
    payload: str = "JVBERi0xLjQKJeLjz9MK"

    def cda(self) -> bytes:
        matricule, oid = self.patient.split("^")[0], self.patient.split("&")[1]
        related = (
            f"<relatedDocument typeCode='RPLC'><parentDocument><id root='{self.related}'/></parentDocument>"
            "</relatedDocument>"
        )
        text = f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><realmCode code="FR"/>
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><templateId root="2.16.840.1.113883.2.8.2.1"/>
<templateId root="1.2.250.1.213.1.1.1.1"/><templateId root="1.3.6.1.4.1.19376.1.2.20"/><id root="{self.unique_id}"/>
<code code="15508-5" displayName="CR d'accouchement" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<title>CR d'accouchement</title><effectiveTime value="20260102113000+0100"/>
<confidentialityCode code="N" displayName="Normal" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/>
<setId root="{self.set_id}"/><versionNumber value="{self.version}"/>
<recordTarget><patientRole><id root="{oid}" extension="{matricule}"/><id root="1.2.250.1.999.2" extension="IPP1"/>
<addr nullFlavor="NASK"/><telecom nullFlavor="NASK"/><patient classCode="PSN"><name>
<family qualifier="BR">CLEMENT</family>
<given>Aline Rose</given><given qualifier="BR">Aline</given></name>
<administrativeGenderCode code="F" displayName="Féminin" codeSystem="2.16.840.1.113883.5.1"/>
<birthTime value="19900112"/>
<birthplace><place><addr><county>99999</county></addr></place></birthplace></patient></patientRole></recordTarget>
<author><time value="20260102113000+0100"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="{MIDWIFE}"/>
<code code="G15_50" displayName="Sage-Femme" codeSystem="1.2.250.1.213.1.1.4.5"/>
<addr nullFlavor="NASK"/><telecom nullFlavor="NASK"/>{CDA_PERSON}<representedOrganization>{CDA_ORG}{CDA_PLACE}
</representedOrganization></assignedAuthor></author><custodian><assignedCustodian><representedCustodianOrganization>
{CDA_ORG}{CDA_PLACE}</representedCustodianOrganization></assignedCustodian></custodian>
<legalAuthenticator><time value="20260102113000+0100"/><signatureCode code="S"/><assignedEntity>
<id root="1.2.250.1.71.4.2.1" extension="{MIDWIFE}"/>
<code code="G15_50" displayName="Sage-Femme" codeSystem="1.2.250.1.213.1.1.4.5"/><addr nullFlavor="NASK"/>
<telecom nullFlavor="NASK"/>{CDA_PERSON}<representedOrganization>{CDA_ORG}{CDA_PLACE}</representedOrganization>
</assignedEntity></legalAuthenticator><documentationOf><serviceEvent><id root="1.2.250.1.999.3" extension="1"/>
<code code="236973005" displayName="Accouchement" codeSystem="2.16.840.1.113883.6.96" codeSystemName="SNOMED CT"/>
<effectiveTime><low value="20260101080000+0100"/><high value="20260102113000+0100"/></effectiveTime>
<performer typeCode="PRF"><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="{MIDWIFE}"/>{CDA_PERSON}
<representedOrganization>{CDA_ORG}{CDA_PLACE}<standardIndustryClassCode code="ETABLISSEMENT"
displayName="Etablissement de santé" codeSystem="1.2.250.1.213.1.1.4.9"/></representedOrganization></assignedEntity>
</performer></serviceEvent></documentationOf>{related if self.related else ""}<componentOf><encompassingEncounter>
<effectiveTime><low value="20260101080000+0100"/></effectiveTime><location><healthCareFacility>
<id root="1.2.250.1.71.4.2.2" extension="{EG}"/><code code="SA01" displayName="Etablissement public de santé"
codeSystem="1.2.250.1.71.4.2.4"/></healthCareFacility></location></encompassingEncounter></componentOf>
<component><nonXMLBody><text mediaType="application/pdf" representation="B64">{self.payload}</text></nonXMLBody>
</component></ClinicalDocument>"""
        return edited(text, self.cda_edit).encode()

    def next_version(self) -> Document:
        return replace(self, unique_id=new_oid(), version=self.version + 1, related=self.unique_id)


# --- ebRIM ------------------------------------------------------------------------------------------
def slot(name: str, *values: str) -> str:
    lines = "".join(f"<Value>{value.replace('&', '&amp;')}</Value>" for value in values)
    return f'<Slot name="{name}"><ValueList>{lines}</ValueList></Slot>'


def local(text: str) -> str:
    return f'<LocalizedString charset="UTF8" xml:lang="FR" value="{text}"/>'


def classification(owner: str, scheme: str, code: str, system: str, label: str) -> str:
    return (
        f'<Classification id="c{uuid.uuid4().hex}" classificationScheme="urn:uuid:{scheme}" classifiedObject="{owner}" '
        f'nodeRepresentation="{code}">{slot("codingScheme", system)}<Name>{local(label)}</Name></Classification>'
    )


def author(owner: str, scheme: str, structure: str) -> str:
    return (
        f'<Classification id="c{uuid.uuid4().hex}" classificationScheme="urn:uuid:{scheme}" classifiedObject="{owner}" '
        f'nodeRepresentation="">{slot("authorPerson", person())}'
        + slot("authorInstitution", f"Maternité des Essais^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^{structure}")
        + slot("authorSpecialty", "G15_50^Sage-Femme^1.2.250.1.213.1.1.4.5")
        + "</Classification>"
    )


def person() -> str:
    return f"{MIDWIFE}^MARTIN^Ada^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"


def identifier(owner: str, scheme: str, name: str, value: str) -> str:
    return (
        f'<ExternalIdentifier id="e{uuid.uuid4().hex}" registryObject="{owner}" '
        f'identificationScheme="urn:uuid:{scheme}" value="{value.replace("&", "&amp;")}"><Name>{local(name)}</Name>'
        "</ExternalIdentifier>"
    )


DE = "XDSDocumentEntry"
SS = "XDSSubmissionSet"


def entry(document: Document, number: int) -> str:
    """The ExtrinsicObject of a document, hash and size included."""
    owner, data = f"Document{number:02d}", document.cda()
    masks = "".join(
        classification(owner, "f4f85eac-e6cb-4883-b524-f2705394840f", code, system, code)
        for code in document.confidentiality
        for system in ["2.16.840.1.113883.5.25" if code == "N" else "1.2.250.1.213.1.1.4.13"]
    )
    text = (
        f'<ExtrinsicObject id="{owner}" mimeType="text/xml" '
        'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
        + slot("languageCode", "fr-FR")
        + slot("creationTime", "20260102103000")
        + slot("serviceStartTime", "20260101070000")
        + slot("serviceStopTime", "20260102103000")
        + slot("legalAuthenticator", person())
        + slot("sourcePatientId", "IPP1^^^&1.2.250.1.999.2&ISO^PI")
        + slot("sourcePatientInfo", "PID-5|CLEMENT^Aline^^^^^L", "PID-7|19900112", "PID-8|F")
        + slot("hash", hashlib.sha1(data).hexdigest())
        + slot("size", str(len(data)))
        + f"<Name>{local('CR d&apos;accouchement')}</Name>"
        + author(owner, "93606bcf-9494-43ec-9b4e-a7748d1a838d", EG)
        + classification(owner, "41a5887f-8865-4c09-adf7-e362475b143a", "10", "1.2.250.1.213.1.1.4.1", "Compte rendu")
        + classification(
            owner, "f0306f51-975f-434e-a61c-c59651d33983", "15508-5", "2.16.840.1.113883.6.1", "CR d&apos;accouchement"
        )
        + classification(
            owner,
            "a09d5840-386c-46f2-b5ad-9c3699a4309d",
            "urn:ihe:iti:xds-sd:pdf:2008",
            "1.3.6.1.4.1.19376.1.2.3",
            "PDF",
        )
        + masks
        + facility(owner)
        + identifier(owner, "58a6f841-87b3-4a3e-92fd-a8ffeff98427", f"{DE}.patientId", document.patient)
        + identifier(owner, "2e82c1f6-a085-4c72-9da3-8640a32e42ab", f"{DE}.uniqueId", document.unique_id)
        + "</ExtrinsicObject>"
    )
    return edited(text, document.entry_edit)


def facility(owner: str) -> str:
    return classification(
        owner, "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", "SA01", "1.2.250.1.71.4.2.4", "Etablissement public"
    ) + classification(
        owner, "cccf5598-8b07-4b77-a05e-ae952c785ead", "ETABLISSEMENT", "1.2.250.1.213.1.1.4.9", "Etablissement"
    )


def signature_entry(patient: str, unique_id: str) -> str:
    owner = "Signature01"
    return (
        f'<ExtrinsicObject id="{owner}" mimeType="text/xml" '
        'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
        + slot("languageCode", "art")
        + slot("creationTime", "20260102103000")
        + slot("serviceStartTime", "20260102103000")
        + slot("legalAuthenticator", person())
        + slot("sourcePatientId", "IPP1^^^&1.2.250.1.999.2&ISO^PI")
        + f"<Name>{local('Source')}</Name>"
        + author(owner, "93606bcf-9494-43ec-9b4e-a7748d1a838d", EG)
        + classification(
            owner,
            "41a5887f-8865-4c09-adf7-e362475b143a",
            "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1",
            "URN",
            "Digital Signature",
        )
        + classification(owner, "f0306f51-975f-434e-a61c-c59651d33983", "E1762", "ASTM", "Full Document")
        + classification(
            owner,
            "a09d5840-386c-46f2-b5ad-9c3699a4309d",
            "http://www.w3.org/2000/09/xmldsig#",
            "URN",
            "Default Signature Style",
        )
        + classification(
            owner,
            "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
            "1.2.840.10065.1.12.1.14",
            "1.2.840.10065.1.12",
            "Source",
        )
        + classification(owner, "f4f85eac-e6cb-4883-b524-f2705394840f", "N", "2.16.840.1.113883.5.25", "Normal")
        + classification(owner, "f4f85eac-e6cb-4883-b524-f2705394840f", "MASQUE_PS", "1.2.250.1.213.1.1.4.13", "Masqué")
        + classification(
            owner, "f4f85eac-e6cb-4883-b524-f2705394840f", "INVISIBLE_PATIENT", "1.2.250.1.213.1.1.4.13", "Invisible"
        )
        + facility(owner)
        + identifier(owner, "58a6f841-87b3-4a3e-92fd-a8ffeff98427", f"{DE}.patientId", patient)
        + identifier(owner, "2e82c1f6-a085-4c72-9da3-8640a32e42ab", f"{DE}.uniqueId", unique_id)
        + "</ExtrinsicObject>"
    )


def submission_set(lot: str, patient: str, structure: str = EG) -> str:
    owner = "SubmissionSet01"
    return (
        f'<RegistryPackage id="{owner}">'
        + slot("submissionTime", "20260102110000")
        + author(owner, "a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d", structure)
        + classification(
            owner, "aa543740-bdda-424e-8c96-df4873be8500", "03", "1.2.250.1.213.2.2", "Hospitalisation complète"
        )
        + identifier(owner, "6b5aea1a-874d-4603-a4bc-96a0a7b38446", f"{SS}.patientId", patient)
        + identifier(owner, "554ac39e-e3fe-47fe-b233-965d2a147832", f"{SS}.sourceId", SOURCE)
        + identifier(owner, "96fdda7c-d067-4183-912e-bf5ee74998a8", f"{SS}.uniqueId", lot)
        + "</RegistryPackage>"
        + f'<Classification id="cl-set" classifiedObject="{owner}" '
        'classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"/>'
    )


def association(kind: str, source: str, target: str, *slots: str) -> str:
    return (
        f'<Association id="a{uuid.uuid4().hex}" associationType="{kind}" sourceObject="{source}" '
        f'targetObject="{target}">{"".join(slots)}</Association>'
    )


ORIGINAL = slot("SubmissionSetStatus", "Original")
HAS_MEMBER = f"{XSS}AssociationType:HasMember"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"


# --- ITI-41 -----------------------------------------------------------------------------------------
DEPOSIT = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"


@dataclass(frozen=True)
class Lot:
    """A deposit. `replaces`: entryUUID replaced by the first document; `*_edit` break one part each."""

    documents: tuple[Document, ...]
    lot: str = field(default_factory=new_oid)
    patient: str = MOTHER
    replaces: str = ""
    rim_edit: Edits = ()
    xades: bytes | None = None
    xades_edit: Edits = ()
    algorithm: str = "sha1"
    include_edit: Edits = ()

    def message(self, assertion: str, signer: Signer) -> tuple[bytes, str]:
        """Body and Content-Type of the HTTP request."""
        names = [f"Document{number:02d}" for number in range(1, len(self.documents) + 1)]
        contents = [(document.unique_id, document.cda()) for document in self.documents]
        xades = self.xades or sign_lot(self.lot, contents, signer, algorithm=self.algorithm)
        xades = edited(xades.decode(), self.xades_edit).encode()
        members = [association(HAS_MEMBER, "SubmissionSet01", name, ORIGINAL) for name in [*names, "Signature01"]]
        signs = association("urn:ihe:iti:2007:AssociationType:signs", "Signature01", "SubmissionSet01", ORIGINAL)
        replacement = association("urn:ihe:iti:2007:AssociationType:RPLC", "Document01", self.replaces)
        rim = (
            submission_set(self.lot, self.patient)
            + "".join(entry(document, number) for number, document in enumerate(self.documents, 1))
            + signature_entry(self.patient, new_oid())
            + "".join(members)
            + signs
            + (replacement if self.replaces else "")
        )
        parts = [*zip(names, (data for _, data in contents), strict=True), ("Signature01", xades)]
        includes = "".join(
            f'<x:Document id="{name}"><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" '
            f'href="cid:{name}%40essai"/></x:Document>'
            for name, _ in parts
        )
        body = (
            '<x:ProvideAndRegisterDocumentSetRequest xmlns:x="urn:ihe:iti:xds-b:2007">'
            f'<l:SubmitObjectsRequest xmlns:l="{XSS}xsd:lcm:3.0"><RegistryObjectList xmlns="{XSS}xsd:rim:3.0">'
            f"{edited(rim, self.rim_edit)}</RegistryObjectList></l:SubmitObjectsRequest>"
            f"{edited(includes, self.include_edit)}</x:ProvideAndRegisterDocumentSetRequest>"
        )
        root = envelope(DEPOSIT, assertion, body)
        return plain_client.multipart(root, [(f"{name}@essai", data) for name, data in parts])


# --- ITI-18 and ITI-57 ------------------------------------------------------------------------------
QUERY = "urn:ihe:iti:2007:RegistryStoredQuery"
UPDATE = "urn:ihe:iti:2010:UpdateDocumentSet"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"


def get_documents(value: str, *, name: str = "UniqueId", returns: str = "ObjectRef", edit: Edits = ()) -> str:
    text = (
        f'<q:AdhocQueryRequest xmlns:q="{XSS}xsd:query:3.0" xmlns="{XSS}xsd:rim:3.0">'
        f'<q:ResponseOption returnComposedObjects="true" returnType="{returns}"/><AdhocQuery id="{GET_DOCUMENTS}">'
        f"{slot(f'$XDSDocumentEntry{name}', f'({chr(39)}{value}{chr(39)})')}</AdhocQuery></q:AdhocQueryRequest>"
    )
    return edited(text, edit)


def deletion(
    entry_uuid: str, *, patient: str = MOTHER, lot: str | None = None, structure: str = EG, edit: Edits = ()
) -> str:
    link = association(
        "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus",
        "SubmissionSet01",
        entry_uuid,
        slot("OriginalStatus", f"{XSS}StatusType:Approved"),
        slot("NewStatus", DELETED),
    )
    text = (
        f'<l:SubmitObjectsRequest xmlns:l="{XSS}xsd:lcm:3.0"><RegistryObjectList xmlns="{XSS}xsd:rim:3.0">'
        f"{submission_set(lot or new_oid(), patient, structure)}{link}</RegistryObjectList></l:SubmitObjectsRequest>"
    )
    return edited(text, edit)
