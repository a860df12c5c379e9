"""The Shipment of a message to a person → what its Parcel has of its own: who, which words, and what closes the way."""

from __future__ import annotations

import re

from coordination import blobs
from coordination.models import PatientLetter, Person, Shipment
from coordination.papers.patient_letters import REPLACED, WITHDRAWN, Signature, about_papers
from coordination.ports import Action, Letter, PermanentChannelError, Recipient
from coordination.selectors import patient_boxes
from perinat.standards import codes, xds
from perinat.standards.patient_box import address_of

MESSAGE_ID = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
MIDWIFE = codes.SPECIALTIES["G15_50"]


def recipient(shipment: Shipment) -> Recipient:
    """Her address, made now. Raises PermanentChannelError: something closes the way since it was written."""
    _require_open(patient_boxes.closed(shipment.person))
    return Recipient(shipment.person.display_name, address_of(patient_boxes.qualified_ins(shipment.person)))


def require_carers_open(shipment: Shipment) -> None:
    """Raises PermanentChannelError: she opposes messages between professionals."""
    _require_open(patient_boxes.carers_closed(shipment.person_id))


def _require_open(closed: patient_boxes.Closed | None) -> None:
    """An opposition is a normal answer about the patient; an identity that is no longer sure is somebody's task."""
    if closed is not None:
        functional = closed.code in (patient_boxes.OPPOSED, patient_boxes.CARERS_OPPOSED)
        raise PermanentChannelError(f"perinat:{closed.code}", closed.message_fr, functional=functional)


def letter(shipment: Shipment) -> Letter:
    """Its words as they were frozen; those of a replacement or of a withdrawal, which nobody wrote, are ours."""
    row = PatientLetter.objects.filter(shipment=shipment).select_related("text").first()
    if row is not None:
        told = blobs.read_json(row.text)
        return Letter(told["subject"], told["text"], row.closes)
    last = PatientLetter.objects.filter(person=shipment.person_id, organisation=shipment.organisation_id)
    closes = bool(last.order_by("-written_at").values_list("closes", flat=True).first())
    what = WITHDRAWN if shipment.action == Action.WITHDRAW else REPLACED
    site = shipment.organisation
    text = about_papers(what, signature=Signature(site.name, site.phone), may_answer=not closes)
    return Letter("Un document a changé", text, closes)


def answered_message_id(shipment: Shipment) -> str:
    """Message-ID of the mail of hers that this one answers (ECO.2.2.2); empty when there is none that can be named."""
    named = PatientLetter.objects.filter(shipment=shipment).values_list("answers__message_id", flat=True).first() or ""
    return named if MESSAGE_ID.fullmatch(named) else ""


def patient(person: Person) -> xds.SourcePatient:
    """Who is written to, when no paper goes with the words: no number of the site is needed."""
    return xds.SourcePatient(
        birth_family_name=person.birth_family_name,
        birth_given_names=person.birth_given_names,
        birth_date=person.birth_date,
        sex=person.sex,
        local_id="",
        local_oid="",
        ins=person.ins,
    )


def author(shipment: Shipment) -> xds.Professional:
    """In whose name it leaves: who wrote it, else the doctor of the stay; a site without either writes as itself."""
    site = shipment.organisation
    institution = xds.Institution(site.name, site.struct_idnat)
    found = shipment.sender.professional or shipment.stay.physician
    if found is None:
        return xds.Professional("", site.name, "", MIDWIFE, institution)
    return xds.Professional(found.ps_idnat, found.family_name, found.given_name, found.specialty, institution)
