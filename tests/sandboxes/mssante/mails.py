"""Hand-made mails: XDM archives, CDA and PDF written here, with nothing of the product's client."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from dataclasses import dataclass, field, replace
from email import policy
from email.message import EmailMessage

HOSPITAL = "perinat@maternite.mssante.example"
MIDWIFE = "claire.aubepine@sages-femmes.mssante.example"
INS = "279035121518989"
INS_OID = "1.2.250.1.213.1.4.10"
CX = f"{INS}^^^&{INS_OID}&ISO^NH"
PDF = (
    b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Metadata>>stream\n"
    b"<rdf:Description><pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>\n"
    b"endstream endobj\n%%EOF\n"
)
SET_NODE = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
CLASSES = {
    "author": "93606bcf-9494-43ec-9b4e-a7748d1a838d",
    "classCode": "41a5887f-8865-4c09-adf7-e362475b143a",
    "typeCode": "f0306f51-975f-434e-a61c-c59651d33983",
    "formatCode": "a09d5840-386c-46f2-b5ad-9c3699a4309d",
    "confidentialityCode": "f4f85eac-e6cb-4883-b524-f2705394840f",
    "healthcareFacilityTypeCode": "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
    "practiceSettingCode": "cccf5598-8b07-4b77-a05e-ae952c785ead",
}


@dataclass(frozen=True)
class Doc:
    """One CDA and how METADATA.XML speaks of it."""

    name: str = "DOC0001.XML"
    unique_id: str = "2.25.101"
    code: str = "34112-3"
    label: str = "CR hospitalier (séjour)"
    ins: str = INS
    oid: str = INS_OID
    family: str = "CORSE-ÉTÉ"
    given: str = "FIGATELLIX"
    birth: str = "19881012"
    sex: str = "F"
    mask: str = "N"
    pdf: bytes | None = PDF
    replaces: str = ""
    hash: str = ""
    size: str = ""
    uri: str = ""
    patient: str = ""
    type_code: str = ""

    def cda(self) -> bytes:
        body = (
            f'<nonXMLBody><text mediaType="application/pdf" representation="B64">'
            f"{base64.b64encode(self.pdf).decode()}</text></nonXMLBody>"
            if self.pdf is not None
            else "<structuredBody/>"
        )
        ins = f'<id root="{self.oid}" extension="{self.ins}"/>' if self.ins else ""
        sex = f'<administrativeGenderCode code="{self.sex}"/>' if self.sex else ""
        linked = (
            f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{self.replaces}"/></parentDocument>'
            "</relatedDocument>"
            if self.replaces
            else ""
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3">'
            f'<id root="{self.unique_id}"/><code code="{self.code}" codeSystem="2.16.840.1.113883.6.1" '
            f'displayName="{self.label}"/><confidentialityCode code="{self.mask}"/>'
            f'<recordTarget><patientRole>{ins}<id root="1.2.250.1.999.1" extension="IPP42"/><patient><name>'
            f'<family qualifier="BR">{self.family}</family><given>{self.given} JEANNE</given>'
            f'<given qualifier="BR">{self.given}</given></name>{sex}<birthTime value="{self.birth}"/></patient>'
            '</patientRole></recordTarget><documentationOf><serviceEvent><effectiveTime><low value="20261118"/>'
            f"</effectiveTime></serviceEvent></documentationOf>{linked}<component>{body}</component>"
            "</ClinicalDocument>"
        ).encode()

    @property
    def cx(self) -> str:
        local = "IPP42^^^&1.2.250.1.999.1&ISO^PI"
        return self.patient or (f"{self.ins}^^^&{self.oid}&ISO^NH" if self.ins else local)

    @property
    def pdf_name(self) -> str:
        return f"20261118_{self.label[:40].rstrip()}_CORSE-ETE_FIGATELLIX.pdf"


def _slot(name: str, value: str) -> str:
    return f'<Slot name="{name}"><ValueList><Value>{value}</Value></ValueList></Slot>' if value else ""


def _identifier(scheme: str, value: str) -> str:
    return f'<ExternalIdentifier identificationScheme="urn:uuid:{scheme}" value="{value.replace("&", "&amp;")}"/>'


def _entry(doc: Doc, number: int, without: frozenset[str]) -> str:
    data = doc.cda()
    slots = {
        "creationTime": "20261120080000",
        "languageCode": "fr-FR",
        "serviceStartTime": "20261118",
        "sourcePatientId": "IPP42^^^&amp;1.2.250.1.999.1&amp;ISO^PI",
        "hash": doc.hash or hashlib.sha1(data).hexdigest(),
        "size": doc.size or str(len(data)),
        "URI": doc.uri or doc.name,
    }
    kept = "".join(_slot(name, value) for name, value in slots.items() if name not in without)
    classes = "".join(
        f'<Classification classificationScheme="urn:uuid:{scheme}" classifiedObject="Document{number}" '
        f'nodeRepresentation="{(doc.type_code or doc.code) if name == "typeCode" else "X"}"/>'
        for name, scheme in CLASSES.items()
        if name not in without
    )
    return (
        f'<ExtrinsicObject id="Document{number}" mimeType="text/xml" '
        f'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">{kept}{classes}'
        f"{_identifier('58a6f841-87b3-4a3e-92fd-a8ffeff98427', doc.cx)}"
        f"{_identifier('2e82c1f6-a085-4c72-9da3-8640a32e42ab', doc.unique_id)}</ExtrinsicObject>"
    )


def metadata(docs: list[Doc], *, without: frozenset[str] = frozenset(), action: str = "") -> bytes:
    """METADATA.XML; `without`: names of slots, classifications or `HasMember` to leave out."""
    entries = "".join(_entry(doc, number, without) for number, doc in enumerate(docs, 1))
    members = "".join(
        '<Association associationType="urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember" '
        f'sourceObject="Set" targetObject="Document{number}"/>'
        for number in range(1, len(docs) + 1)
        if "HasMember" not in without
    )
    return (
        '<SubmitObjectsRequest xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0">'
        '<RegistryObjectList xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">'
        f'<RegistryPackage id="Set">{_slot("action", action)}'
        f"{_identifier('6b5aea1a-874d-4603-a4bc-96a0a7b38446', docs[0].cx)}"
        f"{_identifier('554ac39e-e3fe-47fe-b233-965d2a147832', '1.2.250.1.999.2')}"
        f"{_identifier('96fdda7c-d067-4183-912e-bf5ee74998a8', '2.25.900')}</RegistryPackage>"
        f'<Classification classifiedObject="Set" classificationNode="{SET_NODE}"/>'
        f"{entries}{members}</RegistryObjectList></SubmitObjectsRequest>"
    ).encode()


def tree(docs: list[Doc], *, without: frozenset[str] = frozenset(), action: str = "") -> dict[str, bytes]:
    """Files of a good archive."""
    files = {"README.TXT": b"Emetteur", "INDEX.HTM": b"<html/>"}
    files["IHE_XDM/SUBSET01/METADATA.XML"] = metadata(docs, without=without, action=action)
    return files | {f"IHE_XDM/SUBSET01/{doc.name}": doc.cda() for doc in docs}


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@dataclass(frozen=True)
class Draft:
    """A document mail; every field can be spoiled. A header set to None is left out."""

    docs: tuple[Doc, ...] = (Doc(),)
    subject: str | None = "XDM/1.0/DDM+CR hospitalier (séjour) CORSE-ETE FIGATELLIX 12/10/1988"
    sender: str = HOSPITAL
    to: str = MIDWIFE
    headers: dict[str, str | None] = field(default_factory=dict)
    archive: bytes | None = None
    archive_name: str = "IHE_XDM.zip"
    pdfs: tuple[tuple[str, bytes], ...] | None = None
    text: str = "Bonjour,\nVoici le compte rendu du séjour.\n"
    message_id: str = "<essai.1@maternite.mssante.example>"

    def but(self, **changes: object) -> Draft:
        return replace(self, **changes)  # type: ignore[arg-type]

    def with_headers(self, **values: str | None) -> Draft:
        named = {name.replace("_", "-"): value for name, value in values.items()}
        return replace(self, headers=self.headers | named)

    def message(self) -> EmailMessage:
        mail = EmailMessage(policy=policy.SMTP)
        defaults: dict[str, str | None] = {
            "From": f"Maternité de Valombre <{self.sender}>",
            "To": self.to,
            "Subject": self.subject,
            "Date": "Fri, 20 Nov 2026 09:00:00 +0100",
            "Message-ID": self.message_id,
            "X-MSS-NIL": "PERINAT000000",
            "X-MSS-CODECDA": ",".join(doc.code for doc in self.docs),
            "X-MSS-INS": "O" if all(doc.ins and doc.sex for doc in self.docs) else "N",
        }
        for name, value in (defaults | self.headers).items():
            if value is not None:
                mail[name] = value
        mail.set_content(self.text)
        archive = zipped(tree(list(self.docs))) if self.archive is None else self.archive
        if archive:
            mail.add_attachment(archive, maintype="application", subtype="zip", filename=self.archive_name)
        pdfs = self.pdfs
        if pdfs is None:
            pdfs = tuple((doc.pdf_name, doc.pdf or PDF) for doc in self.docs)
        for name, data in pdfs:
            mail.add_attachment(data, maintype="application", subtype="pdf", filename=name)
        return mail

    def raw(self) -> bytes:
        return self.message().as_bytes()


def letter(sender: str = HOSPITAL, to: str = MIDWIFE, **headers: str) -> EmailMessage:
    """An ordinary mail without document."""
    mail = EmailMessage(policy=policy.SMTP)
    base = {
        "From": f"Maternité <{sender}>",
        "To": to,
        "Subject": "Question",
        "Date": "Fri, 20 Nov 2026 09:00:00 +0100",
        "Message-ID": "<lettre.1@maternite.mssante.example>",
        "X-MSS-NIL": "PERINAT000000",
    }
    for name, value in (base | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        mail[name] = value
    mail.set_content("Bonjour, êtes-vous disponible ?\n")
    return mail
