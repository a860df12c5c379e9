"""Who stands in the header of a document, from what a stay knows: professionals, relatives, recipients.

The médecin traitant, the midwife and the PMI are those that the mother chose; the responsible physician is that of
the stay; of relatives, only a newborn's mother is known. Since when is not known: it is not written.
"""

from __future__ import annotations

from dataclasses import replace

from coordination.cda.model import (
    Address,
    InformantContent,
    OrganizationContent,
    ParticipantContent,
    PatientContent,
    ProfessionalContent,
)
from coordination.models import CareRole, CareTeamMember, Document, Newborn, Organisation, Professional
from perinat.standards import codes, oids
from perinat.standards.codes import Code

_MOTHER = Code("MTH", oids.HL7_ROLE_CODE, "Mère")


def organization(site: Organisation) -> OrganizationContent:
    return OrganizationContent(
        struct_idnat=site.struct_idnat,
        name=site.name,
        phone=site.phone,
        address=Address(site.address_line, site.postal_code, site.city),
    )


def professional(person: Professional, site: Organisation) -> ProfessionalContent:
    return ProfessionalContent(
        ps_idnat=person.ps_idnat,
        family_name=person.family_name,
        given_name=person.given_name,
        specialty=person.specialty,
        organization=organization(site),
        prefix=person.civility,
        phone=person.phone,
    )


def responsible(document: Document) -> ProfessionalContent:
    """Who answers for the stay: its physician, else whoever signs."""
    return professional(document.stay.physician or document.legal_authenticator, document.organisation)


def participants(document: Document) -> tuple[ParticipantContent, ...]:
    """The physician of the stay (RESP), then who follows the mother, as the OBP volets name them.

    Her médecin traitant is hers, not her child's: in the child's documents he is a correspondent. Without one,
    her midwife is the correspondent that the volets ask for.
    """
    team = document.stay.care_team.filter(ended_at__isnull=True, role__in=(CareRole.GP, CareRole.MIDWIFE))
    members = team.select_related("professional__organisation").order_by("role", "chosen_at")
    has_gp = any(member.role == CareRole.GP for member in members)
    named = (ParticipantContent("responsible", responsible(document)),) if document.stay.physician else ()
    return (*named, *(_participant(member, document, has_gp=has_gp) for member in members))


def _participant(member: CareTeamMember, document: Document, *, has_gp: bool) -> ParticipantContent:
    person = professional(member.professional, member.professional.organisation)
    if member.role == CareRole.MIDWIFE:
        return ParticipantContent("team" if has_gp else "correspondent", person, "Sage-femme référente")
    if document.is_about_newborn:
        return ParticipantContent("correspondent", person, "Médecin traitant de la mère")
    return ParticipantContent("attending", person, "Médecin traitant")


def recipients(document: Document) -> tuple[ProfessionalContent, ...]:
    """To whom it is sent: the carers that the mother chose and was informed of, each once (`services.routing`).

    Nobody is named in what her carers may not see: masked to professionals, or of a child whose link ended.
    """
    closed = Newborn.objects.filter(person=document.person_id, link_ended_at__isnull=False).exists()
    if closed or codes.MASQUE_PS.code in document.masks:
        return ()
    chosen = document.stay.care_team.filter(
        ended_at__isnull=True, informed_at__isnull=False, role__in=(CareRole.MIDWIFE, CareRole.GP, CareRole.PMI)
    ).exclude(professional_id=document.author_id)
    members = chosen.select_related("professional__organisation").order_by("chosen_at")
    people = dict.fromkeys(member.professional for member in members)
    return tuple(professional(person, person.organisation) for person in people)


def informants(patient: PatientContent) -> tuple[InformantContent, ...]:
    """A newborn's mother, whom the ward reaches for the child; her own relatives are not kept in perinat."""
    mother = patient.guardian
    if mother is None:
        return ()
    return (
        InformantContent("informant", mother.family_name, mother.given_name, _MOTHER, mother.phone, mother.address),
    )


def at_home(patient: PatientContent) -> PatientContent:
    """A newborn whose own address nobody typed lives with the mother: CSE-CS8 wants the postal code."""
    if patient.guardian is None or patient.address != Address():
        return patient
    return replace(patient, address=patient.guardian.address)
