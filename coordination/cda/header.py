"""CDA R2 header, part by part, in the order of the schema.

Source: CI-SIS « Structuration minimale des documents de santé » V1.16.8; XSD CDA_extended (sdtc
extensions for multiple births). Values are checked before (`completeness`): nothing here decides.
"""

from __future__ import annotations

from datetime import datetime

from coordination.cda.markup import address, code, day, identifier, instant, telecom, text
from coordination.cda.model import (
    INFORMANTS,
    PARTICIPANTS,
    Address,
    DocumentContent,
    EncounterContent,
    Guardian,
    InformantContent,
    OrganizationContent,
    ParticipantContent,
    PatientContent,
    ProfessionalContent,
)
from perinat.standards import oids
from perinat.standards.codes import NORMAL, Code

SEXES = {
    "F": Code("F", oids.HL7_ADMINISTRATIVE_GENDER, "Féminin"),
    "M": Code("M", oids.HL7_ADMINISTRATIVE_GENDER, "Masculin"),
    "U": Code("UN", oids.HL7_ADMINISTRATIVE_GENDER, "Inconnu"),  # JDV_J143 writes UN where HL7 v2 has U
}
# JDV_J245 (civilité, name/prefix) and JDV_J246 (titre, name/suffix), by what people write
_PREFIXES = {"M": "M", "MR": "M", "MONSIEUR": "M", "MME": "MME", "MADAME": "MME"}
_SUFFIXES = {"DR": "DR", "DOCTEUR": "DR", "PR": "PR", "PROFESSEUR": "PR"}


def opening(*, sdtc: bool, xsi: bool) -> str:
    """Declaration and root element; the sdtc and xsi namespaces only where they are used."""
    extra = f' xmlns:sdtc="{oids.NS_SDTC}"' if sdtc else ""
    extra += f' xmlns:xsi="{oids.NS_XSI}"' if xsi else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument xmlns="{oids.NS_HL7}"{extra}>'


def document(content: DocumentContent, unique_id: str, now: datetime, templates: tuple[tuple[str, str], ...]) -> str:
    """realmCode to versionNumber. `templates`: (root, extension) after that of HL7 France."""
    return "".join(
        (
            '<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>',
            identifier(oids.TEMPLATE_HL7_FRANCE, tag="templateId"),
            *(identifier(root, extension, tag="templateId") for root, extension in templates),
            identifier(unique_id),
            code("code", content.type.type),
            f"<title>{text(content.title)}</title>",
            f'<effectiveTime value="{instant(now)}"/>',
            code("confidentialityCode", NORMAL),
            '<languageCode code="fr-FR"/>',
            identifier(content.set_id, tag="setId"),
            f'<versionNumber value="{content.version}"/>',
        )
    )


def record_target(patient: PatientContent) -> str:
    """recordTarget: the qualified INS first when there is one, then the local identifier."""
    ids = [identifier(patient.ins.oid, patient.ins.matricule)] if patient.ins else []
    if patient.local_id:
        ids.append(identifier(patient.local_oid, patient.local_id))
    born = instant(patient.birth_at) if patient.birth_at else day(patient.birth_date)
    return (
        f"<recordTarget><patientRole>{''.join(ids)}{_address(patient.address)}{telecom(patient.phone, 'H')}"
        f'<patient classCode="PSN">{_patient_name(patient)}{code("administrativeGenderCode", SEXES[patient.sex])}'
        f'<birthTime value="{born}"/>{_multiple_birth(patient.birth_order)}'
        f"{_guardian(patient.guardian)}{_birthplace(patient.birth_place_cog)}</patient></patientRole></recordTarget>"
    )


def _patient_name(patient: PatientContent) -> str:
    """RNIV strict traits (qualifier BR and the unqualified list), then the names in use (CL)."""
    first = patient.birth_given_names.split()[0]
    return (
        f'<name><family qualifier="BR">{text(patient.birth_family_name)}</family>'
        f"<given>{text(patient.birth_given_names)}</given>"
        f'<given qualifier="BR">{text(first)}</given>{_used_name(patient, first)}</name>'
    )


