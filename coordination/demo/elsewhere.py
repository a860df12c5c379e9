"""What others wrote in the mothers' DMP before the birth: a practice and a laboratory that do not use perinat.

Each deposits by the DMP's own door, with its own certificate: a midwife who consults the DMP finds something there that
perinat does not hold, and the synthesis of the prenatal interview among it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from coordination import channels
from coordination.cda.builder import build
from coordination.cda.entry import document_entry, professional, source_patient
from coordination.cda.model import (
    Address,
    DocumentContent,
    EncounterContent,
    OrganizationContent,
    PatientContent,
    ProfessionalContent,
)
from coordination.demo import world
from coordination.demo.families import FAMILIES, Family, ins_of
from coordination.models import ChannelName
from coordination.papers.specimens import BANNER
from coordination.papers.synthesis import PatientBlock, render
from coordination.ports import Action, Parcel, ParcelDocument, Recipient, Sender
from perinat.standards import codes, value_sets, xds
from perinat.standards.codes import DocumentType
from perinat.standards.identifiers import oid_from_uuid

OPEN = ("NO_AUTHORIZATION", "EXPIRED")  # states of a DMP that takes what a structure deposits
HIDDEN = 3  # the blood test of this family waits to be announced to the mother
INTERVIEW = (
    ("Ce qu’elle souhaite", (("Projet", "Accouchement en maternité, sortie précoce si possible, allaitement."),)),
    ("Ses ressources", (("Entourage", "Conjoint présent, mère à proximité."), ("Travail", "Congé prévu à 34 SA."))),
    ("Points d’attention", (("Sommeil", "Difficile depuis deux semaines : à revoir à la visite suivante."),)),
)
BLOOD = (
    ("Numération", (("Hémoglobine", "11,4 g/dL"), ("Plaquettes", "238 G/L"))),
    ("Immunohématologie", (("Groupe", "A positif"), ("Agglutinines irrégulières", "Recherche négative"))),
)


@dataclass(frozen=True, slots=True)
class Writing:
    """One document to deposit: whose words, where, how long before today."""

    type: DocumentType
    title: str
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    place: world.Elsewhere
    days_ago: int


WRITINGS = (
    Writing(codes.SYNTHESE_EPISODE, "Synthèse de l’entretien prénatal précoce", INTERVIEW, world.ELSEWHERE[0], 170),
    Writing(codes.CR_BIOLOGIE, "Bilan sanguin du sixième mois", BLOOD, world.ELSEWHERE[1], 95),
)


def deposit() -> int:
    """Deposit them all; the number of documents. Raises ports.ChannelError."""
    channel, count = channels.get(ChannelName.DMP), 0
    for family in FAMILIES:
        if family.dmp in OPEN and family.qualified:
            for writing in WRITINGS:
                channel.submit(_parcel(family, writing))
                count += 1
    return count


def _parcel(family: Family, writing: Writing) -> Parcel:
    """A lot of one document, with the same identifiers each time."""
    at = timezone.now() - timedelta(days=writing.days_ago)
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"{settings.DMP_SOURCE_ID} {family.number} {writing.type.code}")
    words = content(family, writing, at, set_id=oid_from_uuid(uuid.uuid5(key, "set")))
    unique_id = oid_from_uuid(key)
    cda = build(words, unique_id=unique_id, now=at)
    author, patient = professional(words.author), source_patient(words.patient)
    hidden = family.number == HIDDEN and writing.type is codes.CR_BIOLOGIE
    masks = (codes.INVISIBLE_PATIENT,) if hidden else ()
    entry = document_entry(words, unique_id=unique_id, cda=cda, now=at, masks=masks)
    return Parcel(
        shipment_id=key,
        action=Action.SEND,
        sender=_sender(writing.place, author),
        recipient=Recipient("DMP"),
        patient=patient,
        submission_set=xds.SubmissionSet(
            unique_id=oid_from_uuid(uuid.uuid5(key, "lot")),
            source_id=settings.DMP_SOURCE_ID,
            submitted_at=at,
            author=author,
            content_type=codes.ACTIVITY_OUTPATIENT,
            patient=patient,
            title=writing.title,
        ),
        message_id=f"{key}@{settings.MESSAGE_ID_DOMAIN}",
        documents=(ParcelDocument(cda=cda, pdf_a=words.pdf, entry=entry, set_id=words.set_id, version=1),),
    )


def content(family: Family, writing: Writing, at: datetime, *, set_id: str) -> DocumentContent:
    """The document itself, about the mother of this family."""
    place = writing.place
    organization = OrganizationContent(
        f"1{place.finess}", place.name, "+33190000000", Address("1 place du Bac-à-Sable", "78990", "Valombre")
    )
    author = ProfessionalContent(
        f"8{place.rpps}",
        place.family,
        place.given,
        _listed("JDV_J01_XdsAuthorSpecialty", place.specialty),
        organization,
    )
    return DocumentContent(
        type=writing.type,
        title=writing.title,
        patient=_patient(family, place),
        author=author,
        authored_at=at,
        legal_authenticator=author,
        authenticated_at=at,
        custodian=organization,
        encounter=EncounterContent(
            at, None, _listed("JDV_J02_XdsHealthcareFacilityTypeCode", place.facility), codes.PRACTICE_AMBULATORY
        ),
        set_id=set_id,
        version=1,
        pdf=_pdf(family, writing, at),
    )


def _listed(name: str, code: str) -> codes.Code:
    """From the official list: perinat's own tables know only the kinds of structures that use it."""
    return value_sets.value_set(name).concepts[code].code


def _patient(family: Family, place: world.Elsewhere) -> PatientContent:
    return PatientContent(
        birth_family_name=family.family,
        birth_given_names=family.given,
        birth_date=family.birth,
        sex="F",
        local_id=f"{family.number:06d}",
        local_oid=place.ipp_oid,
        ins=ins_of(family),
        birth_place_cog="78646",
    )


def _pdf(family: Family, writing: Writing, at: datetime) -> bytes:
    ins = ins_of(family)
    return render(
        writing.title,
        writing.sections,
        written_at=at,
        issuer=[writing.place.name, "1 place du Bac-à-Sable", "78990 Valombre"],
        patient=PatientBlock(family.family, family.given, family.birth, "F", "", ins.matricule, ins.oid),
        signature=list(_signed(writing.place, at)),
        banner=BANNER,
    )


def _signed(place: world.Elsewhere, at: datetime) -> Iterator[str]:
    yield f"{place.given} {place.family}"
    yield f"RPPS : {place.rpps}"
    yield f"Le {timezone.localtime(at):%d/%m/%Y}"


def _sender(place: world.Elsewhere, author: xds.Professional) -> Sender:
    idnat = f"1{place.finess}"
    role = place.specialty.removeprefix("G15_").split("/")[0]
    return Sender(place.name, idnat, idnat, place.facility, author, role)
