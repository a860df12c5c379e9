"""Fictitious parcels for the DMP, with true CDA documents: test INS OID, FINESS in 99, RPPS in 899."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from coordination.cda import builder, entry
from coordination.cda.model import (
    Address,
    DocumentContent,
    EncounterContent,
    OrganizationContent,
    PatientContent,
    ProfessionalContent,
)
from coordination.ports import Action, Parcel, ParcelDocument, Recipient, Sender
from dmp_gateway.conf import DmpConfig
from perinat.standards import codes, oids
from perinat.standards.codes import Code, DocumentType
from perinat.standards.identifiers import Finess, Ins, Rpps, ins_key, oid_from_uuid
from perinat.standards.xds import SubmissionSet

EJ = Finess("990000010").struct_idnat  # legal entity: the certificates
EG = Finess("990000127").struct_idnat  # site: VIHF, lot, documents
OTHER_EJ = Finess("990000135").struct_idnat
SOURCE_ID = "1.2.250.1.999.1.1"
LOCAL_OID = "1.2.250.1.999.1.2"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
WRITTEN_AT = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


def ins(number: str) -> Ins:
    """A test INS from its 13 first characters."""
    return Ins(number + ins_key(number), oids.INS_NIR_TEST)


MATERNITY = OrganizationContent(
    EG,
    "Maternité d'essai « Les Tilleuls » & fils",
    "01 39 00 00 00",
    Address("12 rue de l'Essai", "78000", "VERSAILLES"),
)
MIDWIFE = ProfessionalContent(
    Rpps("89900000012").ps_idnat, "ESSAI", "Claire", codes.SPECIALTIES["G15_50"], MATERNITY, "Mme"
)
DOCTOR = ProfessionalContent(
    Rpps("89900000020").ps_idnat, "D'EXEMPLE", "Anne", codes.SPECIALTIES["G15_10/SM20"], MATERNITY, "Dr"
)
MOTHER = PatientContent(
    birth_family_name="FICTIVE",
    birth_given_names="JEANNE MARIE",
    birth_date=date(1991, 3, 14),
    sex="F",
    local_id="IPP-0001",
    local_oid=LOCAL_OID,
    ins=ins("2910378646001"),
    birth_place_cog="78646",
)
NEWBORN = replace(
    MOTHER,
    birth_given_names="LOUISE",
    birth_date=date(2026, 3, 11),
    local_id="IPP-0002",
    ins=ins("2260378646042"),
    birth_at=datetime(2026, 3, 11, 5, 0, tzinfo=UTC),
)
STAY = EncounterContent(
    start=datetime(2026, 3, 10, 14, 0, tzinfo=UTC),
    end=datetime(2026, 3, 14, 9, 0, tzinfo=UTC),
    facility=codes.FACILITIES["SA01"],
    practice=codes.PRACTICE_HOSPITAL,
)


def sender(user: ProfessionalContent = MIDWIFE, role: str = "50") -> Sender:
    return Sender(
        name=MATERNITY.name,
        struct_idnat=EG,
        legal_struct_idnat=EJ,
        facility_code="SA01",
        user=entry.professional(user),
        user_role=role,
    )


def document(
    kind: DocumentType = codes.LETTRE_DE_LIAISON_SORTIE,
    *,
    patient: PatientContent = MOTHER,
    masks: tuple[Code, ...] = (),
    replaces: ParcelDocument | None = None,
    pdf: bytes = PDF,
) -> ParcelDocument:
    """A sealed document with identifiers of its own; `replaces` makes it the next version of another."""
    unique_id = oid_from_uuid(uuid.uuid4())
    content = DocumentContent(
        type=kind,
        title=kind.type.label[:128],
        patient=patient,
        author=MIDWIFE,
        authored_at=WRITTEN_AT,
        legal_authenticator=DOCTOR,
        authenticated_at=WRITTEN_AT,
        custodian=MATERNITY,
        encounter=STAY,
        set_id=replaces.set_id if replaces else oid_from_uuid(uuid.uuid4()),
        version=replaces.version + 1 if replaces else 1,
        replaces_unique_id=replaces.unique_id if replaces else "",
        pdf=pdf,
    )
    now = WRITTEN_AT + timedelta(minutes=5)
    cda = builder.build(content, unique_id=unique_id, now=now)
    told = entry.document_entry(content, unique_id=unique_id, cda=cda, now=now)
    return ParcelDocument(
        cda=cda,
        pdf_a=pdf,
        entry=replace(told, confidentiality=(codes.NORMAL, *masks)),  # even what the core would never write
        set_id=content.set_id,
        version=content.version,
        replaces_unique_id=content.replaces_unique_id,
    )


def sealed_again(document: ParcelDocument, *, pdf: bytes) -> ParcelDocument:
    """The identifiers of `document` over other bytes: what must never happen."""
    body = document.cda.replace(base64.b64encode(document.pdf_a), base64.b64encode(pdf))
    digest = hashlib.sha1(body, usedforsecurity=False).hexdigest()
    return replace(document, cda=body, pdf_a=pdf, entry=replace(document.entry, hash_sha1=digest, size=len(body)))


def parcel(
    *documents: ParcelDocument,
    patient: PatientContent = MOTHER,
    action: Action = Action.SEND,
    sent_by: Sender | None = None,
) -> Parcel:
    """A lot from the maternity to the DMP of `patient`."""
    shipment = uuid.uuid4()
    by = sent_by or sender()
    person = entry.source_patient(patient)
    return Parcel(
        shipment_id=shipment,
        action=action,
        sender=by,
        recipient=Recipient("DMP"),
        patient=person,
        submission_set=SubmissionSet(
            unique_id=oid_from_uuid(shipment),
            source_id=SOURCE_ID,
            submitted_at=WRITTEN_AT + timedelta(minutes=10),
            author=by.user,
            content_type=codes.ACTIVITY_HOSPITAL_STAY,
            patient=person,
        ),
        message_id=f"{shipment}@perinat.example",
        documents=documents or (document(patient=patient),),
    )


def config(pki_dir: Path, base_url: str = "https://127.0.0.1:1/services") -> DmpConfig:
    return DmpConfig(
        base_url=base_url,
        pki_dir=pki_dir,
        connect_timeout=2.0,
        read_timeout=2.0,
        lps_version="0.1",
        lps_homologation="PERINAT-ESSAI",
    )
