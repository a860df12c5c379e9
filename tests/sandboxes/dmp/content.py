"""Contents of a deposit written by hand: a CDA N1 and the ebRIM that describes it."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field, replace

from tests.sandboxes.dmp.base import EG, MIDWIFE, MOTHER, SOURCE, XSS, Edits, edited, new_oid

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
