"""DocumentContent and its sealed bytes → XDS DocumentEntry.

Source: CI-SIS mapping CDA header → XDS metadata. The values are taken from the content that made
the CDA, so header and metadata cannot differ.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from coordination.cda.errors import CdaContentError
from coordination.cda.model import DocumentContent, OrganizationContent, PatientContent, ProfessionalContent
from coordination.cda.volets import VOLETS
from perinat.standards import confidentiality
from perinat.standards.codes import FORMAT_PDF_N1, NORMAL, Code
from perinat.standards.xds import DocumentEntry, Institution, Professional, SourcePatient


def document_entry(
    content: DocumentContent,
    *,
    unique_id: str,
    cda: bytes,
    now: datetime,
    masks: tuple[Code, ...] = (),
) -> DocumentEntry:
    """The entry of one sealed document. `now`: the instant given to `build` (creationTime).

    `masks`: codes.MASKS asked at deposit, put after N. Instants stay aware: ebRIM writes UTC. Raises
    CdaContentError: two masks that do not go together.
    """
    forbidden = confidentiality.refusal((mask.code for mask in masks), minor=True)
    if forbidden:
        raise CdaContentError((), (forbidden.removesuffix("."),))
    encounter = content.encounter
    return DocumentEntry(
        unique_id=unique_id,
        title=" ".join(content.title.split()),
        mime_type="text/xml",
        language="fr-FR",
        created_at=now,
        service_start=encounter.start,
        service_stop=encounter.end,
        author=professional(content.author),
        legal_authenticator=professional(content.legal_authenticator),
        patient=source_patient(content.patient),
        type_code=content.type.type,
        class_code=content.type.document_class,
        format_code=VOLETS[content.volet].format if content.volet else FORMAT_PDF_N1,
        confidentiality=(NORMAL, *masks),
        facility=encounter.facility,
        practice=encounter.practice,
        event_codes=(encounter.event,) if encounter.event else (),
        hash_sha1=hashlib.sha1(cda, usedforsecurity=False).hexdigest(),
        size=len(cda),
    )


def professional(person: ProfessionalContent) -> Professional:
    return Professional(
        ps_idnat=person.ps_idnat,
        family_name=person.family_name,
        given_name=person.given_name,
        specialty=person.specialty,
        institution=institution(person.organization),
    )


def institution(organization: OrganizationContent) -> Institution:
    return Institution(organization.name, organization.struct_idnat)


def source_patient(patient: PatientContent) -> SourcePatient:
    return SourcePatient(
        birth_family_name=patient.birth_family_name,
        birth_given_names=" ".join(patient.birth_given_names.split()),
        birth_date=patient.birth_date,
        sex=patient.sex,
        local_id=patient.local_id,
        local_oid=patient.local_oid,
        ins=patient.ins,
    )
