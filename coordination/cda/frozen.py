"""A document's content as JSON and back: what a validation freezes.

The PDF and the case of a structured body (files of their own), the INS (it may arrive later, for a
newborn) and the version's numbers are left out and given again when thawing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from coordination.cda.model import (
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
from perinat.standards import codes
from perinat.standards.codes import Code
from perinat.standards.identifiers import Ins

T = TypeVar("T")


def freeze(value: DocumentContent) -> dict[str, Any]:
    """JSON-ready dict of a content; `thaw` is its inverse."""
    encounter = value.encounter
    return {
        "type": value.type.code,
        "title": value.title,
        "patient": _freeze_patient(value.patient),
        "author": _freeze_professional(value.author),
        "authored_at": value.authored_at.isoformat(),
        "legal_authenticator": _freeze_professional(value.legal_authenticator),
        "authenticated_at": value.authenticated_at.isoformat(),
        "custodian": _freeze_organization(value.custodian),
        "encounter": {
            "start": encounter.start.isoformat(),
            "end": encounter.end.isoformat() if encounter.end else None,
            "facility": encounter.facility.code,
            "practice": encounter.practice.code,
            "responsible": _freeze_professional(encounter.responsible) if encounter.responsible else None,
            "place": _freeze_organization(encounter.place) if encounter.place else None,
        },
        "set_id": value.set_id,
        "volet": value.volet,
        "participants": [_freeze_participant(participant) for participant in value.participants],
        "recipients": [_freeze_professional(recipient) for recipient in value.recipients],
        "performer": _freeze_professional(value.performer) if value.performer else None,
        "informants": [_freeze_informant(informant) for informant in value.informants],
    }


def with_traits(data: dict[str, Any], person: PatientContent) -> dict[str, Any]:
    """The frozen content under the strict traits of `person`, those that her INS qualifies; nothing else changes."""
    patient = data["patient"] | {
        "family": person.birth_family_name,
        "given": person.birth_given_names,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
        "cog": person.birth_place_cog,
    }
    return {**data, "patient": patient}


def with_sealed_ins(data: dict[str, Any], content: DocumentContent) -> dict[str, Any]:
    """The frozen content with the INS that the sealed bytes carry: a later correction changes neither."""
    guardian = content.patient.guardian
    numbers = {"patient": content.patient.ins, "guardian": guardian.ins if guardian else None}
    return {**data, "sealed": {who: [ins.matricule, ins.oid] if ins else None for who, ins in numbers.items()}}


def sealed_ins(data: dict[str, Any], who: str) -> Ins | None:
    """The INS inside the sealed bytes; `who`: patient or guardian."""
    number = data["sealed"][who]
    return Ins(*number) if number else None


def thaw(
    data: dict[str, Any],
    *,
    ins: Ins | None,
    guardian_ins: Ins | None,
    version: int,
    replaces_unique_id: str,
    pdf: bytes,
    body: Mapping[str, Any] | None = None,
) -> DocumentContent:
    """The content again. `ins` and `guardian_ins` are those of qualified identities, else None.

    `body`: the case of a structured document.
    """
    encounter = data["encounter"]
    return DocumentContent(
        type=codes.DOCUMENT_TYPES[data["type"]],
        title=data["title"],
        patient=_thaw_patient(data["patient"], ins, guardian_ins),
        author=_thaw_professional(data["author"]),
        authored_at=datetime.fromisoformat(data["authored_at"]),
        legal_authenticator=_thaw_professional(data["legal_authenticator"]),
        authenticated_at=datetime.fromisoformat(data["authenticated_at"]),
        custodian=_thaw_organization(data["custodian"]),
        encounter=EncounterContent(
            start=datetime.fromisoformat(encounter["start"]),
            end=datetime.fromisoformat(encounter["end"]) if encounter["end"] else None,
            facility=codes.FACILITIES[encounter["facility"]],
            practice=codes.PRACTICES[encounter["practice"]],
            responsible=_maybe(_thaw_professional, encounter.get("responsible")),
            place=_maybe(_thaw_organization, encounter.get("place")),
        ),
        set_id=data["set_id"],
        version=version,
        replaces_unique_id=replaces_unique_id,
        pdf=pdf,
        volet=data.get("volet", ""),
        body=body or {},
        participants=tuple(_thaw_participant(participant) for participant in data.get("participants", ())),
        recipients=tuple(_thaw_professional(recipient) for recipient in data.get("recipients", ())),
        performer=_maybe(_thaw_professional, data.get("performer")),
        informants=tuple(_thaw_informant(informant) for informant in data.get("informants", ())),
    )


def _maybe(thaw: Callable[[dict[str, Any]], T], data: dict[str, Any] | None) -> T | None:
    return thaw(data) if data else None


def _freeze_participant(value: ParticipantContent) -> dict[str, Any]:
    return {
        "role": value.role,
        "title": value.title,
        "since": value.since.isoformat() if value.since else None,
        "professional": _freeze_professional(value.professional),
    }


def _thaw_participant(data: dict[str, Any]) -> ParticipantContent:
    return ParticipantContent(
        role=data["role"],
        title=data["title"],
        since=datetime.fromisoformat(data["since"]) if data["since"] else None,
        professional=_thaw_professional(data["professional"]),
    )


def _freeze_informant(value: InformantContent) -> dict[str, Any]:
    relation = value.relation
    return {
        "kind": value.kind,
        "family": value.family_name,
        "given": value.given_name,
        "relation": [relation.code, relation.system, relation.label] if relation else None,
        "phone": value.phone,
        "address": _freeze_address(value.address),
    }


def _thaw_informant(data: dict[str, Any]) -> InformantContent:
    return InformantContent(
        kind=data["kind"],
        family_name=data["family"],
        given_name=data["given"],
        relation=Code(*data["relation"]) if data["relation"] else None,
        phone=data["phone"],
        address=Address(*data["address"]),
    )


def _freeze_address(value: Address) -> list[str]:
    return [value.line, value.postal_code, value.city]


def _freeze_organization(value: OrganizationContent) -> dict[str, Any]:
    return {
        "id": value.struct_idnat,
        "name": value.name,
        "phone": value.phone,
        "address": _freeze_address(value.address),
    }


def _thaw_organization(data: dict[str, Any]) -> OrganizationContent:
    return OrganizationContent(data["id"], data["name"], data["phone"], Address(*data["address"]))


def _freeze_professional(value: ProfessionalContent) -> dict[str, Any]:
    return {
        "id": value.ps_idnat,
        "family": value.family_name,
        "given": value.given_name,
        "specialty": value.specialty.code,
        "organization": _freeze_organization(value.organization),
        "prefix": value.prefix,
        "phone": value.phone,
    }


def _thaw_professional(data: dict[str, Any]) -> ProfessionalContent:
    return ProfessionalContent(
        ps_idnat=data["id"],
        family_name=data["family"],
        given_name=data["given"],
        specialty=codes.SPECIALTIES[data["specialty"]],
        organization=_thaw_organization(data["organization"]),
        prefix=data["prefix"],
        phone=data["phone"],
    )


def _freeze_patient(value: PatientContent) -> dict[str, Any]:
    guardian = value.guardian
    return {
        "family": value.birth_family_name,
        "given": value.birth_given_names,
        "birth_date": value.birth_date.isoformat(),
        "sex": value.sex,
        "local": [value.local_id, value.local_oid],
        "used": [value.used_family_name, value.used_given_name],
        "cog": value.birth_place_cog,
        "address": _freeze_address(value.address),
        "phone": value.phone,
        "birth_at": value.birth_at.isoformat() if value.birth_at else None,
        "birth_order": value.birth_order,
        "guardian": _freeze_guardian(guardian) if guardian else None,
    }


def _freeze_guardian(value: Guardian) -> list[str]:
    return [value.family_name, value.given_name, value.phone, *_freeze_address(value.address)]


def _thaw_patient(data: dict[str, Any], ins: Ins | None, guardian_ins: Ins | None) -> PatientContent:
    guardian = None
    if data["guardian"]:
        family, given, phone, *address = data["guardian"]
        guardian = Guardian(family, given, guardian_ins, phone, Address(*address))
    return PatientContent(
        birth_family_name=data["family"],
        birth_given_names=data["given"],
        birth_date=date.fromisoformat(data["birth_date"]),
        sex=data["sex"],
        local_id=data["local"][0],
        local_oid=data["local"][1],
        ins=ins,
        used_family_name=data["used"][0],
        used_given_name=data["used"][1],
        birth_place_cog=data["cog"],
        address=Address(*data["address"]),
        phone=data["phone"],
        birth_at=datetime.fromisoformat(data["birth_at"]) if data["birth_at"] else None,
        birth_order=data["birth_order"],
        guardian=guardian,
    )
