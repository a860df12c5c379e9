"""A Shipment row → the Parcel that crosses the border. Reads only; bytes come from sealed versions."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from django.conf import settings

from coordination import blobs
from coordination.cda.entry import document_entry, source_patient
from coordination.cda.model import DocumentContent
from coordination.models import ChannelName, Document, DocumentVersion, Organisation, Shipment
from coordination.ports import Action, Parcel, ParcelDocument, Recipient, Sender
from coordination.selectors import contents, patient_mail
from perinat.standards import codes, confidentiality, xds


class UnsealedVersionError(Exception):
    """A version of the shipment has no sealed CDA: it must not be claimed yet."""


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """A version with its clear bytes, read once for the rules and for the parcel."""

    version: DocumentVersion
    cda: bytes
    pdf: bytes

    @property
    def cda_sha256(self) -> str:
        """Of the clear bytes, as they were stored; AES-GCM proves that they still are the same."""
        assert self.version.cda is not None
        return self.version.cda.sha256


def load(shipment: Shipment) -> list[LoadedVersion]:
    """The sealed versions of a shipment with their bytes, oldest document first.

    Patient, stay and site are those of the shipment, read once: beyond some ten joined tables PostgreSQL
    takes longer to plan the statement than to run it.
    """
    versions = shipment.versions.select_related("cda", "readable", "document__author").order_by()
    loaded = []
    for version in sorted(versions, key=lambda one: (one.document.created_at, one.number)):
        if version.cda is None or version.readable is None or version.sealed_at is None:
            raise UnsealedVersionError(str(version.pk))
        _place(version.document, shipment)
        loaded.append(LoadedVersion(version, blobs.read(version.cda), blobs.read(version.readable)))
    return loaded


def _place(document: Document, shipment: Shipment) -> None:
    """Give a document the rows that its shipment already holds."""
    if document.stay_id == shipment.stay_id:
        document.stay = shipment.stay
    if document.organisation_id == shipment.organisation_id:
        document.organisation = shipment.organisation
    if document.person_id == document.stay.mother_id:
        document.person = document.stay.mother
    elif document.person_id == shipment.person_id:
        document.person = shipment.person


def parcel(shipment: Shipment, loaded: list[LoadedVersion]) -> Parcel:
    """The parcel of a shipment; the same at every attempt. Raises PermanentChannelError: her wish closes the way."""
    if shipment.channel == ChannelName.MSSANTE and not shipment.to_patient:
        patient_mail.require_carers_open(shipment)
    first = loaded[0].version.document if loaded else None
    sealed = [contents.frozen_content(one.version, pdf=b"") for one in loaded]
    patient = source_patient(sealed[0].patient) if sealed else patient_mail.patient(shipment.person)
    author = _professional(first) if first else patient_mail.author(shipment)
    return Parcel(
        shipment_id=shipment.pk,
        action=Action(shipment.action),
        sender=_sender(shipment, author),
        recipient=_recipient(shipment),
        patient=patient,
        submission_set=xds.SubmissionSet(
            unique_id=shipment.set_unique_id,
            source_id=settings.DMP_SOURCE_ID,
            submitted_at=shipment.created_at,
            author=author,
            content_type=_activity(shipment),
            patient=patient,
            title=first.title if first else "",
        ),
        message_id=shipment.message_id,
        documents=tuple(_document(shipment, *pair) for pair in zip(loaded, sealed, strict=True)),
        reason=shipment.reason,
        previous_message_id=_previous_message_id(shipment, loaded),
        secret=any(confidentiality.SECRET in one.version.masks for one in loaded),
        letter=patient_mail.letter(shipment) if shipment.to_patient else None,
    )


def _recipient(shipment: Shipment) -> Recipient:
    if shipment.to_patient:
        return patient_mail.recipient(shipment)
    return Recipient(shipment.recipient_name, shipment.mailbox.address if shipment.mailbox else "")


def _previous_message_id(shipment: Shipment, loaded: list[LoadedVersion]) -> str:
    """Message-ID of the mail that brought these documents to the same recipient (replies: ECO.2.2.2)."""
    if shipment.to_patient:
        return patient_mail.answered_message_id(shipment)
    if shipment.mailbox_id is None or (shipment.action == Action.SEND and loaded[0].version.number == 1):
        return ""
    documents = [one.version.document_id for one in loaded]
    earlier = Shipment.objects.filter(
        channel=shipment.channel, versions__document__in=documents, created_at__lt=shipment.created_at
    )
    if shipment.recipient_id:
        earlier = earlier.filter(recipient_id=shipment.recipient_id)
    else:
        earlier = earlier.filter(recipient__isnull=True, mailbox_id=shipment.mailbox_id)
    return earlier.order_by("-created_at").values_list("message_id", flat=True).first() or ""


def _document(shipment: Shipment, one: LoadedVersion, content: DocumentContent) -> ParcelDocument:
    version, document = one.version, one.version.document
    assert version.sealed_at is not None
    entry = document_entry(
        content,
        unique_id=version.unique_id,
        cda=one.cda,
        now=version.sealed_at,
        masks=confidentiality.masks_of(version.masks),
    )
    replaced = version.unique_id if shipment.action == Action.WITHDRAW else content.replaces_unique_id
    return ParcelDocument(
        cda=one.cda,
        pdf_a=one.pdf,
        entry=entry,
        set_id=document.set_id,
        version=version.number,
        replaces_unique_id=replaced,
        note=_note(shipment, document),
    )


def _note(shipment: Shipment, document: Document) -> str:
    """What the software that pushed the paper asked to write to professionals, in the mail that brings it."""
    words = document.words if document.words_id else None
    to_professionals = shipment.channel == ChannelName.MSSANTE and not shipment.to_patient
    if not to_professionals or shipment.action == Action.WITHDRAW or words is None:
        return ""
    return str(json.loads(blobs.read(words)).get("to_professionals", ""))


def _professional(document: Document) -> xds.Professional:
    """The author of the lot: the professional in whose name the papers are sent."""
    author, site = document.author, document.organisation
    return xds.Professional(
        ps_idnat=author.ps_idnat,
        family_name=author.family_name,
        given_name=author.given_name,
        specialty=author.specialty,
        institution=xds.Institution(site.name, site.struct_idnat),
    )


def _sender(shipment: Shipment, author: xds.Professional) -> Sender:
    """From her own box under her own name, with title and entity (ECO.2.2.7); else from the site."""
    site = sender(shipment.organisation, author)
    if not shipment.sent_from or shipment.sender.professional is None:
        return site
    person = shipment.sender.professional
    words = (person.civility, person.given_name, person.family_name.upper(), shipment.organisation.name)
    return replace(site, name=" ".join(word for word in words if word), mailbox=shipment.sent_from)


def sender(site: Organisation, author: xds.Professional) -> Sender:
    """The site that sends; the act is imputed to the author (INDIRECTE mode, imputed to the structure)."""
    return Sender(
        name=site.name,
        struct_idnat=site.struct_idnat,
        legal_struct_idnat=site.legal_struct_idnat,
        facility_code=site.facility_code,
        user=author,
        user_role=author.specialty.code.removeprefix("G15_").split("/")[0],
        mailbox=site.mailbox,
        phone=site.phone,
        address=(site.address_line, site.postal_code, site.city),
    )


def _activity(shipment: Shipment) -> codes.Code:
    in_hospital = shipment.organisation_id == shipment.stay.maternity_id
    return codes.ACTIVITY_HOSPITAL_STAY if in_hospital else codes.ACTIVITY_OUTPATIENT
