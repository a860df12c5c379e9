"""Rows → what a document says (`cda.model`), and → who the patient is for a channel (`xds`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coordination.cda import frozen
from coordination.cda.model import (
    Address,
    DocumentContent,
    EncounterContent,
    Guardian,
    PatientContent,
)
from coordination.models import (
    Document,
    DocumentVersion,
    Draft,
    LocalIdentifier,
    Newborn,
    Organisation,
    Person,
)
from coordination.selectors import circle
from coordination.selectors.circle import organization, professional


class MissingDatumError(ValueError):
    """The document cannot be written yet; `message_fr` names what is missing."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def local_identifier(person: Person, site: Organisation) -> tuple[str, str]:
    """(IPP, OID of the site that gave it)."""
    found = LocalIdentifier.objects.filter(person=person, organisation=site).values_list("value", flat=True)
    value = next(iter(found), None)  # at most one in a site
    if value is None:
        raise MissingDatumError("Le numéro IPP de cette personne manque pour ce site.")
    if not site.ipp_oid:
        raise MissingDatumError("L'OID des IPP du site n'est pas renseigné.")
    return value, site.ipp_oid


def patient(document: Document) -> PatientContent:
    """recordTarget of a document, with the guardian when it is about a newborn."""
    local = local_identifier(document.person, document.stay.maternity)
    return _patient(document.person, *local, about_newborn=document.is_about_newborn)


def _patient(person: Person, local_id: str, local_oid: str, *, about_newborn: bool) -> PatientContent:
    birth = Newborn.objects.filter(person=person).select_related("stay__mother")
    newborn = birth.first() if about_newborn else None
    return PatientContent(
        birth_family_name=person.birth_family_name,
        birth_given_names=person.birth_given_names,
        birth_date=person.birth_date,
        sex=person.sex,
        local_id=local_id,
        local_oid=local_oid,
        ins=person.ins,
        used_family_name=person.used_family_name,
        used_given_name=person.used_given_name,
        birth_place_cog=person.birth_place_cog,
        address=Address(person.address_line, person.postal_code, person.city),
        phone=person.phone,
        birth_at=newborn.born_at if newborn else None,
        birth_order=_birth_order(newborn) if newborn else None,
        guardian=_guardian(newborn) if newborn else None,
    )


def _birth_order(newborn: Newborn) -> int | None:
    return newborn.rank if newborn.stay.newborns.count() > 1 else None


def _guardian(newborn: Newborn) -> Guardian:
    mother = newborn.stay.mother
    address = Address(mother.address_line, mother.postal_code, mother.city)
    return Guardian(mother.birth_family_name, mother.first_given_name, mother.ins, mother.phone, address)


def content(version: DocumentVersion, *, pdf: bytes) -> DocumentContent:
    """The content of a version being validated. Raises MissingDatumError."""
    document = version.document
    stay, site = document.stay, document.organisation
    if version.validated_at is None:
        raise MissingDatumError("Le document n'est pas validé.")
    in_hospital = site.pk == stay.maternity_id
    about, written_here = patient(document), bool(document.volet)
    if written_here:
        about = circle.at_home(about)
    return DocumentContent(
        type=document.type,
        title=document.title,
        patient=about,
        author=professional(document.author, site),
        authored_at=version.validated_at,
        legal_authenticator=professional(document.legal_authenticator, site),
        authenticated_at=version.validated_at,
        custodian=organization(site),
        encounter=EncounterContent(
            start=stay.admitted_at if in_hospital else version.validated_at,
            end=stay.leaves_at if in_hospital else None,  # a visit is one instant: no interval to write
            facility=site.facility,
            practice=site.practice,
            responsible=circle.responsible(document) if written_here else None,
            place=organization(site) if written_here else None,
        ),
        set_id=document.set_id,
        version=version.number,
        replaces_unique_id=_replaced(version),
        pdf=pdf,
        volet=document.volet,
        participants=circle.participants(document) if written_here else (),
        informants=circle.informants(about) if written_here else (),
        recipients=circle.recipients(document) if written_here else (),
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What is being written, and the part of its header that it has to agree with (`cda.model.Framed`)."""

    body: Mapping[str, Any]
    patient: PatientContent
    encounter: EncounterContent


def written(draft: Draft, body: Mapping[str, Any]) -> Written:
    """A draft as its document would be; what only the validation knows (the IPP, who signs) is left out."""
    stay, site = draft.stay, draft.stay.maternity
    about = _patient(draft.person, "", "", about_newborn=draft.person_id != stay.mother_id)
    return Written(body, about, EncounterContent(stay.admitted_at, stay.leaves_at, site.facility, site.practice))


def _replaced(version: DocumentVersion) -> str:
    """OID of the version that this one replaces for who receives it; empty when they held none."""
    return version.replaces.unique_id if version.replaces is not None else ""


def frozen_content(version: DocumentVersion, *, pdf: bytes, body: Mapping[str, Any] | None = None) -> DocumentContent:
    """What was validated, with the INS: that of today when sealing, that of the sealed bytes afterwards.

    `body`: the case of a structured document, which its header alone does not need.
    """
    if version.frozen is None:
        raise MissingDatumError("Le document n'est pas validé.")
    document, sealed = version.document, version.sealed_at is not None
    return frozen.thaw(
        version.frozen,
        ins=frozen.sealed_ins(version.frozen, "patient") if sealed else document.person.ins,
        guardian_ins=frozen.sealed_ins(version.frozen, "guardian") if sealed else document.stay.mother.ins,
        version=version.number,
        replaces_unique_id=_replaced(version),
        pdf=pdf,
        body=body,
    )