def _used_name(patient: PatientContent, first: str) -> str:
    """The pair of names in use, only when the site collected at least one of them."""
    if not (patient.used_family_name or patient.used_given_name):
        return ""
    family = patient.used_family_name or patient.birth_family_name
    given = patient.used_given_name or first
    return f'<family qualifier="CL">{text(family)}</family><given qualifier="CL">{text(given)}</given>'


def _multiple_birth(order: int | None) -> str:
    if order is None:
        return ""
    return f'<sdtc:multipleBirthInd value="true"/><sdtc:multipleBirthOrderNumber value="{order}"/>'


def _guardian(guardian: Guardian | None) -> str:
    if guardian is None:
        return ""
    ins = identifier(guardian.ins.oid, guardian.ins.matricule) if guardian.ins else ""
    return (
        f"<guardian>{ins}{_address(guardian.address)}{telecom(guardian.phone, 'H')}<guardianPerson><name>"
        f"<prefix>MME</prefix><family>{text(guardian.family_name)}</family><given>{text(guardian.given_name)}</given>"
        "</name></guardianPerson></guardian>"
    )


def _birthplace(cog: str) -> str:
    return f"<birthplace><place><addr><county>{text(cog)}</county></addr></place></birthplace>" if cog else ""


def _address(value: Address) -> str:
    return address(value.line, value.postal_code, value.city)


def _person_name(person: ProfessionalContent) -> str:
    return f"<assignedPerson>{_name(person)}</assignedPerson>"


def _name(person: ProfessionalContent) -> str:
    title = person.prefix.strip(" .").upper()
    prefix = f"<prefix>{_PREFIXES[title]}</prefix>" if title in _PREFIXES else ""
    suffix = f"<suffix>{_SUFFIXES[title]}</suffix>" if title in _SUFFIXES else ""
    names = f"<family>{text(person.family_name)}</family><given>{text(person.given_name)}</given>"
    return f"<name>{prefix}{names}{suffix}</name>"


def _organization(organization: OrganizationContent, industry: str = "", tag: str = "representedOrganization") -> str:
    return (
        f"<{tag}>{identifier(oids.STRUCT_IDNAT, organization.struct_idnat)}<name>{text(organization.name)}</name>"
        f"{telecom(organization.phone, 'WP')}{_address(organization.address)}{industry}</{tag}>"
    )


def _assigned(tag: str, person: ProfessionalContent, industry: str = "") -> str:
    """assignedAuthor or assignedEntity, the same parts in the same order."""
    return (
        f"<{tag}>{identifier(oids.PS_IDNAT, person.ps_idnat)}{code('code', person.specialty)}"
        f"{_address(person.organization.address)}{telecom(person.phone or person.organization.phone, 'WP')}"
        f"{_person_name(person)}{_organization(person.organization, industry)}</{tag}>"
    )


def author(content: DocumentContent) -> str:
    return (
        f'<author><time value="{instant(content.authored_at)}"/>{_assigned("assignedAuthor", content.author)}</author>'
    )


def custodian(organization: OrganizationContent) -> str:
    inner = _organization(organization, tag="representedCustodianOrganization")
    return f"<custodian><assignedCustodian>{inner}</assignedCustodian></custodian>"


def legal_authenticator(content: DocumentContent) -> str:
    return (
        f'<legalAuthenticator><time value="{instant(content.authenticated_at)}"/><signatureCode code="S"/>'
        f"{_assigned('assignedEntity', content.legal_authenticator)}</legalAuthenticator>"
    )


def documentation_of(content: DocumentContent) -> str:
    """The main act: its period, and its performer with the practice setting (1..1 each)."""
    encounter = content.encounter
    event = code("code", encounter.event) if encounter.event else ""
    industry = code("standardIndustryClassCode", encounter.practice)
    performer = _assigned("assignedEntity", content.performer or content.author, industry)
    return (
        f"<documentationOf><serviceEvent>{event}{_period(encounter)}"
        f'<performer typeCode="PRF">{performer}</performer>'
        "</serviceEvent></documentationOf>"
    )


def related_document(replaces_unique_id: str) -> str:
    if not replaces_unique_id:
        return ""
    parent = f"<parentDocument>{identifier(replaces_unique_id)}</parentDocument>"
    return f'<relatedDocument typeCode="RPLC">{parent}</relatedDocument>'


