"""Messages of a hand-written DMP client: fixed text with holes. Fictitious people only.

Every function takes `edit`, pairs (old, new) applied to the text before it is signed or sent; an
`old` that is not there is an error of the test.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.sandboxes.dmp import plain_client
from tests.sandboxes.dmp.base import EG, MIDWIFE, MOTHER, SOURCE, XSS, Edits, edited, new_oid
from tests.sandboxes.dmp.content import (
    DELETED,
    HAS_MEMBER,
    ORIGINAL,
    Document,
    association,
    entry,
    signature_entry,
    slot,
    submission_set,
)
from tests.sandboxes.dmp.signing import Signer, sign_assertion, sign_lot


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
