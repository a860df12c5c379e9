"""Fictitious people, sites and parcels for the tests of the gateway."""

from __future__ import annotations

import dataclasses
import hashlib
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from coordination.ports import Action, Parcel, ParcelDocument, Recipient, Sender
from mssante.conf import MssanteConfig
from perinat.standards import codes, oids
from perinat.standards.identifiers import Finess, Ins, Rpps, ins_key, oid_from_uuid
from perinat.standards.xds import DocumentEntry, Institution, Professional, SourcePatient, SubmissionSet

MATERNITY = "maternite@hopital-fictif.mssante.fr"
MIDWIFE = "camille.durand@sage-femme.mssante.fr"
SENT_AT = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
EJ = Finess("990000010").struct_idnat
NUMBER = "2900578646123"
MOTHER_INS = Ins(NUMBER + ins_key(NUMBER), oids.INS_NIR_TEST)


def _rpps() -> str:
    for last in range(10):
        try:
            return Rpps(f"8990000000{last}").ps_idnat
        except ValueError:
            continue
    raise AssertionError("one digit in ten closes a Luhn number")


AUTHOR = Professional(
    _rpps(), "PETIT", "Hélène", codes.SPECIALTIES["G15_50"], Institution("Maternité de l'hôpital fictif", EJ)
)
MOTHER = SourcePatient(
    birth_family_name="Lefèvre-d'Hérouville",
    birth_given_names="Zoé Marie",
    birth_date=date(1990, 5, 2),
    sex="F",
    local_id="IPP000042",
    local_oid="1.2.250.1.999.1.2",
    ins=MOTHER_INS,
)
SENDER = Sender(
    name="Maternité de l'hôpital fictif",
    struct_idnat=EJ,
    legal_struct_idnat=EJ,
    facility_code="SA01",
    user=AUTHOR,
    user_role="50",
    mailbox=MATERNITY,
    phone="01 99 00 12 34",
    address=("1 rue de la Fiction", "78000", "Versailles"),
)


def document(kind: codes.DocumentType = codes.LETTRE_DE_LIAISON_SORTIE, **changes: Any) -> ParcelDocument:
    """A small sealed document; `changes` go to its DocumentEntry."""
    unique_id = oid_from_uuid(uuid.uuid5(uuid.NAMESPACE_OID, kind.code))
    patient = changes.pop("patient", MOTHER)
    cda = (
        f'<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3"><id root="{unique_id}"/>'
        f'<code code="{kind.code}"/><title>.début de ligne</title></ClinicalDocument>'
    ).encode()
    entry = DocumentEntry(
        unique_id=unique_id,
        title=kind.type.label,
        mime_type="text/xml",
        language="fr-FR",
        created_at=SENT_AT,
        service_start=datetime(2026, 3, 12, 22, 30, tzinfo=UTC),
        service_stop=SENT_AT,
        author=AUTHOR,
        legal_authenticator=AUTHOR,
        patient=patient,
        type_code=kind.type,
        class_code=kind.document_class,
        format_code=codes.FORMAT_PDF_N1,
        confidentiality=(codes.NORMAL,),
        facility=codes.FACILITIES["SA01"],
        practice=codes.PRACTICE_HOSPITAL,
        event_codes=(),
        hash_sha1=hashlib.sha1(cda, usedforsecurity=False).hexdigest(),
        size=len(cda),
    )
    return ParcelDocument(
        cda=cda,
        pdf_a=b"%PDF-1.4\n%" + kind.code.encode(),
        entry=dataclasses.replace(entry, **changes),
        set_id=oid_from_uuid(uuid.uuid5(uuid.NAMESPACE_URL, kind.code)),
        version=1,
    )


def parcel(*documents: ParcelDocument, patient: SourcePatient = MOTHER, **changes: Any) -> Parcel:
    """A parcel from the maternity to the midwife; `changes` replace its fields."""
    shipment = uuid.UUID("6f2d2c53-43b5-4b9e-9f1e-2d7a54f1a001")
    made = Parcel(
        shipment_id=shipment,
        action=Action.SEND,
        sender=SENDER,
        recipient=Recipient("Camille DURAND", MIDWIFE),
        patient=patient,
        submission_set=SubmissionSet(
            unique_id=oid_from_uuid(shipment),
            source_id="1.2.250.1.999.1.1",
            submitted_at=SENT_AT,
            author=AUTHOR,
            content_type=codes.ACTIVITY_HOSPITAL_STAY,
            patient=patient,
        ),
        message_id=f"{shipment}@perinat.example",
        documents=documents or (document(patient=patient),),
    )
    return dataclasses.replace(made, **changes)


def config(**changes: Any) -> MssanteConfig:
    """A configuration without network; `changes` replace its fields."""
    made = MssanteConfig(pki_dir=Path("absent"), mailboxes={MATERNITY: EJ, MIDWIFE: EJ})
    return dataclasses.replace(made, **changes)