def component_of(encounter: EncounterContent) -> str:
    kind = code("code", encounter.code) if encounter.code else ""
    responsible = (
        f"<responsibleParty>{_assigned('assignedEntity', encounter.responsible)}</responsibleParty>"
        if encounter.responsible
        else ""
    )
    return (
        f"<componentOf><encompassingEncounter>{kind}{_period(encounter)}{responsible}<location><healthCareFacility>"
        f"{_place(encounter)}</healthCareFacility></location></encompassingEncounter></componentOf>"
    )


def _place(encounter: EncounterContent) -> str:
    place, facility = encounter.place, code("code", encounter.facility)
    if place is None:
        return facility
    return (
        f"{identifier(oids.STRUCT_IDNAT, place.struct_idnat)}{facility}<location><name>{text(place.name)}</name>"
        f"{_address(place.address)}</location>"
    )


def informants(content: DocumentContent) -> str:
    """Relatives who gave information, to be warned or trusted (JDV_J10: CON, ECON, NOK)."""
    return "".join(_informant(informant) for informant in content.informants)


def _informant(informant: InformantContent) -> str:
    relation = code("code", informant.relation) if informant.relation else ""
    return (
        f'<informant><relatedEntity classCode="{INFORMANTS[informant.kind]}">{relation}{_address(informant.address)}'
        f"{telecom(informant.phone, 'H')}<relatedPerson><name><family>{text(informant.family_name)}</family>"
        f"<given>{text(informant.given_name)}</given></name></relatedPerson></relatedEntity></informant>"
    )


def relatives(content: DocumentContent) -> dict[tuple[str, str], str]:
    """What the body says again of the relatives of the header (`spec.nodes.Known`): (relation, what) → XML."""
    found: dict[tuple[str, str], str] = {}
    for one in content.informants:
        if one.relation is None:
            continue
        code = one.relation.code
        contact = _address(one.address) if one.address != Address() else ""
        contact += telecom(one.phone, "H") if one.phone else ""
        prefix = "<prefix>MME</prefix>" if code == "MTH" else ""  # as the guardian's name
        named = f"<name>{prefix}<family>{text(one.family_name)}</family><given>{text(one.given_name)}</given></name>"
        for what, written in (("contact", contact), ("name", named), ("person", f"<subject>{named}</subject>")):
            found.setdefault((code, what), written)
    return found


def recipients(content: DocumentContent) -> str:
    return "".join(
        f"<informationRecipient><intendedRecipient>{identifier(oids.PS_IDNAT, person.ps_idnat)}"
        f"<informationRecipient>{_name(person)}</informationRecipient><receivedOrganization>"
        f"{identifier(oids.STRUCT_IDNAT, person.organization.struct_idnat)}"
        f"<name>{text(person.organization.name)}</name></receivedOrganization></intendedRecipient>"
        "</informationRecipient>"
        for person in content.recipients
    )


def participants(content: DocumentContent) -> str:
    """The professionals of the circle (médecin traitant, correspondent, member of the team…)."""
    return "".join(_participant(participant) for participant in content.participants)


def _participant(participant: ParticipantContent) -> str:
    type_code, function = PARTICIPANTS[participant.role]
    title = f"<originalText>{text(participant.title)}</originalText>" if participant.title else ""
    role = code("functionCode", function).replace("/>", f">{title}</functionCode>") if function else ""
    time = f'<low value="{instant(participant.since)}"/>' if participant.since else ""
    interval = f'<time xsi:type="IVL_TS">{time}</time>' if time else '<time xsi:type="IVL_TS" nullFlavor="NA"/>'
    person = participant.professional
    return (
        f'<participant typeCode="{type_code}">{role}{interval}<associatedEntity classCode="PROV">'
        f"{identifier(oids.PS_IDNAT, person.ps_idnat)}{code('code', person.specialty)}"
        f"{_address(person.organization.address)}{telecom(person.phone or person.organization.phone, 'WP')}"
        f"<associatedPerson>{_name(person)}</associatedPerson>"
        f"{_organization(person.organization, tag='scopingOrganization')}</associatedEntity></participant>"
    )


def _period(encounter: EncounterContent) -> str:
    high = f'<high value="{instant(encounter.end)}"/>' if encounter.end else ""
    return f'<effectiveTime><low value="{instant(encounter.start)}"/>{high}</effectiveTime>'
